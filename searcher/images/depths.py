"""Which values of deep pictures (9 to 32 bits a sample) become black and white."""

import io
import zlib
from collections.abc import Iterable
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, PngImagePlugin, TiffImagePlugin

FULL = 65535
STRIP_PIXELS = 2**20  # converted at once
# Files with 1, 8, 10 or 12 bits in 16: in a picture that is black to any eye, no value is above
# a sixteenth of white. 14 bits must come near their own white.
DEPTHS = (1, 255, 1023, 4095)
FOURTEEN, SHARE = 16383, 0.9
HIGH_BYTE = FOURTEEN >> 8
# Larger pictures whose high bytes are all zero count as black: a few kilobytes can be packed so.
MAX_BLACK_PIXELS = 27_000_000
LOW_BYTE = 255  # all zero where 8 bits were shifted up
# Pillow keeps the high byte of colours with 16 bits; in the other order of bytes, the low one.
OTHER_BYTE = {
    f"{mode};16{one}": f"{mode};16{other}"
    for mode in ("RGB", "RGBA", "RGBX")
    for one, other in (("B", "L"), ("L", "B"), ("N", "B"))
}

GREY_ALPHA = "LA;16B"

Samples = npt.NDArray[np.generic]
Values = npt.NDArray[np.float32]


def rows_at_once(width: int, multiple: int = 1) -> int:
    """Return how many rows are converted at once: a multiple of a number."""
    return multiple * max(1, STRIP_PIXELS // (width * multiple))


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
    if 8 < bits < 16 and top < 1 << bits:
        return (1 << bits) - 1
    if not top or not low_bits & LOW_BYTE or bits >= 16:
        return FULL
    if FOURTEEN * SHARE < top <= FOURTEEN:
        return FOURTEEN
    return next((white for white in DEPTHS if top <= white), FULL)


def white_in(strips: Iterable[npt.NDArray[np.uint16]], bits: int) -> int:
    """Return the value of white in a picture with 16 bits a sample; see `white_of`."""
    top, used, is_byte_twice = 0, 0, True
    for values in strips:
        top = max(top, int(values.max()))
        if top > FOURTEEN:
            return FULL
        used |= int(np.bitwise_or.reduce(values, axis=None))
        is_byte_twice = is_byte_twice and not (values % 257).any()
    return FULL if is_byte_twice else white_of(top, bits, used)


def ends_of(strips: Iterable[Samples]) -> tuple[float, float]:
    """Return the smallest and the largest value of some strips."""
    ends = [(float(v.min()), float(v.max())) for strip in strips for v in [values_of(strip)]]
    return min(low for low, _ in ends), max(high for _, high in ends)


def eight_bit(strip: Image.Image, low: float, high: float) -> Image.Image:
    """Scale a deep strip to 8 bits, mode L."""
    return Image.fromarray(shares_of(np.asarray(strip), low, high, 255).astype(np.uint8))


def values_of(samples: Samples) -> Values:
    """Return the values of a deep strip; what is no number, or infinite, is 0."""
    return np.nan_to_num(_as_floats(samples), posinf=0, neginf=0)


def shares_of(samples: Samples, low: float, high: float, top: int) -> Values:
    """Scale values to whole numbers from 0 to `top`; what is no number is black.

    Args:
        samples: Of any type.
        low: The value of black.
        high: The value of white.
        top: What white becomes.
    """
    values = np.nan_to_num(_as_floats(samples), nan=low, posinf=np.inf, neginf=-np.inf)
    shares = (values - low) * (top / max(high - low, 1e-12))
    return np.asarray(np.clip(shares.round(), 0, top), np.float32)


def _as_floats(samples: Samples) -> Values:
    with np.errstate(over="ignore"):  # of 64 bits
        return np.asarray(samples, dtype=np.float32)


def rawmode_of(image: Image.Image) -> str:
    """Return how the samples of an opened PNG or TIFF lie in the file; "" for others."""
    if not isinstance(image, PngImagePlugin.PngImageFile | TiffImagePlugin.TiffImageFile):
        return ""
    args = image.tile[0][3] if image.tile else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def has_low_bytes(rawmode: str) -> bool:
    """Whether samples have 16 bits, of which Pillow decodes the high 8."""
    return rawmode in OTHER_BYTE or rawmode == GREY_ALPHA


def low_bytes(reopened: ImageFile.ImageFile, rawmode: str) -> Image.Image:
    """Decode the low bytes of samples with 16 bits, in the mode of the high ones.

    Args:
        reopened: The file, opened again.
        rawmode: How its samples lie in the file.
    """
    if rawmode == GREY_ALPHA:
        return _low_bytes_of_grey(reopened)
    reopened.tile = [
        tile._replace(
            args=(OTHER_BYTE[rawmode], *tile.args[1:])
            if isinstance(tile.args, tuple)
            else OTHER_BYTE[rawmode]
        )
        for tile in reopened.tile
    ]
    reopened.load()
    return reopened


def _low_bytes_of_grey(reopened: ImageFile.ImageFile) -> Image.Image:
    """Decode a PNG of grey and alpha as one of four bytes a pixel."""
    assert reopened.fp is not None
    reopened.fp.seek(0)
    data = bytearray(reopened.fp.read())
    data[24:26] = 8, 6  # bits, and the colour type with four channels
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with PngImagePlugin.PngImageFile(io.BytesIO(data)) as bytes_:
        bands = bytes_.split()
    return Image.merge("RGBA", (bands[1], bands[1], bands[1], bands[3]))  # as Pillow has it


def is_dark(image: Image.Image) -> bool:
    """Whether a picture with 16 bits a sample may have fewer in use, judged by the high bytes."""
    ends = cast(tuple[tuple[int, int], ...], image.getextrema())
    top = max(high for _, high in ends[:3])  # RGB or RGBA
    return top <= HIGH_BYTE and (top > 0 or image.width * image.height <= MAX_BLACK_PIXELS)


def scaled(values: npt.NDArray[np.generic], low: float, high: float) -> npt.NDArray[np.uint16]:
    """Scale values to 16 bits.

    Args:
        values: Of any type.
        low: The value of black.
        high: The value of white.
    """
    if values.dtype == np.uint16 and (low, high) == (0, FULL):
        return cast(npt.NDArray[np.uint16], values)
    return shares_of(values, low, high, FULL).astype(np.uint16)
