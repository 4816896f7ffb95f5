"""Parsing of pictures and files among a call's values."""

import base64
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from searcher.errors import BadImage, InvalidRequest, NotFound, ReadOnly
from searcher.images.pictures import Box
from searcher.images.sources import printable
from searcher.library.core import Library
from searcher.library.uploads import Upload
from searcher.messages.message import message
from searcher.search import part_documents
from searcher.search.query import PictureQuery, Query, UploadedQuery
from searcher.ui.gradio_internals import is_upload
from searcher.ui.i18n import sentence
from searcher.ui.requests.arguments import MAX_ADDED, read_id
from searcher.ui.templating import thumbnail_path

MAX_FOLDER = 1000  # characters of the path of an upload's folder
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


def read_parts(library: Library, documents: Any) -> Query:
    """Return the query of a list of parts, which is untrusted; see part_documents.py.

    The "image" of a part is what an image box has, or a data URL, as programs without uploads send.

    Raises:
        InvalidRequest: If it is no such list, or a file is not an upload.
        BadImage: If a file is too large.
        NotFound: If a picture is not in the library.
    """

    def image(value: Any, box: Box | None) -> PictureQuery:
        is_url = isinstance(value, str) and value.startswith("data:image/")
        query = _inline(library, value) if is_url else read_query(library, value)
        return replace(query, box=box)

    return part_documents.read_parts(documents, library.named_query, image)


def read_image_and_parts(library: Library, image: Any, parts: Any) -> Query:
    """Return the query of an image and of parts, either of which may be missing.

    Raises:
        InvalidRequest: If there is neither, or one is invalid; see `read_query` and `read_parts`.
    """
    if not parts:
        return read_query(library, image)
    if not isinstance(parts, list):
        raise InvalidRequest("request.list")
    return read_parts(library, [{"image": image}, *parts] if image else parts)


def uploaded_files(payload: Any, limit_mb: int, with_folders: bool = False) -> list[Upload]:
    """Return the uploads of a file box.

    Args:
        payload: The untrusted list that Gradio passes with preprocess=False.
        limit_mb: The maximum size of one file.
        with_folders: Whether names are paths in a folder, as drop.js sends them.

    Raises:
        InvalidRequest: If there are none or too many, or one is not an upload.
        BadImage: If a file is too large.
    """
    files = payload if isinstance(payload, list) else []
    if not files:
        raise InvalidRequest("request.no_files")
    if len(files) > MAX_ADDED:
        raise InvalidRequest("request.too_many_files", most=MAX_ADDED)
    return [_uploaded(file, limit_mb, with_folders) for file in files]


def library_picture(library: Library, number: Any) -> str:
    """Return the value of an image box for a picture of the library: its thumbnail's relative path.

    Raises:
        NotFound: If the picture or its thumbnail is missing; Gradio would reveal the absolute path.
        InvalidRequest: If `number` is not an id.
    """
    picture_id = read_id(number)
    library.record(picture_id)  # or NotFound
    if not library.thumbnail_path(picture_id).is_file():
        raise NotFound("picture.no_thumbnail")
    return thumbnail_path(picture_id)


def refuse_if_read_only(library: Library) -> None:
    """Raise ReadOnly if visitors may not change the library."""
    if library.settings.read_only:
        raise ReadOnly("library.read_only")


def _inline(library: Library, url: str) -> UploadedQuery:
    """Return the query of a data URL, by the same limits as an upload."""
    name, limit_mb = sentence(message("picture.unnamed")), library.settings.max_upload_mb
    _, _, encoded = url.partition(";base64,")
    try:
        data = base64.b64decode(encoded, validate=True)
    except ValueError:  # also where it is not ASCII
        raise BadImage("picture.damaged", name=name) from None
    if len(data) > limit_mb * 2**20:
        raise BadImage("upload.too_large", name=name, mb=limit_mb)
    return UploadedQuery(name, data)


def _uploaded(payload: Any, limit_mb: int, with_folders: bool = False) -> Upload:
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
    sent = str(payload.get("orig_name") or unnamed)
    *folders, base = sent.split("/") if with_folders else [sent]
    name = printable(base or unnamed)[:120]
    folder = "/".join(printable(part) for part in folders if part not in ("", ".", ".."))
    if file.stat().st_size > limit_mb * 2**20:
        raise BadImage("upload.too_large", name=name, mb=limit_mb)
    return Upload(file, name, folder[-MAX_FOLDER:])
