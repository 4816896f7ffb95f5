"""Decode TIFF samples that Pillow lacks or misreads.

Those are floats, 16 bits in planes or with alpha, 32 bits, any number of bits up to 16 that are
packed, inks beside alpha, and plain YCbCr.
"""

import io
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from searcher.images.containers.picture_file import NotRead, all_bytes
from searcher.images.containers.tiff_pages import (
    BITS,
    COMPRESSION,
    EXTRA_SAMPLES,
    LENGTH,
    PHOTOMETRIC,
    PLANAR,
    SAMPLE_FORMAT,
    SAMPLES,
    WIDTH,
    YCBCR_SAMPLING,
    first_page,
)
from searcher.images.deep_strips import Deep, deep_of
from searcher.images.depths import FULL, Samples, ends_of, rows_at_once, shares_of, white_in
from searcher.images.sample_ranges import float_range, whole_range
from searcher.images.tiff_lines import TiffLines

# Codes of numpy by TIFF's sample format: unsigned, signed, floating point.
KINDS = {1: "u", 2: "i", 3: "f"}
PLAIN = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})  # compressions that keep bytes as they are
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, INKS, YCBCR, CIE_LAB, ICC_LAB = 0, 1, 2, 5, 6, 8, 9
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, INKS: 4, YCBCR: 3, CIE_LAB: 3, ICC_LAB: 3}
LAB = (CIE_LAB, ICC_LAB)
PREMULTIPLIED = 1  # of extra samples
MODES = {(1, 0): "L", (1, 1): "LA", (3, 0): "RGB", (3, 1): "RGBA", (4, 0): "CMYK"}


class TiffSamples:
    """A TIFF whose samples are read as bytes."""

    def __init__(self, data: bytes) -> None:
        """Take a file as `read_tiff` writes it.

        Raises:
            NotRead: Its samples are none of those that this class is for.
        """
        self._data = data
        self._order, self._tags = first_page(data)
        number = self._number
        self.size = number(WIDTH, 0), number(LENGTH, 0)
        self._channels = number(SAMPLES, 1)
        kind, bits = KINDS.get(number(SAMPLE_FORMAT, 1)), number(BITS, 1)
        if (kind, bits) == ("i", 8):
            kind = "u"  # as all viewers take them
        self._photometric = number(PHOTOMETRIC, BLACK_IS_ZERO)
        colours = COLOURS.get(self._photometric, 0)
        is_sampled = self._numbers(YCBCR_SAMPLING) == (1, 1) and bits == 8
        if (
            kind is None
            or (bits not in (8, 16, 32, 64) and not (kind == "u" and bits < 16))
            or (kind, bits) == ("f", 8)
            or len(set(self._numbers(BITS))) > 1
            or number(COMPRESSION, 1) not in PLAIN
            or not 0 < colours <= self._channels
            or (self._photometric == YCBCR and not is_sampled)
            or (self._photometric in LAB and bits not in (8, 16))
        ):
            raise NotRead("TIFF")
        self._is_packed = bits % 8 != 0
        self._dtype = np.dtype("u2" if self._is_packed else f"{self._order}{kind}{bits // 8}")
        self._bits = bits
        self._colours = colours
        extra = self._numbers(EXTRA_SAMPLES)
        self._alpha = bool(extra and extra[0] in (PREMULTIPLIED, 2))
        self._alpha &= self._photometric <= RGB
        self._is_premultiplied = self._alpha and extra[0] == PREMULTIPLIED
        self.bytes = 12 * self.size[0] * self.size[1] * self._channels * self._dtype.itemsize // 4

    @property
    def is_deep(self) -> bool:
        """Whether samples have more than 8 bits, and stand for light."""
        return self._bits > 8 and self._photometric <= RGB

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel beside alpha."""
        return self._colours == 1

    @property
    def is_signed(self) -> bool:
        """Whether samples are whole numbers with a sign, of which Pillow drops the size."""
        return self._dtype.kind == "i"

    def is_misread(self) -> bool:
        """Whether Pillow opens the file, and takes its samples for others."""
        is_deep = self._bits > 8 and self._dtype.kind != "f"
        in_planes = self._number(PLANAR, 1) == 2 and self._channels > 1
        is_white_zero = self._photometric == WHITE_IS_ZERO
        # Of what libtiff unpacks, which is in the machine's order, Pillow swaps 4 bytes again.
        is_swapped = self._order == ">" and self._number(COMPRESSION, 1) != 1
        return (
            self._photometric == YCBCR
            or (is_deep and (in_planes or is_white_zero))
            or (in_planes and self._colours == 1)
            or (is_swapped and self._dtype.itemsize == 4)
            or (self._dtype.kind == "u" and self._dtype.itemsize == 4)  # for signed ones
        )

    def decode(self, bits: int) -> Image.Image:
        """Return the picture in 8 bits a sample.

        Args:
            bits: Bits of a sample that have a meaning; 0 where the file does not say.
        """
        samples, low, high = self._ranged(bits)
        mode = MODES[self._colours, self._alpha]
        mode = (
            "LAB" if self._photometric in LAB else "YCbCr" if self._photometric == YCBCR else mode
        )
        result = Image.new(mode, self.size)
        for part in self._parts(samples):
            if mode == "LAB":
                scaled = self._lab(samples[part])
            else:
                scaled = self._scaled(samples[part], low, high, 255).astype(np.uint8)
            levels = scaled if scaled.shape[-1] > 1 else scaled[..., 0]
            result.paste(Image.fromarray(levels, mode), (0, part.start))
        return result

    def _lab(self, part: Samples) -> npt.NDArray[np.uint8]:
        """Return L, and a and b with their signs, as Pillow has them."""
        values = part[..., :3].astype(np.uint16)
        levels = np.asarray(values >> (self._bits - 8) & 255, np.uint8)
        if self._photometric == ICC_LAB:
            levels[..., 1:] ^= 128
        return levels

    def deep(self, bits: int) -> Deep:
        """Return the samples, scaled to 16 bits; see `decode`."""
        samples, low, high = self._ranged(bits)

        def part(rows: slice) -> npt.NDArray[np.uint16]:
            return self._scaled(samples[rows], low, high, FULL).astype(np.uint16)

        return deep_of(self.size, self._colours + self._alpha, part)

    def _ranged(self, bits: int) -> tuple[Samples, float, float]:
        """Return all samples [H, W, C], and the values that become black and white."""
        samples = TiffLines(self._data, self._order, self._tags, self._dtype).samples()
        colours = [samples[part][..., : self._colours] for part in self._parts(samples)]
        return samples, *self._range(colours, bits)

    def _parts(self, samples: Samples) -> list[slice]:
        rows = rows_at_once(self.size[0])
        return [slice(top, top + rows) for top in range(0, len(samples), rows)]

    def _scaled(self, part: Samples, low: float, high: float, top: int) -> npt.NDArray[np.float32]:
        scaled = shares_of(part[..., : self._colours + self._alpha], low, high, top)
        if self._is_premultiplied:
            scaled[..., :-1] *= top / np.maximum(scaled[..., -1:], 1)
            scaled = np.minimum(scaled.round(), top)
        if self._photometric == WHITE_IS_ZERO:
            scaled[..., 0] = top - scaled[..., 0]
        return np.asarray(scaled, np.float32)

    def _range(self, parts: list[Samples], bits: int) -> tuple[float, float]:
        """Return the values that become black and white."""
        if self._is_packed:
            return 0, (1 << self._bits) - 1
        if self._dtype.kind == "u" and self._dtype.itemsize < 4:
            return 0, 255 if self._dtype.itemsize == 1 else white_in(
                cast(list[npt.NDArray[np.uint16]], parts), bits
            )
        low, high = ends_of(parts)
        if self._dtype.kind == "f":
            return float_range(high)
        full = int(np.iinfo(cast(Any, self._dtype)).max)
        return whole_range(low, high, full, bits)

    def _numbers(self, number: int) -> tuple[int, ...]:
        return self._tags[number].numbers(self._order) if number in self._tags else ()

    def _number(self, number: int, default: int) -> int:
        return next(iter(self._numbers(number)), default)


def samples_of(stream: io.BufferedIOBase) -> TiffSamples | None:
    """Return the reader of a file's samples; None where it has none of these."""
    try:
        return TiffSamples(all_bytes(stream))
    except NotRead:
        return None
