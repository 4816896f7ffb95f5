"""Parsing of pictures and files among a call's values."""

import os
import re
from pathlib import Path
from typing import Any

from searcher.errors import BadImage, InvalidRequest, NotFound, ReadOnly
from searcher.images.sources import printable
from searcher.library.core import Library
from searcher.library.uploads import Upload
from searcher.messages.message import message
from searcher.search.query import PictureQuery, UploadedQuery
from searcher.ui.gradio_internals import is_upload
from searcher.ui.i18n import sentence
from searcher.ui.requests.arguments import MAX_FILES, read_id
from searcher.ui.templating import thumbnail_path

THUMBNAIL = re.compile(r"thumbs/[0-9a-f]{2}/(\d{1,19})\.jpg")


def read_query(library: Library, payload: Any) -> PictureQuery:
    """Return the query of an image box: an uploaded file, or a picture of the library.

    Args:
        library: Where stored pictures are looked up.
        payload: The untrusted dict that Gradio passes with preprocess=False. Only files in
            Gradio's upload folder are opened; of a thumbnail only the id in its name is used.

    Raises:
        InvalidRequest: If there is no picture, or the file is not an upload.
        BadImage: If the file is too large.
    """
    path = payload.get("path") if isinstance(payload, dict) else None
    if not isinstance(path, str) or not path:
        raise InvalidRequest("request.no_picture")
    if match := THUMBNAIL.fullmatch(path):
        return library.stored_query(read_id(match[1]))
    upload = _uploaded(payload, library.settings.max_upload_mb)
    return UploadedQuery(upload.name, upload.path.read_bytes())


def uploaded_files(payload: Any, limit_mb: int) -> list[Upload]:
    """Return the uploads of a file box.

    Args:
        payload: The untrusted list that Gradio passes with preprocess=False.
        limit_mb: The maximum size of one file.

    Raises:
        InvalidRequest: If there are none or too many, or one is not an upload.
        BadImage: If a file is too large.
    """
    files = payload if isinstance(payload, list) else []
    if not files:
        raise InvalidRequest("request.no_files")
    if len(files) > MAX_FILES:
        raise InvalidRequest("request.too_many_files", most=MAX_FILES)
    return [_uploaded(file, limit_mb) for file in files]


def library_picture(library: Library, number: Any) -> str:
    """Return the value of an image box for a picture of the library: its thumbnail's relative path.

    Raises:
        NotFound: If the picture or its thumbnail is missing; Gradio would reveal the absolute path.
        InvalidRequest: If `number` is not an id.
    """
    picture_id = read_id(number)
    if library.records.get([picture_id]) == [None]:
        raise NotFound("picture.gone")
    if not library.thumbnail_path(picture_id).is_file():
        raise NotFound("picture.no_thumbnail")
    return thumbnail_path(picture_id)


def refuse_if_read_only(library: Library) -> None:
    """Raise ReadOnly if visitors may not change the library."""
    if library.settings.read_only:
        raise ReadOnly("library.read_only")


def _uploaded(payload: Any, limit_mb: int) -> Upload:
    path = payload.get("path") if isinstance(payload, dict) else None
    file = Path(str(path))
    try:
        exists = is_upload(str(path)) and file.is_file()
        if exists:
            os.utime(file)  # marks it as used, so that it is not deleted as old
    except (OSError, ValueError):  # an impossible file name, or deleted meanwhile
        exists = False
    if not exists:
        raise InvalidRequest("upload.not_here")
    unnamed = sentence(message("picture.unnamed"))
    name = printable(str(payload.get("orig_name") or unnamed))[:120]
    if file.stat().st_size > limit_mb * 2**20:
        raise BadImage("upload.too_large", name=name, mb=limit_mb)
    return Upload(file, name)
