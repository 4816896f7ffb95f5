"""JPEG 2000 (ISO/IEC 15444-1): the colours of the boxes around a codestream, and its end marker."""

import io
import struct
from typing import NamedTuple

from searcher.images.containers.boxes import boxes
from searcher.images.containers.picture_file import SRGB, ColourTags, CutOff, PictureFile

RESTRICTED_ICC, ANY_ICC = 2, 3  # methods of a colour specification
START, TILE_PART, END = b"\xff\x4f\xff\x51", b"\xff\x90", b"\xff\xd9"
SIZES = 8  # where the sizes begin, behind the marker and length of the header and a number
MAX_PARTS = 2**20


class _Parts(NamedTuple):
    """The tile-parts of a codestream: the tiles that have some, and where the last one ends."""

    tiles: set[int]
    end: int


def read_jp2(data: bytes) -> PictureFile:
    """Look for a profile; a bare codestream has none. Add an end marker where only that is missing.

    A box without length, or with too long a one, ends with the file.

    Raises:
        CutOff: A tile is missing; decoders leave it grey or black.
    """
    parts = _parts(data)
    is_read = parts.end >= len(data) or data[parts.end : parts.end + 2] == END
    if is_read and len(parts.tiles) < _tile_count(data):
        raise CutOff("tiles")
    lacks_end = not data.endswith(END) and parts.end == len(data)
    stream = io.BytesIO(data + END if lacks_end else data)
    return PictureFile(stream, colour=_colour(memoryview(data)))


def _parts(data: bytes) -> _Parts:
    """Read the headers of the tile-parts (A.4.2)."""
    position = data.find(START) + 2
    while data[position : position + 2] != TILE_PART and position + 4 <= len(data):
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    tiles: set[int] = set()
    for _ in range(MAX_PARTS):
        if data[position : position + 2] != TILE_PART or position + 12 > len(data):
            break
        tile, size = struct.unpack_from(">HI", data, position + 4)
        tiles.add(tile)
        position += size or len(data)  # 0 for one that reaches to the end marker
    return _Parts(tiles, position)


def _tile_count(data: bytes) -> int:
    """Return into how many tiles the header divides the picture (A.5.1, B.3)."""
    sizes: tuple[int, ...] = struct.unpack_from(">8I", data, data.find(START) + SIZES)
    width, height, _, _, across, down, left, top = sizes
    if not across or not down:
        return 0
    return -(-(width - left) // across) * -(-(height - top) // down)


def _colour(view: memoryview) -> ColourTags:
    for kind, header, _ in boxes(view, 0, len(view)):
        if kind == b"jp2h":
            for inner, body, _ in boxes(view, header.start, header.stop):
                is_colour = inner == b"colr" and len(body) > 3
                if is_colour and view[body.start] in (RESTRICTED_ICC, ANY_ICC):
                    return ColourTags(icc=bytes(view[body.start + 3 : body.stop]))
    return SRGB
