"""The scalar fields of a picture in Milvus, by which a search filters. All follow from its record.

Redis has the records; Milvus has copies of what filters need.
"""

from typing import NamedTuple

from searcher.stores.paths import ARCHIVE, FOLDER, SAMPLE, UNKNOWN, UPLOAD
from searcher.stores.record import Record

SQUARE_TOLERANCE = 0.01  # of the longer side, by which the sides of a square may differ
ORIENTATIONS = ("landscape", "portrait", "square")
SOURCES = (UPLOAD, SAMPLE, ARCHIVE, FOLDER, UNKNOWN)
MAX_TEXT = 255  # characters of a text; the rest is cut off
MAX_TEXT_BYTES = 4 * MAX_TEXT  # in UTF-8


class Fields(NamedTuple):
    """The fields of one picture, as the collections name them.

    Attributes:
        label: The record's label; "" for none.
        name: The file's name.
        added: Seconds since 1970.
        width: Pixels.
        height: Pixels.
        orientation: One of ORIENTATIONS.
        source: One of SOURCES.
    """

    label: str = ""
    name: str = ""
    added: float = 0.0
    width: int = 0
    height: int = 0
    orientation: str = ""
    source: str = ""


def fields_of(record: Record, source: str) -> Fields:
    """Return the fields of a picture.

    Args:
        record: Its record.
        source: Where its file is from; see `DataPaths.source`.
    """
    return Fields(
        label=record.label[:MAX_TEXT],
        name=record.name[:MAX_TEXT],
        added=record.added,
        width=record.width,
        height=record.height,
        orientation=orientation(record.width, record.height),
        source=source,
    )


def orientation(width: int, height: int) -> str:
    """Return one of ORIENTATIONS for a size in pixels."""
    if abs(width - height) <= SQUARE_TOLERANCE * max(width, height):
        return "square"
    return "landscape" if width > height else "portrait"
