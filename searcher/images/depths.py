"""Which values of deep pictures (9 to 32 bits a sample) become black and white."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin

FULL = 65535
STRIP_PIXELS = 2**20  # converted at once
# Files with 1, 8, 10 or 12 bits in 16: in a picture that is black to any eye, no value is above
# a sixteenth of white. 14 bits must come near their own white.
DEPTHS = (1, 255, 1023, 4095)
FOURTEEN, SHARE = 16383, 0.9
LEFT_ALIGNED = 15  # the low bits that are zero where 12 bits or fewer were shifted up
# Pillow keeps the high byte of colours with 16 bits; in the other order of bytes, the low one.
OTHER_BYTE = {
    f"{mode};16{one}": f"{mode};16{other}"
    for mode in ("RGB", "RGBA", "RGBX")
    for one, other in (("B", "L"), ("L", "B"), ("N", "B"))
}

Values = npt.NDArray[np.float32]


def is_deep(mode: str) -> bool:
    """Whether a mode of Pillow has more than 8 bits a sample."""
    return mode in ("I", "F") or mode.startswith("I;16")


def white_of(top: int, bits: int, low_bits: int) -> int:
    """Return the value of white in a picture with 16 bits a sample.

    A picture that is dark stays dark, unless all its values fit into fewer bits: cameras and
    microscopes write 12 bits in 16.

    Args:
        top: The largest value.
        bits: Bits that have a meaning, as the file says; 0 if it does not.
        low_bits: All values joined by OR: which bits are in use.
    """
    if not top or not low_bits & LEFT_ALIGNED or bits >= 16:
        return FULL
    if 8 < bits < 16 and top < 1 << bits:
        return (1 << bits) - 1
    if FOURTEEN * SHARE < top <= FOURTEEN:
        return FOURTEEN
    return next((white for white in DEPTHS if top <= white), FULL)


def value_range(mode: str, strips: Iterable[Image.Image], bits: int) -> tuple[float, float]:
    """Return the values that become black and white in a deep picture.

    Args:
        mode: Its mode.
        strips: Its strips.
        bits: Bits that have a meaning, as the file says; 0 if it does not.
    """
    if mode.startswith("I;16"):
        top, used, is_byte_twice = 0, 0, True
        for strip in strips:
            values = np.asarray(strip)
            top = max(top, int(values.max()))
            used |= int(np.bitwise_or.reduce(values, axis=None))
            is_byte_twice = is_byte_twice and not (values % 257).any()
            if top > FOURTEEN:
                return 0.0, FULL
        return 0.0, FULL if is_byte_twice else white_of(top, bits, used)
    ends = [(float(v.min()), float(v.max())) for strip in strips for v in [values_of(strip)]]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low >= 0 and high <= 255:
        return 0.0, 1.0 if high <= 1 else 255.0
    return low, high


def eight_bit(strip: Image.Image, low: float, high: float) -> Image.Image:
    """Scale a deep strip to 8 bits, mode L."""
    scaled = (values_of(strip) - low) * (255.0 / max(high - low, 1e-12))
    return Image.fromarray(np.clip(scaled.round(), 0, 255).astype(np.uint8))


def values_of(strip: Image.Image) -> Values:
    """Return the values of a deep strip; what is no number, or infinite, is 0."""
    return np.nan_to_num(np.asarray(strip, dtype=np.float32), posinf=0, neginf=0)


def rawmode_of(image: Image.Image) -> str:
    """Return how the samples of an opened PNG or TIFF lie in the file; "" for others."""
    if not isinstance(image, PngImagePlugin.PngImageFile | TiffImagePlugin.TiffImageFile):
        return ""
    args = image.tile[0][3] if image.tile else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def has_low_bytes(rawmode: str) -> bool:
    """Whether colours have 16 bits, of which Pillow decodes the high 8."""
    return rawmode in OTHER_BYTE


def brightened(
    image: Image.Image, reopened: Callable[[], ImageFile.ImageFile], bits: int
) -> Image.Image:
    """Return a colour picture with 16 bits a sample, of which fewer are in use, in 8 bits.

    Args:
        image: The decoded picture: the high bytes.
        reopened: Opens the file again.
        bits: Bits that have a meaning, as the file says; 0 if it does not.
    """
    highest = [int(high) for _, high in image.getextrema()]  # type: ignore[misc]
    if not max(highest[:3]) <= FOURTEEN >> 8:
        return image
    again = reopened()
    (first,) = again.tile[:1]
    args = (first.args,) if isinstance(first.args, str) else tuple(first.args or ())
    low = OTHER_BYTE[str(args[0])]
    again.tile = [
        tile._replace(args=low if isinstance(tile.args, str) else (low, *tile.args[1:]))
        for tile in again.tile
        if tile.args
    ]
    again.load()
    bands = range(0, image.height, max(1, STRIP_PIXELS // image.width))

    def deep(top: int) -> npt.NDArray[np.uint16]:
        box = (0, top, image.width, min(top + bands.step, image.height))
        high, low = (np.asarray(one.crop(box), np.uint16) for one in (image, again))
        return np.asarray(high << 8 | low, np.uint16)

    used, most = 0, 0
    for top in bands:
        colours = deep(top)[..., :3]
        used |= int(np.bitwise_or.reduce(colours, axis=None))
        most = max(most, int(colours.max()))
    white = white_of(most, bits, used)
    if white == FULL:
        return image
    result = Image.new(image.mode, image.size)
    for top in bands:
        values = deep(top)
        scaled = np.minimum(values.astype(np.float32) * (255 / white), 255).round()
        if len(highest) == 4 and highest[3] > FOURTEEN >> 8:
            scaled[..., 3] = values[..., 3] >> 8
        result.paste(Image.fromarray(scaled.astype(np.uint8), image.mode), (0, top))
    return result
