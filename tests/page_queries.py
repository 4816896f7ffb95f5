"""Queries as the page has them, made by the tests."""

from pathlib import Path

from searcher.search.query import UploadedQuery
from searcher.ui.components.query_bar import Queries
from searcher.ui.requests.page_part import PagePart
from searcher.ui.requests.page_query import PageQuery


def of_upload(upload: UploadedQuery) -> tuple[PageQuery, Queries]:
    """The query of an upload, with the library's query of its part."""
    payload = {"path": str(Path("uploads", upload.name)), "orig_name": upload.name}
    part = PagePart.of_image(payload)
    return PageQuery((part,), image=part.key), {part.key: upload}


def of_picture(picture_id: int) -> PageQuery:
    """The query of a picture of the library, in the picture box."""
    return PageQuery.of_address({"picture": str(picture_id)})
