"""JPEG 2000 (ISO/IEC 15444-1): the colours of the boxes around a codestream, and its end marker."""

import io
import struct

from searcher.images.containers.boxes import boxes
from searcher.images.containers.picture_file import SRGB, ColourTags, PictureFile

RESTRICTED_ICC, ANY_ICC = 2, 3  # methods of a colour specification
START, TILE_PART, END = b"\xff\x4f\xff\x51", b"\xff\x90", b"\xff\xd9"
MAX_PARTS = 2**20


def read_jp2(data: bytes) -> PictureFile:
    """Look for a profile; a bare codestream has none. Add an end marker where only that is missing.

    A box without length, or with too long a one, ends with the file.
    """
    lacks_end = not data.endswith(END) and _ends_with_part(data)
    stream = io.BytesIO(data + END if lacks_end else data)
    return PictureFile(stream, colour=_colour(memoryview(data)))


def _ends_with_part(data: bytes) -> bool:
    """Whether the last part of a tile ends where the file does (A.4.2)."""
    position = data.find(START) + 2
    while data[position : position + 2] != TILE_PART and position + 4 <= len(data):
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    for _ in range(MAX_PARTS):
        if data[position : position + 2] != TILE_PART or position + 12 > len(data):
            break
        (size,) = struct.unpack_from(">I", data, position + 6)
        position += size or len(data)
    return position == len(data)


def _colour(view: memoryview) -> ColourTags:
    for kind, header, _ in boxes(view, 0, len(view)):
        if kind == b"jp2h":
            for inner, body, _ in boxes(view, header.start, header.stop):
                is_colour = inner == b"colr" and len(body) > 3
                if is_colour and view[body.start] in (RESTRICTED_ICC, ANY_ICC):
                    return ColourTags(icc=bytes(view[body.start + 3 : body.stop]))
    return SRGB
