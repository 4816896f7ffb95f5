"""Names of uploads and examples in the page's address.

An upload is named by a digest, which cannot be guessed: whoever has it may search with the picture
for as long as UploadFolder keeps it. It is not the digest in the file's path, by which the original
could be fetched, with all that is in it besides the picture.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from searcher.errors import InvalidRequest, NotFound
from searcher.library.query_label import example_files
from searcher.ui.gradio_internals import cached_path, upload_folder

DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_NAME = 255


class KeptUploads:
    """Finds uploads by their names in addresses, and the reverse."""

    def __init__(self, samples: Path) -> None:
        """`samples` is the folder with the examples' folder."""
        self._samples = samples

    def entry(self, upload: Mapping[str, Any]) -> dict[str, str]:
        """Return the parameter that names an upload, which need not exist."""
        path = Path(str(upload.get("path") or ""))
        for name, example in _examples(self._samples).items():
            if example.parts[-2:] == path.parts[-2:]:
                return {"example": name}
        return {"upload": _public_digest(path.parent.name)}

    def find(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Return the value of an image box for such a parameter, which is untrusted.

        Raises:
            NotFound: It is not there any more.
            InvalidRequest: It is no name.
        """
        if "example" in entry:
            path = _examples(self._samples).get(str(entry["example"])[:MAX_NAME])
            if path is None or not path.is_file():
                raise NotFound("upload.no_example")
            return _payload(path)
        digest = entry.get("upload")
        if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
            raise InvalidRequest("upload.digest")
        for folder in _folders():
            if _public_digest(folder.name) == digest:
                for path in sorted(folder.iterdir()):
                    if path.is_file() and not path.is_symlink():
                        return _payload(path)
        raise NotFound("upload.forgotten")


def _public_digest(digest: str) -> str:
    return hashlib.sha256(f"twinlens address {digest}".encode()).hexdigest()


def _payload(path: Path) -> dict[str, str]:
    return {"path": str(path), "orig_name": path.name}


def _folders() -> list[Path]:
    try:
        paths = list(upload_folder().iterdir())
    except OSError:
        return []
    return [path for path in paths if DIGEST.fullmatch(path.name) and path.is_dir()]


@lru_cache(maxsize=4)
def _examples(samples: Path) -> dict[str, Path]:
    """Return the copies that Gradio made of the examples, by their names."""
    return {path.stem: cached_path(path) for path in example_files(samples)}
