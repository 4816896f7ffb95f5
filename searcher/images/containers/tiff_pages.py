"""The pages of a TIFF (version 6.0, and BigTIFF), and their tags."""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from searcher.images.containers.exif import ITEM_SIZES, byte_order
from searcher.images.containers.picture_file import CutOff

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES = 273, 277, 278, 279
MAX_SAMPLE, PLANAR, PREDICTOR, COLOUR_MAP = 281, 284, 317, 320
TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_BYTES = 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT = 338, 339
ORIENTATION, XMP, ICC = 274, 700, 34675
YCBCR_SAMPLING = 530
# Besides these: the order of bits, fax options, colour map, ink set, JPEG tables,
# and what YCbCr means.
PIXEL_TAGS = frozenset(
    {WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP}
    | {STRIP_BYTES, PLANAR, PREDICTOR, TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_BYTES}
    | {
        EXTRA_SAMPLES,
        SAMPLE_FORMAT,
        266,
        292,
        293,
        COLOUR_MAP,
        332,
        347,
        *range(512, 522),
        529,
        530,
        531,
        532,
    }
)
SUBFILE_TYPES = (254, 255)  # that of TIFF 6.0, and the one before it
REDUCED, MASK, OLD_REDUCED = 1, 4, 2  # bits of the subfile type, and the older one's value
PLACES = frozenset({STRIP_OFFSETS, TILE_OFFSETS, 513})  # tags that contain offsets
MAX_ITEMS = 2**24
MAX_PAGES = 100


@dataclass(frozen=True)
class Tag:
    """A tag of the first page: type, number of items, and their bytes."""

    type: int
    count: int
    body: bytes

    def numbers(self, order: str) -> tuple[int, ...]:
        """Return the items of a tag of whole numbers."""
        code = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}.get(self.type)
        if code is None:
            return ()
        count = min(self.count, len(self.body) // ITEM_SIZES_BIG[self.type])
        return struct.unpack_from(f"{order}{count}{code}", self.body)


ITEM_SIZES_BIG = {**ITEM_SIZES, 13: 4, 16: 8, 17: 8, 18: 8}
Tags = dict[int, Tag]


def first_page(data: bytes) -> tuple[str, Tags]:
    """Return the order of bytes for `struct`, and the tags of the first page.

    Raises:
        CutOff: There is no page, or the file ends within its tags.
    """
    for order, tags in _pages(data):
        return order, tags
    raise CutOff("no page")


def full_page(data: bytes) -> Tags | None:
    """Return the tags of the first page that is a picture of its own; None if there is none."""
    with contextlib.suppress(CutOff, struct.error):
        for order, tags in _pages(data):
            if WIDTH in tags and PLACES & set(tags) and not is_aside(tags, order):
                return tags
    return None


def is_aside(tags: Tags, order: str) -> bool:
    """Whether a page is a smaller copy of another, or a mask."""
    kinds = [next(iter(tags[n].numbers(order)), 0) if n in tags else 0 for n in SUBFILE_TYPES]
    return bool(kinds[0] & (REDUCED | MASK)) or kinds[1] == OLD_REDUCED


def _pages(data: bytes) -> Iterator[tuple[str, Tags]]:
    """Yield the order of bytes for `struct`, and the tags, of each page.

    Raises:
        CutOff: The file ends within a page's tags.
    """
    order = byte_order(data)
    if not order or len(data) < 16:
        return
    (version,) = struct.unpack_from(order + "H", data, 2)
    is_big = version == 43
    offset = order + ("Q" if is_big else "I")
    (place,) = struct.unpack_from(offset, data, 8 if is_big else 4)
    for _ in range(MAX_PAGES):
        if not 0 < place <= len(data) - 8:
            return
        (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), data, place)
        place += 8 if is_big else 2
        yield order, _tags(data, order, is_big, place, count)
        place += (20 if is_big else 12) * count
        place = struct.unpack_from(offset, data, place)[0] if place <= len(data) - 8 else 0


def _tags(data: bytes, order: str, is_big: bool, place: int, count: int) -> Tags:
    """Return a page's tags, of which the entries begin at a place."""
    size = 20 if is_big else 12
    tags: Tags = {}
    number = 0
    for start in range(place, min(place + size * count, len(data) - size + 1), size):
        number, kind, items = struct.unpack_from(order + ("HHQ" if is_big else "HHI"), data, start)
        inline = start + size - (8 if is_big else 4)
        bytes_ = items * ITEM_SIZES_BIG.get(kind, 0)
        if not 0 < items <= MAX_ITEMS or not bytes_:
            continue
        if bytes_ > start + size - inline:
            (inline,) = struct.unpack_from(order + ("Q" if is_big else "I"), data, inline)
        body = data[inline : inline + bytes_]
        if len(body) < bytes_ and number in PIXEL_TAGS:
            raise CutOff("tag")
        tags.setdefault(number, Tag(kind, items, body))
    if place + size * count > len(data) and number < max(PIXEL_TAGS):
        raise CutOff("tags")
    return tags
