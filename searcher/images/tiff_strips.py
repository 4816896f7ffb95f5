"""Decode a TIFF by its strips or rows of tiles: a band at a time, whatever the picture's size."""

import io
import struct
from collections.abc import Iterator
from typing import IO, cast

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from searcher.images.containers.tiff_file import rewritten
from searcher.images.containers.tiff_pages import (
    LENGTH,
    PLANAR,
    ROWS_PER_STRIP,
    STRIP_BYTES,
    STRIP_OFFSETS,
    TILE_BYTES,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_WIDTH,
    WIDTH,
    Tag,
    first_page,
)
from searcher.images.conversion import WITH_ALPHA
from searcher.images.deep_strips import Deep, twice_decoded
from searcher.images.depths import STRIP_PIXELS, low_bytes, rawmode_of
from searcher.images.fax_rows import require_all_rows

MAX_BAND_PIXELS = 8 * STRIP_PIXELS


class TiffStrips:
    """The strips of a TIFF, each decoded as a file of its own.

    Attributes:
        size: Width and height in pixels.
        mode: Pillow's mode of the strips.
    """

    def __init__(self, data: bytes) -> None:
        """Take a file as `read_tiff` writes it.

        Raises:
            ValueError: The file is one strip, or has its colours in separate planes.
        """
        self._data = data
        self._order, self._tags = first_page(data)
        width, height = self._number(WIDTH, 0), self._number(LENGTH, 0)
        self._is_tiled = TILE_OFFSETS in self._tags
        self._places = self._numbers(TILE_OFFSETS if self._is_tiled else STRIP_OFFSETS)
        self._sizes = self._numbers(TILE_BYTES if self._is_tiled else STRIP_BYTES)
        self._rows = self._number(TILE_LENGTH if self._is_tiled else ROWS_PER_STRIP, height)
        across = -(-width // self._number(TILE_WIDTH, width)) if self._is_tiled else 1
        # As many strips at a time as make a band.
        self._step = across * max(1, STRIP_PIXELS // max(1, width * self._rows))
        self._rows_at_once = self._rows * (self._step // across)
        if self._number(PLANAR, 1) != 1 or len(self._places) != len(self._sizes):
            raise ValueError("planes")
        if len(self._places) < across * -(-height // max(1, self._rows)):
            raise ValueError("strips are missing")
        if across * self._number(TILE_WIDTH, width) * self._rows > MAX_BAND_PIXELS:
            raise ValueError("one strip")
        self.size = width, height
        with self._band(0) as first:
            self.mode = "RGBA" if "transparency" in first.info else first.mode

    def strips(self, multiple: int = 1) -> Iterator[Image.Image]:
        """Yield the bands; their heights are the file's, whatever the multiple."""
        del multiple
        for number in range(-(-self.size[1] // self._rows_at_once)):
            part = self._part(number)
            with TiffImagePlugin.TiffImageFile(cast(IO[bytes], part)) as image:
                image.load()
                require_all_rows(image, part)
                yield image.convert(self.mode) if self.mode in WITH_ALPHA else image

    def deep(self) -> Deep:
        """Return the samples of a picture with 16 bits each."""

        def bands(multiple: int) -> Iterator[npt.NDArray[np.uint16]]:
            del multiple
            for number in range(-(-self.size[1] // self._rows_at_once)):
                with self._band(number) as image, self._band(number) as again:
                    rawmode = rawmode_of(image)
                    image.load()
                    yield from twice_decoded(image, low_bytes(again, rawmode), rawmode).bands(1)

        return Deep(self.size, Image.getmodebands(self.mode), bands)

    def _band(self, number: int) -> TiffImagePlugin.TiffImageFile:
        return TiffImagePlugin.TiffImageFile(cast(IO[bytes], self._part(number)))

    def _part(self, number: int) -> io.BufferedIOBase:
        first, last = number * self._step, (number + 1) * self._step
        places, sizes = self._places[first:last], self._sizes[first:last]
        height = min(self._rows_at_once, self.size[1] - number * self._rows_at_once)
        tags = {**self._tags, LENGTH: self._tag(height)}
        tags[TILE_OFFSETS if self._is_tiled else STRIP_OFFSETS] = self._tag(*places)
        tags[TILE_BYTES if self._is_tiled else STRIP_BYTES] = self._tag(*sizes)
        ends = [place + size for place, size in zip(places, sizes, strict=True)]
        if max(ends) > len(self._data):
            raise OSError("image file is truncated")
        return rewritten(self._data, self._order, tags, (min(places), max(ends)))

    def _tag(self, *numbers: int) -> Tag:
        return Tag(4, len(numbers), struct.pack(f"{self._order}{len(numbers)}I", *numbers))

    def _numbers(self, number: int) -> tuple[int, ...]:
        return self._tags[number].numbers(self._order) if number in self._tags else ()

    def _number(self, number: int, default: int) -> int:
        return next(iter(self._numbers(number)), default)
