"""BMP pixels that Pillow lacks: masks of any bits, and run lengths that leave pixels out."""

import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from searcher.images.containers.picture_file import CutOff

RUN_LENGTHS = {1: 8, 2: 4}  # bits, by compression
END_OF_LINE, END_OF_PICTURE, DELTA = 0, 1, 2  # behind a run of no pixels
BLUE_GREEN_RED_ALPHA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
ROWS_AT_ONCE = 64


class Layout(NamedTuple):
    """How a file's pixels lie in it."""

    width: int
    height: int
    is_top_down: bool
    bits: int
    start: int


def plain_masked(data: bytes, layout: Layout, masks: tuple[int, ...]) -> memoryview:
    """Return pixels of which each channel has a mask, as rows of blue, green, red and alpha.

    Args:
        data: The file.
        layout: With 16 or 32 bits.
        masks: Of red, green, blue and alpha; 0 for none.

    Raises:
        CutOff: The file ends before its pixels do.
    """
    row = -(-layout.width * layout.bits // 32) * 4
    if layout.start + row * layout.height > len(data):
        raise CutOff("pixels")
    lines = np.frombuffer(data, np.uint8, row * layout.height, layout.start)
    lines = lines.reshape(layout.height, row)
    result = np.empty((layout.height, layout.width, 4), np.uint8)
    for top in range(0, layout.height, ROWS_AT_ONCE):
        part = np.ascontiguousarray(lines[top : top + ROWS_AT_ONCE])
        values = part.view(f"<u{layout.bits // 8}")[:, : layout.width].astype(np.uint32)
        for place, mask in zip((2, 1, 0, 3), masks, strict=True):
            result[top : top + ROWS_AT_ONCE, :, place] = _channel(values, mask, place == 3)
    return result.data.cast("B")


def _channel(values: npt.NDArray[np.uint32], mask: int, is_alpha: bool) -> npt.NDArray[np.uint8]:
    if not mask:
        return np.full(values.shape, 255 if is_alpha else 0, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    shares = ((values & np.uint32(mask)) >> shift) * (255 / (mask >> shift))
    return np.asarray(shares.round(), np.uint8)


def plain_runs(data: bytes, layout: Layout) -> bytearray:
    """Return run lengths of 4 or 8 bits as a byte a pixel; those that are left out are 0.

    Raises:
        CutOff: The file ends before its pixels do.
    """
    width, height = layout.width, layout.height
    row = -(-width // 4) * 4
    result = bytearray(row * height)
    x = y = 0
    position = layout.start
    while y < height:
        if position + 2 > len(data):
            raise CutOff("pixels")
        count, value = data[position : position + 2]
        position += 2
        if count:
            run = bytes([value]) * count
            if layout.bits == 4:
                run = (bytes([value >> 4, value & 15]) * (count // 2 + 1))[:count]
        elif value == END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif value == END_OF_PICTURE:
            break
        elif value == DELTA:
            right, up = data[position : position + 2].ljust(2, b"\0")
            x, y, position = x + right, y + up, position + 2
            continue
        else:
            size = value if layout.bits == 8 else -(-value // 2)
            run = data[position : position + size]
            if len(run) < size:
                raise CutOff("pixels")
            if layout.bits == 4:
                run = bytes(n for byte in run for n in (byte >> 4, byte & 15))[:value]
            position += size + size % 2
        run = run[: max(0, width - x)]
        result[y * row + x : y * row + x + len(run)] = run
        x += len(run)
        if y == height - 1 and x >= width:
            break
    return result


def header(layout: Layout, start: int, masks: tuple[int, ...] = ()) -> bytes:
    """Return the headers of a file without compression, of version 3, or of version 4 with masks.

    Args:
        layout: Of the pixels.
        start: Where they begin.
        masks: Of red, green, blue and alpha.
    """
    height = -layout.height if layout.is_top_down else layout.height
    size, compression = (108, 3) if masks else (40, 0)
    fields = (size, layout.width, height, 1, layout.bits, compression, *[0] * 5)
    tail = struct.pack("<4I", *masks) + bytes(52) if masks else b""
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + struct.pack("<IiiHH6I", *fields) + tail
