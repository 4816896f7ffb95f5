"""GIF (version 89a): the blocks that the first frame is decoded from, without the others."""

import io
import struct
from collections.abc import Iterator

from searcher.images.containers.picture_file import CutOff, PictureFile

EXTENSION, IMAGE, TRAILER, GRAPHIC_CONTROL = 0x21, 0x2C, 0x3B, 0xF9
CONTROL, CONTROL_BYTES = bytes([EXTENSION, GRAPHIC_CONTROL, 4]), 8
MAX_SEARCHES = 1000
MIN_CODE_SIZE, MAX_CODE_SIZE = 2, 11


def read_gif(data: bytes) -> PictureFile:
    """Drop all that the first frame does not need.

    Raises:
        CutOff: The file has no frame.
    """
    if len(data) < 13:
        raise CutOff("no frame")
    position = 13 + _table_bytes(data[10])
    kept = [b"GIF89a", data[6:position]]
    control = b""
    while data[position : position + 1] != bytes([IMAGE]):
        end, is_whole = _extension_end(data, position)
        if not is_whole:
            end = _next_image(data, position + 1)
            control = data[end - CONTROL_BYTES : end]
        elif data[position + 1] == GRAPHIC_CONTROL:
            control = data[position:end]
        position = end
    if control.startswith(CONTROL) and len(control) == CONTROL_BYTES:
        kept.append(control)
    body = position + 10 + _table_bytes(data[position + 9])
    end, last = _blocks_end(data, body + 1)
    kept += [data[position : end or last]]
    if not end and last + 1 < len(data):  # cut off, perhaps behind the last pixel
        kept += [bytes([len(data) - last - 1]), data[last + 1 :], b"\0"]
    kept.append(bytes([TRAILER]))
    left, top, width, height = struct.unpack_from("<4H", data, position + 1)
    screen = struct.unpack_from("<HH", data, 6)
    is_part = left or top or width < screen[0] or height < screen[1]
    frame = (left, top, left + width, top + height) if is_part else None
    return PictureFile(io.BytesIO(b"".join(kept)), frame=frame)


def _table_bytes(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _blocks_end(data: bytes, position: int) -> tuple[int, int]:
    """Return where a chain of blocks ends, behind its empty block, and where its last begins.

    The end is 0 if the file ends before.
    """
    last = position
    while position < len(data):
        size, last = data[position], position
        position += 1 + size
        if not size:
            return position, last
    return 0, last


def _extension_end(data: bytes, position: int) -> tuple[int, bool]:
    """Return an extension's end, and whether an image, an extension or the trailer is there."""
    if data[position : position + 1] != bytes([EXTENSION]):
        return position, False
    end, _ = _blocks_end(data, position + 2)
    is_image = data[end : end + 1] == bytes([IMAGE])
    is_other = end and data[end : end + 1] == bytes([EXTENSION])
    return end, bool(end and (is_other or (is_image and _is_image(data, end))))


def _next_image(data: bytes, start: int) -> int:
    """Return where the next image begins that can be one."""
    for position in _places(data, start):
        if _is_image(data, position):
            return position
    raise CutOff("no frame")


def _places(data: bytes, position: int) -> Iterator[int]:
    for _ in range(MAX_SEARCHES):
        position = data.find(bytes([IMAGE]), position + 1)
        if position < 0:
            return
        yield position


def _is_image(data: bytes, position: int) -> bool:
    """Whether the image lies on the screen, its code size is allowed, and a block follows."""
    if position + 11 > len(data):
        return False
    screen = struct.unpack_from("<HH", data, 6)
    left, top, width, height = struct.unpack_from("<HHHH", data, position + 1)
    code = position + 10 + _table_bytes(data[position + 9])
    return bool(
        width
        and height
        and left + width <= max(screen[0], width)
        and top + height <= max(screen[1], height)
        and code < len(data)
        and MIN_CODE_SIZE <= data[code] <= MAX_CODE_SIZE
    )
