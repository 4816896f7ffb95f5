"""Decode the pixels of a PNG, of which the compressed rows must be complete."""

import contextlib
import io
import struct
import zlib
from dataclasses import replace
from typing import NamedTuple

from PIL import Image

from searcher.images.containers.picture_file import CutOff, PictureFile, all_bytes
from searcher.images.containers.png_file import ZLIB_HEADER_BYTES, Header, rows_place
from searcher.images.openers import open_file

# The first column and row of each pass of an interlaced picture, and the steps to the next (8.2).
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
PASSES += [(0, 1, 1, 2)]
STEP = 2**20  # bytes that are unpacked at a time
MAX_SURPLUS = 2**24  # bytes that a stream may have behind its rows
ZLIB_HEADER = b"\x78\x01"


class _Rows(NamedTuple):
    """What a stream has: bytes of rows, their checksum, and its packed bytes without its own."""

    size: int
    checksum: int
    packed: memoryview


def png_pixels(image: Image.Image, file: PictureFile) -> tuple[Image.Image, PictureFile]:
    """Decode a PNG.

    Pillow takes a stream that ends behind any row for whole, and one with a wrong checksum for
    damaged; libpng, by which viewers decode, warns of both.

    Args:
        image: The opened file.
        file: The file as `read_png` writes it.

    Returns:
        The picture, and the file with a right checksum of its rows.

    Raises:
        CutOff: Rows are missing.
        OSError: It is damaged.
    """
    try:
        image.load()
    except OSError:
        rows = _rows(file)
        if not 0 <= rows.size - _needed(file) <= MAX_SURPLUS:
            raise
        file = replace(file, stream=_with_rows(file, rows))
        image = open_file(file, "PNG")
        image.load()
        return image, file
    # Rows that the decoder did not reach are zero.
    last = image.crop((0, image.height - 1, *image.size))
    is_suspicious = Header.of(all_bytes(file.stream)).is_interlaced or not any(last.tobytes())
    if is_suspicious and _rows(file).size < _needed(file):
        raise CutOff("rows")
    return image, file


def _needed(file: PictureFile) -> int:
    """Return the bytes of all rows, each of which begins with its filter."""
    header = Header.of(all_bytes(file.stream))

    def rows(width: int, height: int) -> int:
        return height * (1 + header.row_bytes(width)) if width > 0 else 0

    if not header.is_interlaced:
        return rows(header.width, header.height)
    return sum(
        rows(-(-(header.width - left) // right), max(0, -(-(header.height - top) // down)))
        for left, top, right, down in PASSES
    )


def _rows(file: PictureFile) -> _Rows:
    """Unpack the rows as far as they go, and a few more, and forget them."""
    data = all_bytes(file.stream)
    packed = memoryview(data)[rows_place(data)][ZLIB_HEADER_BYTES:]
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    size, checksum = 0, 1
    most = _needed(file) + MAX_SURPLUS
    rest: bytes | memoryview = packed
    with contextlib.suppress(zlib.error):
        while not unpacker.eof and size <= most:
            part = unpacker.decompress(rest, STEP)
            rest = unpacker.unconsumed_tail
            if not part and not rest:
                break  # the stream has no end
            size += len(part)
            checksum = zlib.adler32(part, checksum)
    return _Rows(size, checksum, packed[: len(packed) - len(unpacker.unused_data)])


def _with_rows(file: PictureFile, rows: _Rows) -> io.BytesIO:
    """Return the file with a right header and checksum around its rows."""
    data = all_bytes(file.stream)
    place = rows_place(data)
    body: list[bytes | memoryview] = [ZLIB_HEADER, rows.packed, struct.pack(">I", rows.checksum)]
    size = struct.pack(">I", sum(map(len, body)))
    head, rest = data[: place.start - 8], data[place.stop :]
    return io.BytesIO(b"".join([head, size, b"IDAT", *body, rest]))
