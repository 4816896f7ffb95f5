"""Convert decoded pixels of any mode to 8-bit sRGB, strip by strip."""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from searcher.images.colours import is_grey, srgb_conversion
from searcher.images.containers.picture_file import SRGB, ColourTags
from searcher.images.deep_colours import deep_conversion
from searcher.images.deep_strips import Deep, InEightBits
from searcher.images.depths import eight_bit, ends_of, is_deep, rows_at_once, scaled, white_in
from searcher.images.hdr import with_peak
from searcher.images.sample_ranges import float_range, whole_range

MOST = 2**31 - 1  # of mode I
WITH_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")

Convert = Callable[[Image.Image], Image.Image]


class Strips(Protocol):
    """A picture that comes from top to bottom, perhaps without ever being in memory as a whole."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    @property
    def mode(self) -> str:
        """Pillow's mode of the strips."""

    def strips(self, multiple: int = 1) -> Iterator[Image.Image]:
        """Yield the strips; their heights are multiples of a number where they can be."""


class InMemory:
    """The strips of a picture that was decoded as a whole."""

    def __init__(self, image: Image.Image) -> None:
        """Take a decoded picture."""
        self.size = image.size
        self.mode = image.mode
        self.is_clear = image.mode in WITH_ALPHA or "transparency" in image.info
        self._image = image

    def strips(self, multiple: int = 1) -> Iterator[Image.Image]:
        """Yield the strips; the height of all but the last is a multiple."""
        width, height = self.size
        rows = rows_at_once(width, multiple)
        if rows >= height:
            yield self._image
            return
        for top in range(0, height, rows):
            yield self._image.crop((0, top, width, min(top + rows, height)))


def to_rgb(
    image: Image.Image, factor: int = 1, colour: ColourTags = SRGB, bits: int = 0
) -> Image.Image:
    """Convert any mode to 8-bit sRGB, reduced by `factor`; transparency lies on white.

    The picture is converted strip by strip: at full size 64 megapixels would be copied five times,
    which takes 1.2 GB.

    Args:
        image: A decoded picture.
        factor: The whole number by which width and height are divided.
        colour: What the file says of its colours.
        bits: Bits of a sample that have a meaning; 0 where the file does not say.
    """
    whole = InMemory(image)
    convert = _conversion(whole, whole.is_clear, colour, bits)
    if convert is None:
        return image.reduce(factor) if factor > 1 else image
    return _assembled(whole, convert, factor)


def strips_to_rgb(
    picture: Strips | Deep, factor: int, colour: ColourTags = SRGB, bits: int = 0
) -> Image.Image:
    """Convert as `to_rgb` does what comes in strips."""
    if isinstance(picture, Deep):
        deep = deep_conversion(with_peak(colour, picture.colours), picture.is_grey)
        picture, colour = InEightBits(picture, deep, bits), SRGB if deep else colour
    convert = _conversion(picture, picture.mode in WITH_ALPHA, colour, bits)
    return _assembled(picture, convert or (lambda strip: strip), factor)


def convert_in_place(
    image: Image.Image, picture: Deep, colour: ColourTags, bits: int
) -> ColourTags:
    """Convert samples of 16 bits to 8, in the picture of their high bytes.

    Args:
        image: The high bytes, RGB or RGBA.
        picture: The samples, whose bands are read before they are overwritten.
        colour: What the file says of its colours.
        bits: Bits of a sample that have a meaning; 0 where the file does not say.

    Returns:
        What the colours of the result are.
    """
    deep = deep_conversion(with_peak(colour, picture.colours), picture.is_grey)
    top = 0
    for strip in InEightBits(picture, deep, bits).strips():
        is_clear = strip.mode == "RGBA" and image.mode == "RGB"
        image.paste(_on_white(strip) if is_clear else strip.convert(image.mode), (0, top))
        top += strip.height
    return SRGB if deep else colour


def _assembled(picture: Strips, convert: Convert, factor: int) -> Image.Image:
    width, height = picture.size
    result = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rest, top = Image.new("RGB", (width, 0)), 0
    for strip in picture.strips(factor):
        rgb = convert(strip)
        if rest.height:
            joined = Image.new(rgb.mode, (width, rest.height + rgb.height))
            joined.paste(rest)
            joined.paste(rgb, (0, rest.height))
            rgb = joined
        # Rows that do not fill a cell wait for the next strip, and behind the last for none.
        is_last = top + rgb.height >= height
        rows = rgb.height if is_last else rgb.height - rgb.height % factor
        rest = rgb.crop((0, rows, width, rgb.height))
        if rows:
            part = rgb if rows == rgb.height else rgb.crop((0, 0, width, rows))
            result.paste(part.reduce(factor) if factor > 1 else part, (0, top // factor))
            top += rows
    return result


def _conversion(picture: Strips, is_clear: bool, colour: ColourTags, bits: int) -> Convert | None:
    """Return the function that converts a strip to RGB; None where the picture is RGB already."""
    mode = picture.mode
    colour = with_peak(colour, lambda: map(_colours, picture.strips()))
    managed = srgb_conversion(colour, mode)
    if is_deep(mode):
        low, high = _range(mode, picture, bits)
        if managed is None:
            return lambda strip: eight_bit(strip, low, high).convert("RGB")
        if deep := deep_conversion(colour, is_grey=True):
            return lambda strip: Image.fromarray(
                deep(scaled(np.asarray(strip), low, high)[..., None])
            )
        grey = managed
        return lambda strip: grey(eight_bit(strip, low, high))
    if is_clear:
        return _on_white if managed is None else lambda strip: _on_white(managed(strip))
    if managed is not None:
        return managed
    if mode in ("1", "L"):
        return lambda strip: strip.convert("L")  # is reduced faster, and pasted as RGB
    return None if mode == "RGB" else lambda strip: strip.convert("RGB")


def _range(mode: str, picture: Strips, bits: int) -> tuple[float, float]:
    """Return the values that become black and white in a deep picture."""
    strips = (np.asarray(strip) for strip in picture.strips())
    if mode.startswith("I;16"):
        return 0, white_in(strips, bits)
    low, high = ends_of(strips)
    return float_range(high) if mode == "F" else whole_range(low, high, MOST, bits)


def _colours(strip: Image.Image) -> npt.NDArray[np.generic]:
    """Return a strip's colours without alpha, [H, W, C]; those of a palette as RGB."""
    if is_deep(strip.mode):
        return np.asarray(strip, np.uint16)[..., None]
    return np.atleast_3d(np.asarray(strip.convert("L" if is_grey(strip.mode) else "RGB")))


def _on_white(strip: Image.Image) -> Image.Image:
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")
