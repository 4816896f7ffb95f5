"""Pictures with 16 bits a sample, from top to bottom, and their way to 8 bits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from searcher.images.depths import FOURTEEN, FULL, GREY_ALPHA, rows_at_once, scaled, white_in
from searcher.images.hdr import Convert, Levels, Samples

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class Deep:
    """The samples of a picture.

    Attributes:
        size: Width and height in pixels.
        channels: 1 for greys, 3 for colours, and one more for alpha.
        bands: Returns the samples from top to bottom, each [rows, width, channels]; rows is a
            multiple of a number where it can be.
        key: The colour that is transparent, where one is.
    """

    size: tuple[int, int]
    channels: int
    bands: Callable[[int], Iterator[Samples]]
    key: tuple[int, ...] | None = None

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel beside alpha."""
        return self.channels < 3

    def colours(self) -> Iterator[Samples]:
        """Yield the bands without alpha."""
        for samples in self.bands(1):
            yield samples[..., : self.channels - 1 + self.channels % 2]


class InEightBits:
    """The strips of such a picture in 8 bits a sample.

    Attributes:
        size: Width and height in pixels.
        mode: Pillow's mode of the strips.
    """

    def __init__(self, picture: Deep, convert: Convert | None, bits: int) -> None:
        """Look for the value of white.

        Args:
            picture: The samples.
            convert: Makes sRGB of samples with 16 bits; None to scale them.
            bits: Bits that have a meaning, as the file says; 0 if it does not.
        """
        self._picture, self._convert = picture, convert
        self._colours = picture.channels - 1 + picture.channels % 2
        self._has_alpha = picture.channels % 2 == 0 or picture.key is not None
        self.size = picture.size
        self.mode = MODES[(3 if convert else self._colours) + self._has_alpha]
        tops = [0]

        def colours() -> Iterator[Samples]:
            for samples in picture.bands(1):
                tops.append(int(samples[..., -1].max()))
                yield samples[..., : self._colours]

        self._white = white_in(colours(), bits)
        self._opaque = self._white if max(tops) <= FOURTEEN else FULL

    def strips(self, multiple: int = 1) -> Iterator[Image.Image]:
        """Yield the strips; their heights are multiples of a number where they can be."""
        for samples in self._picture.bands(multiple):
            colours = samples[..., : self._colours]
            if self._convert:
                strip = Image.fromarray(self._convert(scaled(colours, 0, self._white)))
            else:
                levels = _levels(colours, self._white)
                strip = Image.fromarray(levels[..., 0] if self._colours == 1 else levels)
            if self._has_alpha:
                strip.putalpha(Image.fromarray(self._alpha(samples)))
            yield strip

    def _alpha(self, samples: Samples) -> Levels:
        if self._picture.key is None:
            return _levels(samples[..., -1], self._opaque)
        return np.asarray((samples != self._picture.key).any(-1) * 255, np.uint8)


def _levels(values: Samples, white: int) -> Levels:
    if white == FULL:
        return np.asarray(values >> 8, np.uint8)
    shares = values * np.float32(255 / white)
    np.minimum(shares, 255, out=shares)
    return np.asarray(np.rint(shares, out=shares), np.uint8)


def deep_of(
    size: tuple[int, int],
    channels: int,
    part: Callable[[slice], Samples],
    key: tuple[int, ...] | None = None,
) -> Deep:
    """Return the samples of a picture in memory.

    Args:
        size: Width and height in pixels.
        channels: See `Deep`.
        part: Returns some rows, [rows, width, channels].
        key: See `Deep`.
    """
    width, height = size

    def bands(multiple: int) -> Iterator[Samples]:
        rows = rows_at_once(width, multiple)
        for top in range(0, height, rows):
            yield part(slice(top, min(top + rows, height)))

    return Deep(size, channels, bands, key)


def twice_decoded(
    image: Image.Image, low: Image.Image, rawmode: str, key: tuple[int, ...] | None = None
) -> Deep:
    """Return the samples of which Pillow decoded the high bytes and the low ones."""
    step = 3 if rawmode == GREY_ALPHA else 1  # which Pillow decodes as RGBA
    channels = len(image.getbands()[::step])

    def part(rows: slice) -> Samples:
        box = (0, rows.start, image.width, rows.stop)
        high, rest = (np.asarray(one.crop(box))[..., ::step] for one in (image, low))
        samples = high.astype(np.uint16)
        samples <<= 8
        samples |= rest
        return samples

    return deep_of(image.size, channels, part, key)
