"""The samples of a TIFF as its bytes have them, of any number of bits.

The file is rewritten as one with a byte a sample, which libtiff unpacks as it lies; numpy then
reads the samples from these bytes.
"""

import struct
from typing import IO, cast

import numpy as np
import numpy.typing as npt
from PIL import TiffImagePlugin

from searcher.images.containers.tiff_file import rewritten
from searcher.images.containers.tiff_pages import (
    BITS,
    COMPRESSION,
    LENGTH,
    PHOTOMETRIC,
    PLANAR,
    PREDICTOR,
    ROWS_PER_STRIP,
    SAMPLES,
    STRIP_BYTES,
    STRIP_OFFSETS,
    TILE_BYTES,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_WIDTH,
    WIDTH,
    Tag,
    Tags,
)
from searcher.images.depths import rows_at_once

Samples = npt.NDArray[np.generic]
Bytes = npt.NDArray[np.uint8]

HORIZONTAL, FLOATING = 2, 3  # predictors


class TiffLines:
    """The strips or tiles of a TIFF of one page."""

    def __init__(self, data: bytes, order: str, tags: Tags, dtype: np.dtype[np.generic]) -> None:
        """Take a file.

        Args:
            data: The file, as `read_tiff` writes it.
            order: Its order of bytes.
            tags: Its tags.
            dtype: The type of its samples; of those that are packed into bits, uint16.
        """
        self._data, self._order, self._tags, self._dtype = data, order, tags, dtype
        self._is_tiled = TILE_OFFSETS in tags
        self._size = self._number(WIDTH, 0), self._number(LENGTH, 0)
        self._bits = self._number(BITS, 1)

    def samples(self) -> Samples:
        """Return all samples [H, W, C]."""
        channels = self._number(SAMPLES, 1)
        parts = len(self._numbers(TILE_OFFSETS if self._is_tiled else STRIP_OFFSETS))
        if self._number(PLANAR, 1) == 2 and channels > 1:
            each = parts // channels
            planes = [self._plane(n * each, each, 1) for n in range(channels)]
            return np.concatenate(planes, -1)
        return self._plane(0, parts, channels)

    def _plane(self, first: int, parts: int, channels: int) -> Samples:
        """Return the samples of some strips or tiles [H, W, channels]."""
        width, height = self._size
        columns = self._number(TILE_WIDTH, width) if self._is_tiled else width
        across = -(-width // max(1, columns))  # the last tile reaches beyond the picture
        row = -(-columns * channels * self._bits // 8)  # bytes; each row begins with a new one
        # What predicts samples begins anew with each row of a tile.
        lines = self._bytes(first, parts, across * row, row).reshape(height * across, -1)
        samples = (
            self._predicted(lines, channels)
            if self._bits % 8 == 0
            else _unpacked(lines, self._bits, columns * channels)
        )
        return samples.reshape(height, -1, channels)[:, :width]

    def _bytes(self, first: int, parts: int, width: int, columns: int) -> Bytes:
        """Return the bytes of some strips or tiles.

        Args:
            first: The number of the first of them.
            parts: How many they are.
            width: Bytes of a line.
            columns: Bytes of a tile's line.
        """
        tags: Tags = {
            n: t for n, t in self._tags.items() if n in (COMPRESSION, LENGTH, TILE_LENGTH)
        }
        tags |= {n: self._tag(v) for n, v in ((BITS, 8), (PHOTOMETRIC, 1), (WIDTH, width))}
        if self._is_tiled:
            tags[TILE_WIDTH] = self._tag(columns)
        else:
            tags[ROWS_PER_STRIP] = self._tag(self._number(ROWS_PER_STRIP, self._size[1]))
        for number in (
            (TILE_OFFSETS, TILE_BYTES) if self._is_tiled else (STRIP_OFFSETS, STRIP_BYTES)
        ):
            tags[number] = self._tag(*self._numbers(number)[first : first + parts])
        with TiffImagePlugin.TiffImageFile(
            cast(IO[bytes], rewritten(self._data, self._order, tags))
        ) as image:
            return np.asarray(image)

    def _predicted(self, lines: npt.NDArray[np.uint8], channels: int) -> Samples:
        """Return the samples [N, W, channels] that N lines of bytes stand for."""
        predictor = self._number(PREDICTOR, 1)
        if predictor == FLOATING:
            sums = np.cumsum(lines.reshape(len(lines), -1, channels), 1, dtype=np.uint8)
            planes = sums.reshape(len(lines), self._dtype.itemsize, -1)  # by significance
            big = np.ascontiguousarray(planes.transpose(0, 2, 1))
            return big.view(self._dtype.newbyteorder(">")).reshape(len(lines), -1, channels)
        samples = lines.view(self._dtype).reshape(len(lines), -1, channels)
        if predictor == HORIZONTAL and self._dtype.kind in "ui":
            return np.cumsum(samples, 1, dtype=self._dtype)
        return samples

    def _tag(self, *numbers: int) -> Tag:
        return Tag(4, len(numbers), struct.pack(f"{self._order}{len(numbers)}I", *numbers))

    def _numbers(self, number: int) -> tuple[int, ...]:
        return self._tags[number].numbers(self._order) if number in self._tags else ()

    def _number(self, number: int, default: int) -> int:
        return next(iter(self._numbers(number)), default)


def _unpacked(lines: Bytes, bits: int, count: int) -> npt.NDArray[np.uint16]:
    """Return so many samples of each line, the highest bit first, uint16 [N, count]."""
    result = np.empty((len(lines), count), np.uint16)
    step = rows_at_once(count * bits)
    weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.uint16)
    for top in range(0, len(lines), step):
        single = np.unpackbits(lines[top : top + step], axis=1, count=count * bits)
        result[top : top + step] = single.reshape(-1, count, bits) @ weights
    return result
