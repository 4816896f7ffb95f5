"""Where the page meets the library: uploads come in, errors go out as sentences."""

import functools
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import gradio as gr
from gradio.utils import get_upload_folder, is_in_or_equal

from searcher.errors import BadImage, ReadOnly, TwinlensError
from searcher.library import Library
from searcher.search import Query
from searcher.sources import printable
from searcher.ui.language import said, tr
from searcher.uploads import Upload

log = logging.getLogger(__name__)

THUMBNAIL = re.compile(r"thumbs/[0-9a-f]{2}/(\d{1,19})\.jpg")

P = ParamSpec("P")
R = TypeVar("R")


def with_sentences(handler: Callable[P, R]) -> Callable[P, R]:
    """Turn the library's errors into messages on the page; anything else only into the log."""

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
        raise gr.Error(
            said(str(error)), title=tr("That did not work"), print_exception=False
        ) from error
    except gr.Error:
        raise
    except Exception as error:
        log.exception("a handler failed")
        raise gr.Error(
            tr("Something went wrong here; the server's log has the details."),
            title=tr("That did not work"),
            print_exception=False,
        ) from error


def read_query(payload: Any, limit_mb: int) -> Query:
    """Return what an image box holds: an uploaded file, or a picture of the library.

    `payload` is what Gradio passes with preprocess=False: a dict that a client may have made up,
    so only a file in Gradio's own upload folder is opened. Of a thumbnail only the id in its name
    is used. Raises BadImage.
    """
    path = payload.get("path") if isinstance(payload, dict) else None
    if not isinstance(path, str) or not path:
        raise BadImage("There is no picture: upload one, or paste it.")
    if stored := THUMBNAIL.fullmatch(path):
        return Query("This picture", picture_id=int(stored[1]))
    upload = _uploaded(payload, limit_mb)
    return Query(upload.name, upload.path.read_bytes())


def uploaded_files(payload: Any, limit_mb: int) -> list[Upload]:
    """The same for a box of several files. Raises BadImage."""
    files = payload if isinstance(payload, list) else []
    if not files:
        raise BadImage("There are no files: choose some first.")
    return [_uploaded(file, limit_mb) for file in files]


def read_id(number: Any) -> int:
    """A picture's id, which may come from anywhere. Raises BadImage."""
    if not str(number).isdecimal() or not 0 < int(number) < 2**63:
        raise BadImage("That is not the id of a picture.")
    return int(number)


def refuse_if_read_only(library: Library) -> None:
    """Raise ReadOnly where visitors may not change anything."""
    if library.settings.read_only:
        raise ReadOnly("Nothing can be changed here: this library is read-only.")


def _uploaded(payload: Any, limit_mb: int) -> Upload:
    path = payload.get("path") if isinstance(payload, dict) else None
    inside = isinstance(path, str) and is_in_or_equal(path, get_upload_folder())
    if not inside or not Path(str(path)).is_file():
        raise BadImage("The picture was not uploaded here: upload it again.")
    file = Path(str(path))
    name = printable(str(payload.get("orig_name") or "The picture"))[:120]
    if file.stat().st_size > limit_mb * 2**20:
        raise BadImage(f"{name} is larger than the {limit_mb} MB that can be uploaded here.")
    return Upload(file, name)
