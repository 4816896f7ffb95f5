"""TIFF (version 6.0, and BigTIFF): the tags that pixels are decoded from, without the others."""

import io
import struct
from functools import partial

from searcher.images.containers.exif import XMP_ORIENTATION
from searcher.images.containers.jpeg_scans import FRAMES, segments
from searcher.images.containers.picture_file import (
    ColourTags,
    CutOff,
    NotRead,
    PictureFile,
    Spliced,
)
from searcher.images.containers.tiff_pages import (
    BITS,
    COLOUR_MAP,
    COMPRESSION,
    ICC,
    LENGTH,
    MAX_SAMPLE,
    ORIENTATION,
    PHOTOMETRIC,
    PIXEL_TAGS,
    PLACES,
    PLANAR,
    ROWS_PER_STRIP,
    SAMPLE_FORMAT,
    SAMPLES,
    STRIP_OFFSETS,
    SUBFILE_TYPES,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_WIDTH,
    WIDTH,
    XMP,
    Tag,
    Tags,
    first_page,
    full_page,
    is_aside,
)

JPEG, JPEG_HEAD = 7, 4096  # a compression, and bytes in which its header is
WEBP = 50001  # a compression that Pillow knows, and the libtiff of its wheels lacks
CFA, LINEAR_RAW = 32803, 34892  # what a camera's sensor measured
SUB_PAGES, DNG_VERSION = 330, 50706


def read_tiff(data: bytes) -> PictureFile:
    """Drop all pages but one, and all tags that no pixel needs.

    The page is the first that is no smaller copy of another, and no mask.

    Raises:
        CutOff: The file has no page, or fewer strips or tiles than that has.
        NotRead: It is a camera's raw data, or compressed as WebP.
    """
    order, tags = first_page(data)
    if WIDTH not in tags or not PLACES & set(tags):
        raise CutOff("no page")
    if is_raw(data, tags, order):
        raise NotRead("RAW")
    if is_aside(tags, order):
        tags = full_page(data) or tags
    if PHOTOMETRIC in tags and tags[PHOTOMETRIC].numbers(order)[:1] in ((CFA,), (LINEAR_RAW,)):
        raise NotRead("RAW")
    if COMPRESSION in tags and tags[COMPRESSION].numbers(order)[:1] == (WEBP,):
        raise NotRead("TIFF")
    if not _has_all_parts(data, tags, order):
        raise CutOff("strips")
    turned = tags[ORIENTATION].numbers(order)[:1] if ORIENTATION in tags else ()
    xmp = XMP_ORIENTATION.search(tags[XMP].body) if XMP in tags else None
    orientation = turned[0] if turned and 1 <= turned[0] <= 8 else int(xmp[1]) if xmp else 1
    kept = _plain({number: tag for number, tag in tags.items() if number in PIXEL_TAGS}, order)
    top = max(tags[MAX_SAMPLE].numbers(order), default=0) if MAX_SAMPLE in tags else 0
    bits = max(tags[BITS].numbers(order), default=0) if BITS in tags else 0
    return PictureFile(
        rewritten(data, order, kept),
        orientation,
        ColourTags(icc=tags[ICC].body if ICC in tags else b""),
        bits if 8 < bits < 16 else top.bit_length(),
    )


def _plain(tags: Tags, order: str) -> Tags:
    """Return tags as decoders know them: what is undefined is left out, or what others take."""
    plain = dict(tags)
    if SAMPLE_FORMAT in tags and not set(tags[SAMPLE_FORMAT].numbers(order)) - {0, 4}:
        del plain[SAMPLE_FORMAT]  # 4 is undefined, to be treated as if it were not there
    if PHOTOMETRIC not in tags:
        samples = tags[SAMPLES].numbers(order)[0] if SAMPLES in tags else 1
        plain[PHOTOMETRIC] = Tag(3, 1, struct.pack(order + "H", 2 if samples > 2 else 1))
    if COLOUR_MAP in tags and max(numbers := tags[COLOUR_MAP].numbers(order), default=256) < 256:
        wide = struct.pack(f"{order}{len(numbers)}H", *(257 * number for number in numbers))
        plain[COLOUR_MAP] = Tag(3, len(numbers), wide)  # of 8 bits, as libtiff takes it, too
    return plain


def _has_all_parts(data: bytes, tags: Tags, order: str) -> bool:
    """Whether there are as many strips or tiles as the size takes; decoders leave others black.

    Programs that leave parts out, as maps do, give them no place. Of a JPEG with fewer rows than
    its strip libtiff shows whatever was in memory.
    """

    def number(tag: int, default: int) -> int:
        return next(iter(tags[tag].numbers(order)), default) if tag in tags else default

    width, height = number(WIDTH, 0), number(LENGTH, 0)
    is_tiled = TILE_OFFSETS in tags
    places = TILE_OFFSETS if is_tiled else STRIP_OFFSETS
    if places not in tags:
        return True  # a JPEG of the first kind, which has a tag of its own
    rows = number(TILE_LENGTH if is_tiled else ROWS_PER_STRIP, height)
    across = -(-width // max(1, number(TILE_WIDTH, width))) if is_tiled else 1
    planes = number(SAMPLES, 1) if number(PLANAR, 1) == 2 else 1
    needed = across * -(-height // max(1, rows)) * planes
    numbers = tags[places].numbers(order)[:needed]
    if number(COMPRESSION, 1) == JPEG and planes == 1:
        heights = (min(rows, height - part // across * rows) for part in range(len(numbers)))
        if any(map(partial(_is_shorter, data), numbers, heights)):
            return False
    return len(numbers) == needed and all(numbers)


def _is_shorter(data: bytes, place: int, height: int) -> bool:
    """Whether the JPEG at a place says that it has fewer rows than its strip or tile."""
    beginning = memoryview(data)[place : place + JPEG_HEAD]
    frames = (part.body for part in segments(beginning, 2) if part.marker in FRAMES)
    return any(0 < int.from_bytes(frame[1:3], "big") < height for frame in frames)


def is_raw(data: bytes, tags: Tags, order: str) -> bool:
    """Whether the first page is the thumbnail of a camera's raw file."""
    if DNG_VERSION in tags or data[8:10] == b"CR":
        return True
    kind = tags[SUBFILE_TYPES[0]].numbers(order)[:1] if SUBFILE_TYPES[0] in tags else ()
    return SUB_PAGES in tags and kind == (1,)


def rewritten(
    data: bytes, order: str, tags: Tags, pixels: tuple[int, int] | None = None
) -> io.BufferedIOBase:
    """Return a file of one page with other tags, behind which the old file's bytes are.

    Args:
        data: The old file.
        order: Its order of bytes.
        tags: The new tags, whose offsets are those in the old file.
        pixels: The part of the old file that is kept, from and to; None for all.
    """
    start, end = pixels or (0, len(data))
    narrow = {number: _narrow(number, tag, order) for number, tag in sorted(tags.items())}
    outside = {number: tag for number, tag in narrow.items() if len(tag.body) > 4}
    place = 8 + 2 + 12 * len(tags) + 4
    shift = place + sum(len(tag.body) + len(tag.body) % 2 for tag in outside.values()) - start
    pieces = [b"II" if order == "<" else b"MM", struct.pack(order + "HIH", 42, 8, len(tags))]
    bodies: list[bytes | memoryview] = []
    for number, (kind, count, body) in ((n, (t.type, t.count, t.body)) for n, t in narrow.items()):
        if number in PLACES:
            moved = [n + shift for n in narrow[number].numbers(order)]
            body = struct.pack(f"{order}{len(moved)}I", *moved)
        pieces.append(struct.pack(order + "HHI", number, kind, count))
        if len(body) <= 4:
            pieces.append(body.ljust(4, b"\0"))
        else:
            pieces.append(struct.pack(order + "I", place))
            bodies += [body, bytes(len(body) % 2)]
            place += len(body) + len(body) % 2
    head = b"".join([*pieces, bytes(4), *bodies])
    # libtiff takes all bytes at once; what is not compressed is read where it lies.
    if COMPRESSION in tags and tags[COMPRESSION].numbers(order)[:1] != (1,):
        return io.BytesIO(b"".join([head, memoryview(data)[start:end]]))
    return Spliced(head, data, start, end)


def _narrow(number: int, tag: Tag, order: str) -> Tag:
    """Return a tag of BigTIFF, or of places, with numbers of 32 bits."""
    if number not in PLACES and tag.type not in (16, 17, 18):
        return tag
    numbers = [min(n, 2**32 - 1 - 2**24) for n in tag.numbers(order)]
    return Tag(4, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers))
