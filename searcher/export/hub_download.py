"""Download the files of one model from the Hugging Face Hub into huggingface_hub's cache.

No code of a repository is executed, and no pickle is read: only an ONNX file, its weights and JSON
files are downloaded.
"""

import functools
import hashlib
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from huggingface_hub import (
    constants,
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)

from searcher.errors import CannotWrite, DiskFull, HubFailed
from searcher.export.hub import HubModel
from searcher.files import PART_S, write_whole
from searcher.hub_access.hub_failures import MB, HubRequest, hub_errors

# Limits against a repository that fills the disk. Protobuf allows no larger ONNX file; the files of
# settings have a few kB, tokenizers at most some MB.
MAX_MODEL_BYTES = 2**31 - 1
MAX_CONFIG_BYTES = 64 * 2**20
ETAG = re.compile(r"[0-9A-Za-z]{1,128}")
BLOCK = 2**20  # bytes between two reports of the progress

Progress = Callable[[int, int], None]  # bytes downloaded, bytes in total


def download(model: HubModel, progress: Progress = lambda done, total: None) -> Path:
    """Download the files of a model, and return the path of its ONNX file.

    The files beside it are links into the cache. Whatever ends a download, no partial file stays.

    Args:
        model: The result of `hub.describe`.
        progress: Called with the bytes downloaded and those in total. What it raises ends the
            download.

    Raises:
        HubFailed: A file can't be downloaded, or is not what was announced.
    """
    if model.cached is not None:
        return model.cached / model.files.onnx
    name = model.reference.repository
    limit = MAX_MODEL_BYTES // MB
    if (size := model.bytes - model.text_bytes) > MAX_MODEL_BYTES:
        raise HubFailed("hub.too_large", name=name, mb=size // MB, limit=limit)
    if (size := model.text_bytes) > MAX_MODEL_BYTES:
        raise HubFailed("hub.text_too_large", name=name, mb=size // MB, limit=limit)
    constants.DOWNLOAD_CHUNK_SIZE = BLOCK  # 10 MB otherwise, so that small models jump to 100 %
    reference = model.reference
    request = HubRequest(name, reference.revision, model.bytes, model.anonymous)
    with hub_errors(HubFailed, request):
        _delete_remains(model)
        _require_room(model)
        done = 0
        for file in model.files.all:
            report = functools.partial(_report, progress, done, model, file)
            bar = functools.partial(ByteBar, report)
            path = _download_file(model, file, bar)
            _verify(model, file, path)
            done += model.sizes[file]
            progress(done, model.bytes)
    _remember_revision(model)
    return _snapshot(model) / model.files.onnx


def _report(progress: Progress, before: int, model: HubModel, file: str, done: int) -> None:
    if done > model.sizes[file]:
        raise _damaged(model, file)
    progress(before + done, model.bytes)


class ByteBar:
    """What huggingface_hub uses of tqdm: calls a function with the bytes of a file that it has."""

    def __init__(self, report: Callable[[int], None], **_: object) -> None:
        self._report = report
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, n: float | None = 1) -> None:
        """Add `n` bytes; negative where a file is downloaded from its beginning again."""
        self._done += int(n or 0)
        self._report(self._done)


def _download_file(model: HubModel, file: str, bar: Callable[..., object]) -> Path:
    """Download a file, unless the cache has it, and return its path in the cache."""
    repository = model.reference.repository
    if isinstance(cached := try_to_load_from_cache(repository, file, revision=model.commit), str):
        return Path(cached)
    # What the server answers becomes names in the cache, which huggingface_hub does not check.
    url = hf_hub_url(repository, file, revision=model.commit)
    metadata = get_hf_file_metadata(url, token=model.token)
    if (
        metadata.commit_hash != model.commit
        or not ETAG.fullmatch(metadata.etag or "")
        or metadata.size != model.sizes[file]
        or (file.endswith(".json") and metadata.size > MAX_CONFIG_BYTES)
    ):
        raise _damaged(model, file)
    kind: Any = bar  # huggingface_hub calls it as it would the class
    return Path(
        hf_hub_download(repository, file, revision=model.commit, token=model.token, tqdm_class=kind)
    )


def _verify(model: HubModel, file: str, path: Path) -> None:
    """Compare a file with its announced SHA-256; one that differs is deleted from the cache."""
    expected = model.digests.get(file)
    if expected is None:
        return
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != expected:
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise _damaged(model, file)


def _require_room(model: HubModel) -> None:
    cache = Path(constants.HF_HUB_CACHE)
    while not cache.exists():
        cache = cache.parent
    snapshot = _snapshot(model)
    missing = sum(model.sizes[file] for file in model.files.all if not (snapshot / file).exists())
    if shutil.disk_usage(cache).free < missing:
        raise HubFailed("hub.disk_full", name=model.reference.repository, mb=missing // MB)


def _delete_remains(model: HubModel) -> None:
    """Delete what a killed process left of a download."""
    for part in (_repository_folder(model) / "blobs").glob("*.incomplete"):
        with suppress(OSError):  # another process deleted it
            if time.time() - part.stat().st_mtime > PART_S:
                part.unlink()


def _remember_revision(model: HubModel) -> None:
    """Note the commit of a branch in the cache, where it is looked up if the Hub can't be asked."""
    if model.reference.revision != model.commit:
        with suppress(CannotWrite, DiskFull):
            path = _repository_folder(model) / "refs" / model.reference.revision
            write_whole(path, model.commit.encode())


def _snapshot(model: HubModel) -> Path:
    return _repository_folder(model) / "snapshots" / model.commit


def _repository_folder(model: HubModel) -> Path:
    """Return a repository's folder in the cache (huggingface_hub, "Understand caching")."""
    reference = model.reference
    return Path(constants.HF_HUB_CACHE) / f"models--{reference.owner}--{reference.name}"


def _damaged(model: HubModel, file: str) -> HubFailed:
    return HubFailed("hub.damaged", path=file, name=model.reference.repository)
