"""Pictures of the library in a report."""

from searcher.images.pictures import Picture, open_picture
from searcher.library.core import Library
from searcher.presentation.report_parts import Source


def picture_ref(picture_id: int) -> str:
    """Return the key of a picture of the library in a report."""
    return f"p{picture_id}"


def stored_picture(library: Library, picture_id: int) -> Source:
    """Return how a picture of the library is decoded."""

    def decode() -> Picture:
        return open_picture(library.stored_query(picture_id).thumbnail)

    return decode
