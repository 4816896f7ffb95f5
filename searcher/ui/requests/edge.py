"""Where the page meets the library: uploads come in, errors go out as sentences."""

import functools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from gradio.utils import get_upload_folder, is_in_or_equal

from searcher.errors import BadImage, InvalidRequest, ReadOnly, TwinlensError
from searcher.images.sources import printable
from searcher.library.core import Library
from searcher.library.uploads import Upload
from searcher.search.query import Query, UploadedQuery
from searcher.ui import toasts
from searcher.ui.i18n import said
from searcher.ui.requests.arguments import MAX_FILES, read_id
from searcher.ui.templating import thumbnail_path

THUMBNAIL = re.compile(r"thumbs/[0-9a-f]{2}/(\d{1,19})\.jpg")

P = ParamSpec("P")
R = TypeVar("R")


def with_sentences(handler: Callable[P, R]) -> Callable[P, R]:
    """Turn the library's errors into sentences; all others go on to GuardedBlocks."""

    @functools.wraps(handler)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with sentences():
            return handler(*args, **kwargs)

    return wrapped


@contextmanager
def sentences() -> Iterator[None]:
    """The same for a part of a handler, such as the inside of a generator."""
    try:
        yield
    except TwinlensError as error:
        raise toasts.error(said(str(error))) from error


def read_query(library: Library, payload: Any) -> Query:
    """Return what an image box holds: an uploaded file, or a picture of the library.

    `payload` is what Gradio passes with preprocess=False: a dict that a client may have made up,
    so only a file in Gradio's own upload folder is opened. Of a thumbnail only the id in its name
    is used. Raises BadImage.
    """
    path = payload.get("path") if isinstance(payload, dict) else None
    if not isinstance(path, str) or not path:
        raise BadImage("There is no picture: upload one, or paste it.")
    if match := THUMBNAIL.fullmatch(path):
        return library.stored_query(read_id(match[1]))
    upload = _uploaded(payload, library.settings.max_upload_mb)
    return UploadedQuery(upload.name, upload.path.read_bytes())


def uploaded_files(payload: Any, limit_mb: int) -> list[Upload]:
    """The same for a box of several files. Raises BadImage."""
    files = payload if isinstance(payload, list) else []
    if not files:
        raise BadImage("There are no files: choose some first.")
    if len(files) > MAX_FILES:
        raise InvalidRequest(f"At most {MAX_FILES} files can be added at once.")
    return [_uploaded(file, limit_mb) for file in files]


def library_picture(library: Library, number: Any) -> str:
    """What an image box shows for a picture of the library: its thumbnail's relative path.

    For a file that is not there, Gradio would answer with its absolute path. Raises BadImage.
    """
    picture_id = read_id(number)
    if library.records.get([picture_id]) == [None]:
        raise BadImage("This picture is not in the library any more.")
    if not library.thumbnail_path(picture_id).is_file():
        raise BadImage("The thumbnail of this picture is missing: index the picture again.")
    return thumbnail_path(picture_id)


def refuse_if_read_only(library: Library) -> None:
    """Raise ReadOnly where visitors may not change anything."""
    if library.settings.read_only:
        raise ReadOnly("Nothing can be changed here: this library is read-only.")


def _uploaded(payload: Any, limit_mb: int) -> Upload:
    path = payload.get("path") if isinstance(payload, dict) else None
    file = Path(str(path))
    try:
        there = is_in_or_equal(str(path), get_upload_folder()) and file.is_file()
        if there:
            os.utime(file)  # it is in use, so that it is not swept away
    except (OSError, ValueError):  # no file could be called that, or it has gone
        there = False
    if not there:
        raise BadImage("The picture was not uploaded here: upload it again.")
    name = printable(str(payload.get("orig_name") or "The picture"))[:120]
    if file.stat().st_size > limit_mb * 2**20:
        raise BadImage(f"{name} is larger than the {limit_mb} MB that can be uploaded here.")
    return Upload(file, name)
