"""Decode TIFF samples that Pillow lacks: floats, 16 bits in planes or with alpha, plain YCbCr.

The file is rewritten as one with a byte a sample, which libtiff unpacks as it lies; numpy then
reads the samples from these bytes.
"""

import io
import struct
from typing import IO, cast

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from searcher.images.containers.picture_file import NotRead, all_bytes
from searcher.images.containers.tiff_file import rewritten
from searcher.images.containers.tiff_pages import (
    BITS,
    COMPRESSION,
    EXTRA_SAMPLES,
    LENGTH,
    PHOTOMETRIC,
    PLANAR,
    PREDICTOR,
    ROWS_PER_STRIP,
    SAMPLE_FORMAT,
    SAMPLES,
    STRIP_BYTES,
    STRIP_OFFSETS,
    TILE_BYTES,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_WIDTH,
    WIDTH,
    YCBCR_SAMPLING,
    Tag,
    Tags,
    first_page,
)
from searcher.images.deep_strips import Deep, deep_of
from searcher.images.depths import DEPTHS, FULL, rows_at_once, values_of, white_in

Samples = npt.NDArray[np.generic]

# Codes of numpy by TIFF's sample format: unsigned, signed, floating point.
KINDS = {1: "u", 2: "i", 3: "f"}
PLAIN = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})  # compressions that keep bytes as they are
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, YCBCR = 0, 1, 2, 6
HORIZONTAL, FLOATING = 2, 3  # predictors
WHITES = (*DEPTHS, FULL)  # of fewer bits in 32
PREMULTIPLIED = 1  # of extra samples
MODES = {(1, False): "L", (1, True): "LA", (3, False): "RGB", (3, True): "RGBA"}


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
        self._photometric = number(PHOTOMETRIC, BLACK_IS_ZERO)
        colours = 3 if self._photometric in (RGB, YCBCR) else 1
        is_sampled = self._numbers(YCBCR_SAMPLING) == (1, 1) and bits == 8
        if (
            kind is None
            or bits not in (8, 16, 32, 64)
            or (kind, bits) == ("f", 8)
            or len(set(self._numbers(BITS))) > 1
            or number(COMPRESSION, 1) not in PLAIN
            or (self._photometric > RGB and not (self._photometric == YCBCR and is_sampled))
            or self._channels < colours
        ):
            raise NotRead("TIFF")
        self._is_tiled = TILE_OFFSETS in self._tags
        self._dtype = np.dtype(f"{self._order}{kind}{bits // 8}")
        self._colours = colours
        extra = self._numbers(EXTRA_SAMPLES)
        self._alpha = bool(extra and extra[0] in (PREMULTIPLIED, 2))
        self._is_premultiplied = extra[:1] == (PREMULTIPLIED,)
        self.bytes = 12 * self.size[0] * self.size[1] * self._channels * self._dtype.itemsize // 4

    @property
    def is_deep(self) -> bool:
        """Whether samples have more than 8 bits."""
        return self._dtype.itemsize > 1

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel beside alpha."""
        return self._colours == 1

    def is_misread(self) -> bool:
        """Whether Pillow opens the file, and takes its samples for others."""
        is_deep = self._dtype.itemsize > 1 and self._dtype.kind != "f"
        in_planes = self._number(PLANAR, 1) == 2 and self._channels > 1
        is_white_zero = self._photometric == WHITE_IS_ZERO
        # Of what libtiff unpacks, which is in the machine's order, Pillow swaps 4 bytes again.
        is_swapped = self._order == ">" and self._number(COMPRESSION, 1) != 1
        return (
            self._photometric == YCBCR
            or (is_deep and (in_planes or is_white_zero))
            or (is_swapped and self._dtype.itemsize == 4)
            or (self._dtype.kind == "u" and self._dtype.itemsize == 4)  # for signed ones
        )

    def decode(self, bits: int) -> Image.Image:
        """Return the picture in 8 bits a sample.

        Args:
            bits: Bits of a sample that have a meaning; 0 where the file does not say.
        """
        samples, low, high = self._ranged(bits)
        mode = MODES[self._colours, self._alpha] if self._photometric != YCBCR else "YCbCr"
        result = Image.new(mode, self.size)
        for part in self._parts(samples):
            scaled = self._scaled(samples[part], low, high, 255).astype(np.uint8)
            levels = scaled if scaled.shape[-1] > 1 else scaled[..., 0]
            result.paste(Image.fromarray(levels, mode), (0, part.start))
        return result

    def deep(self, bits: int) -> Deep:
        """Return the samples, scaled to 16 bits; see `decode`."""
        samples, low, high = self._ranged(bits)

        def part(rows: slice) -> npt.NDArray[np.uint16]:
            return self._scaled(samples[rows], low, high, FULL).astype(np.uint16)

        return deep_of(self.size, self._colours + self._alpha, part)

    def _ranged(self, bits: int) -> tuple[Samples, float, float]:
        """Return all samples [H, W, C], and the values that become black and white."""
        samples = self._samples()
        colours = [samples[part][..., : self._colours] for part in self._parts(samples)]
        return samples, *self._range(colours, bits)

    def _parts(self, samples: Samples) -> list[slice]:
        rows = rows_at_once(self.size[0])
        return [slice(top, top + rows) for top in range(0, len(samples), rows)]

    def _scaled(self, part: Samples, low: float, high: float, top: int) -> npt.NDArray[np.float32]:
        values = values_of(part[..., : self._colours + self._alpha])
        scaled = np.clip((values - low) * (top / max(high - low, 1e-12)), 0, top).round()
        if self._is_premultiplied:
            scaled[..., :-1] *= top / np.maximum(scaled[..., -1:], 1)
            scaled = np.minimum(scaled.round(), top)
        if self._photometric == WHITE_IS_ZERO:
            scaled[..., 0] = top - scaled[..., 0]
        return np.asarray(scaled, np.float32)

    def _range(self, parts: list[Samples], bits: int) -> tuple[float, float]:
        """Return the values that become black and white."""
        if self._dtype.kind == "u" and self._dtype.itemsize < 4:
            return 0, 255 if self._dtype.itemsize == 1 else white_in(
                cast(list[npt.NDArray[np.uint16]], parts), bits
            )
        ends = [(float(v.min()), float(v.max())) for p in parts for v in [values_of(p)]]
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        if low >= 0 and high <= 255:
            return 0, 1 if high <= 1 else 255
        if self._dtype.kind == "u":
            full = 2 ** (8 * self._dtype.itemsize) - 1
            if bits and high < 1 << bits:
                return 0, (1 << bits) - 1
            if high > full / 16:  # otherwise it would be black to any eye
                return 0, full
            return 0, next((white for white in WHITES if high <= white), high)
        return low, high

    def _samples(self) -> Samples:
        """Return all samples [H, W, C]."""
        parts = len(self._numbers(TILE_OFFSETS if self._is_tiled else STRIP_OFFSETS))
        if self._number(PLANAR, 1) == 2 and self._channels > 1:
            each = parts // self._channels
            planes = [self._plane(n * each, each, 1) for n in range(self._channels)]
            return np.concatenate(planes, -1)
        return self._plane(0, parts, self._channels)

    def _plane(self, first: int, parts: int, channels: int) -> Samples:
        """Return the samples of some strips or tiles [H, W, channels]."""
        width, height = self.size
        columns = self._number(TILE_WIDTH, width) if self._is_tiled else width
        across = -(-width // max(1, columns))  # the last tile reaches beyond the picture
        lines = self._bytes(first, parts, across * columns * channels, columns * channels)
        # What predicts samples begins anew with each row of a tile.
        samples = self._predicted(lines.reshape(height * across, -1), channels)
        return samples.reshape(height, -1, channels)[:, :width]

    def _bytes(self, first: int, parts: int, samples: int, columns: int) -> npt.NDArray[np.uint8]:
        """Return the bytes of some strips or tiles as lines of a number of samples."""
        size = self._dtype.itemsize
        tags: Tags = {
            n: t for n, t in self._tags.items() if n in (COMPRESSION, LENGTH, TILE_LENGTH)
        }
        tags |= {n: self._tag(v) for n, v in ((BITS, 8), (PHOTOMETRIC, 1), (WIDTH, samples * size))}
        if self._is_tiled:
            tags[TILE_WIDTH] = self._tag(columns * size)
        else:
            tags[ROWS_PER_STRIP] = self._tag(self._number(ROWS_PER_STRIP, self.size[1]))
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


def samples_of(stream: io.BufferedIOBase) -> TiffSamples | None:
    """Return the reader of a file's samples; None where it has none of these."""
    try:
        return TiffSamples(all_bytes(stream))
    except NotRead:
        return None
