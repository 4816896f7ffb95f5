"""Decode a PNG row by row: a band at a time, whatever the picture's size."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from searcher.images.containers.png_file import CHANNELS, ZLIB_HEADER_BYTES, Header, rows_place
from searcher.images.deep_strips import Deep
from searcher.images.depths import OTHER_BYTE, rows_at_once

# Pillow's mode and the raw mode of its decoder, by colour type and bits (W3C PNG, table 8).
MODES = {
    (0, 1): ("1", "1"),
    (0, 2): ("L", "L;2"),
    (0, 4): ("L", "L;4"),
    (0, 8): ("L", "L"),
    (0, 16): ("I;16", "I;16B"),
    (2, 8): ("RGB", "RGB"),
    (2, 16): ("RGB", "RGB;16B"),
    (3, 1): ("P", "P;1"),
    (3, 2): ("P", "P;2"),
    (3, 4): ("P", "P;4"),
    (3, 8): ("P", "P"),
    (4, 8): ("LA", "LA"),
    (4, 16): ("RGBA", "LA;16B"),
    (6, 8): ("RGBA", "RGBA"),
    (6, 16): ("RGBA", "RGBA;16B"),
}
# The colour type whose pixels with 8 bits a sample have as many bytes. Filters work on bytes, so a
# band is decoded as such pixels; those of 6 and 8 bytes are decoded as two halves.
EQUAL = {1: 0, 2: 4, 3: 2, 4: 6}
READ_BYTES = 2**16


@dataclass
class PngStrips:
    """The strips of a PNG that is not interlaced.

    Attributes:
        size: Width and height in pixels.
        mode: Pillow's mode of the strips.
    """

    size: tuple[int, int]
    mode: str

    def __init__(self, data: bytes, image: PngImagePlugin.PngImageFile) -> None:
        """Take a file of one IDAT chunk, and Pillow's reading of what stands before it.

        Raises:
            ValueError: The file is interlaced.
        """
        self._pixels = memoryview(data)[rows_place(data)][ZLIB_HEADER_BYTES:]
        header = Header.of(data)
        if header.is_interlaced:
            raise ValueError("interlaced")
        self.size = header.width, header.height
        self._kind, self._bits = header.kind, header.bits
        self._own_mode, self._rawmode = MODES[header.kind, header.bits]
        self._row = header.row_bytes(header.width)
        self._pixel = max(1, header.bits * CHANNELS[header.kind] // 8)
        self._transparency = image.info.get("transparency")
        self._palette = image.palette
        self.mode = self._own_mode if self._transparency is None else "RGBA"

    def strips(self, multiple: int = 1) -> Iterator[Image.Image]:
        """Yield the strips; the height of all but the last is a multiple.

        Raises:
            OSError: The pixels are cut off.
        """
        for band in self._bands(multiple):
            size = (self.size[0], len(band) // self._row)
            yield self._coloured(Image.frombytes(self._own_mode, size, band, "raw", self._rawmode))

    def deep(self) -> Deep:
        """Return the samples of a picture with 16 bits each."""
        channels = CHANNELS[self._kind]

        def bands(multiple: int) -> Iterator[npt.NDArray[np.uint16]]:
            for band in self._bands(multiple):
                samples = np.frombuffer(band, ">u2").reshape(-1, self.size[0], channels)
                yield samples.astype(np.uint16)

        return Deep(self.size, channels, bands, self._transparency)

    def _bands(self, multiple: int) -> Iterator[bytes]:
        """Yield the bytes of the rows, as many at a time as are converted at once."""
        height = self.size[1]
        rows = rows_at_once(self.size[0], multiple)
        above = bytes(self._row)
        filtered = self._filtered(rows)
        for top in range(0, height, rows):
            band = self._unfiltered(above, next(filtered), min(rows, height - top))
            above = band[-self._row :]
            yield band

    def _coloured(self, strip: Image.Image) -> Image.Image:
        if self._palette is not None and strip.mode == "P":
            strip.putpalette(self._palette.getdata()[1], self._palette.getdata()[0])
        if self._transparency is None:
            return strip
        strip.info["transparency"] = self._transparency
        return strip.convert("RGBA")

    def _filtered(self, rows: int) -> Iterator[bytes]:
        """Yield the unpacked data of as many rows at a time."""
        size = rows * (self._row + 1)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)  # without regard to the checksum
        found = bytearray()
        left = self.size[1] * (self._row + 1)
        for start in range(0, len(self._pixels), READ_BYTES):
            packed: bytes | memoryview = self._pixels[start : start + READ_BYTES]
            while len(packed):
                found += unpacker.decompress(packed, size)
                packed = unpacker.unconsumed_tail
                while len(found) >= min(size, left) > 0:
                    whole = min(size, left)
                    yield bytes(found[:whole])
                    del found[:whole]
                    left -= whole
                if not left:
                    return
        raise OSError("image file is truncated")

    def _unfiltered(self, above: bytes, band: bytes, rows: int) -> bytes:
        """Return the bytes of the rows, for which Pillow gets the row above as one more."""
        filtered = b"\0" + above + band
        if self._pixel in EQUAL:
            header = (self._row // self._pixel, rows + 1, 8, EQUAL[self._pixel])
            return _decoded(header, filtered, "")[self._row :]
        header = (self.size[0], rows + 1, self._bits, self._kind)
        halves = [_decoded(header, filtered, mode) for mode in (self._rawmode, "low")]
        both = np.empty((len(halves[0]), 2), np.uint8)
        for number, half in enumerate(halves):
            both[:, number] = np.frombuffer(half, np.uint8)
        return both.tobytes()[self._row :]


def _decoded(header: tuple[int, int, int, int], filtered: bytes, rawmode: str) -> bytes:
    """Return the pixels of a PNG of some rows; with raw mode "low" the low bytes of 16 bits."""
    out = [b"\x89PNG\r\n\x1a\n"]
    packed = zlib.compress(filtered, 0)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0)), (b"IDAT", packed)]
    for name, body in [*chunks, (b"IEND", b"")]:
        checksum = struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
        out += [struct.pack(">I", len(body)), name, body, checksum]
    with PngImagePlugin.PngImageFile(io.BytesIO(b"".join(out))) as image:
        if rawmode == "low":
            image.tile = [tile._replace(args=OTHER_BYTE[str(tile.args)]) for tile in image.tile]
        image.load()
        return image.tobytes()
