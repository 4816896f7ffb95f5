"""Convert the pixels of an opened file to 8-bit RGB, and estimate the memory of decoding."""

import math
import re
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, JpegImagePlugin, TiffImagePlugin

STRIP_PIXELS = 2**20  # converted at once
# Larger pictures are halved, as JPEGs are when they are decoded: 108 MB as Pillow's RGB.
HELD_PIXELS = 27_000_000
SURPLUS_BYTES = 4 * 2**20  # of EXIF data in a JPEG; cameras write one segment, 64 kB

# Bytes a pixel that decoders keep beside the image itself, measured with Pillow 12.3 and
# pillow_heif 1.8: planes, canvases (two for WebP's animations) and the buffer that is copied.
DECODER_BYTES = {"WEBP": 13, "AVIF": 14, "HEIF": 8}
# Tags of TIFF 6.0
BITS, SAMPLES, ROWS_PER_STRIP, TILE_WIDTH, TILE_LENGTH = 258, 277, 278, 322, 323

# The entry that warnings.filterwarnings() adds: action, message, category, module, line.
PILLOW_FILTER = ("ignore", None, Warning, re.compile("PIL\\."), 0)

Convert = Callable[[Image.Image], Image.Image]


def ignore_pillow_warnings() -> None:
    """Ignore Pillow's warnings of harmless defects; this program checks the limits that matter.

    The filters belong to the whole process: `warnings.catch_warnings()` in several threads at once
    restores them in any order, and can leave one behind that ignores everything.
    """
    if PILLOW_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=r"PIL\.")


def decoding_bytes(image: Image.Image, full: tuple[int, int], side: int) -> int:
    """Estimate the bytes that decoding an opened file takes at its peak.

    Args:
        image: The opened file, whose pixels are not decoded yet.
        full: Width and height in pixels before a JPEG's reduced scale was chosen.
        side: Pixels that the long side of the result has at least; see `reduction`.
    """
    pixels = image.width * image.height
    factor = reduction(image.size, side)
    bands = len(image.getbands())
    pixel_bytes = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    decoder = DECODER_BYTES.get(image.format or "", 0) * pixels
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        if image.info.get("progressive"):
            decoder += 2 * full[0] * full[1] * image.layers  # all coefficients, at any scale
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        decoder += _tiff_buffer(image)
    elif image.format == "BMP":
        decoder += 3 * pixels if bands == 1 else 0  # run lengths are decoded in Python
    result = 4 * -(-image.width // factor) * -(-image.height // factor)
    # The result twice: it is turned upright into a copy.
    return pixel_bytes * pixels + decoder + 2 * result + 16 * STRIP_PIXELS


def _tiff_buffer(image: TiffImagePlugin.TiffImageFile) -> int:
    """Return the bytes of one strip or tile, which libtiff unpacks whole; files set its size."""
    if not image.tile or image.tile[0][0] != "libtiff":
        return 0

    def tag(number: int, default: int) -> int:
        value = image.tag_v2.get(number, default)
        return int(max(value) if isinstance(value, tuple) else value)

    width, height = tag(TILE_WIDTH, image.width), tag(TILE_LENGTH, 0)
    height = height or min(tag(ROWS_PER_STRIP, image.height), image.height)
    return width * height * tag(BITS, 1) * tag(SAMPLES, 1) // 8


def reduction(size: tuple[int, int], side: int) -> int:
    """Return the whole number by which width and height are divided, 1 for no reduction.

    Args:
        size: Width and height in pixels.
        side: Pixels that the long side keeps at least.
    """
    factor = math.ceil(math.sqrt(size[0] * size[1] / HELD_PIXELS))
    return max(1, min(factor, max(size) // side))


def to_rgb(image: Image.Image, factor: int = 1) -> Image.Image:
    """Convert any mode to 8-bit RGB, reduced by `factor`; transparency lies on white.

    The picture is converted strip by strip: at full size 64 megapixels would be copied five times,
    which takes 1.2 GB.
    """
    convert = _conversion(image)
    if convert is None:
        return image.reduce(factor) if factor > 1 else image
    result = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top, strip in _strips(image, factor):
        rgb = convert(strip)
        result.paste(rgb.reduce(factor) if factor > 1 else rgb, (0, top // factor))
    return result


def _strips(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """Yield each strip with its first row; the height of all but the last is a multiple."""
    rows = multiple * max(1, STRIP_PIXELS // (image.width * multiple))
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _conversion(image: Image.Image) -> Convert | None:
    """Return the function that converts a strip to RGB; None where the picture is RGB already."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        low, high = _range(image)
        return lambda strip: _eight_bit(strip, low, high).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_white
    return None if image.mode == "RGB" else lambda strip: strip.convert("RGB")


def _on_white(strip: Image.Image) -> Image.Image:
    white = Image.new("RGBA", strip.size, "white")
    return Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB")


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the values that become black and white; Pillow would clip large ones to white."""
    if image.mode.startswith("I;16"):
        return 0.0, 65535.0
    ends = [(float(v.min()), float(v.max())) for _, s in _strips(image) for v in [_values(s)]]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low >= 0 and high <= 255:
        return 0.0, 1.0 if high <= 1 else 255.0
    return low, high


def _eight_bit(strip: Image.Image, low: float, high: float) -> Image.Image:
    scaled = (_values(strip) - low) * (255.0 / max(high - low, 1e-12))
    return Image.fromarray(scaled.round().astype(np.uint8))


def _values(strip: Image.Image) -> npt.NDArray[np.float32]:
    return np.nan_to_num(np.asarray(strip, dtype=np.float32))


def without_surplus(data: bytes) -> bytes:
    """Drop the EXIF segments of a JPEG that has megabytes of them.

    Pillow joins them one by one: 100 MB take it half a minute.
    """
    if len(data) <= SURPLUS_BYTES or data[:2] != b"\xff\xd8":
        return data
    pieces, start, exif, position = [], 0, 0, 2
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] != b"\xda":
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position + 1] == 0xE1 and data[position + 4 : position + 8] == b"Exif":
            exif += end - position
            if exif > SURPLUS_BYTES:
                pieces.append(data[start:position])
                start = end
        position = end
    return b"".join([*pieces, data[start:]]) if pieces else data
