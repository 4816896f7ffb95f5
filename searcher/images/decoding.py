"""Estimate the memory of decoding an opened file, and choose by how much it is reduced."""

import math
import re
import warnings

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from searcher.images.depths import STRIP_PIXELS, has_low_bytes, rawmode_of

# Larger pictures are halved, as JPEGs are when they are decoded: 108 MB as Pillow's RGB.
HELD_PIXELS = 27_000_000

# Bytes a pixel that decoders keep beside the image itself, measured with Pillow 12.3 and
# pillow_heif 1.8: planes, canvases (two for WebP's animations) and the buffer that is copied.
DECODER_BYTES = {"WEBP": 13, "AVIF": 14, "HEIF": 8}
# Tags of TIFF 6.0
BITS, SAMPLES, ROWS_PER_STRIP, TILE_WIDTH, TILE_LENGTH = 258, 277, 278, 322, 323

# The entry that warnings.filterwarnings() adds: action, message, category, module, line.
PILLOW_FILTER = ("ignore", None, Warning, re.compile("PIL\\."), 0)


def ignore_pillow_warnings() -> None:
    """Ignore Pillow's warnings of harmless defects; this program checks the limits that matter.

    The filters belong to the whole process: `warnings.catch_warnings()` in several threads at once
    restores them in any order, and can leave one behind that ignores everything.
    """
    if PILLOW_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=r"PIL\.")


def decoding_bytes(
    image: Image.Image, full: tuple[int, int], side: int, planes: bool = False
) -> int:
    """Estimate the bytes that decoding an opened file takes at its peak.

    Args:
        image: The opened file, whose pixels are not decoded yet.
        full: Width and height in pixels before a JPEG's reduced scale was chosen.
        side: Pixels that the long side of the result has at least; see `reduction`.
        planes: Whether a JPEG's coefficients are in memory all at once.
    """
    pixels = image.width * image.height
    factor = reduction(image.size, side)
    bands = len(image.getbands())
    pixel_bytes = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    decoder = DECODER_BYTES.get(image.format or "", 0) * pixels
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        if planes or image.info.get("progressive"):
            # All coefficients, at any scale.
            decoder += int(2 * full[0] * full[1] * samples(image))
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        decoder += _tiff_buffer(image)
    elif image.format == "BMP":
        decoder += 3 * pixels if bands == 1 else 0  # run lengths are decoded in Python
    if has_low_bytes(rawmode_of(image)):
        decoder += 4 * pixels  # decoded again where the high bytes are dark
    result = 4 * -(-image.width // factor) * -(-image.height // factor)
    # The result twice: it is turned upright into a copy.
    return pixel_bytes * pixels + decoder + 2 * result + 16 * STRIP_PIXELS


def strips_bytes(size: tuple[int, int], side: int) -> int:
    """Estimate the bytes that decoding strip by strip takes at its peak.

    Args:
        size: Width and height in pixels.
        side: Pixels that the long side of the result has at least.
    """
    factor = reduction(size, side)
    return 8 * -(-size[0] // factor) * -(-size[1] // factor) + 64 * STRIP_PIXELS


def samples(image: JpegImagePlugin.JpegImageFile) -> float:
    """Return the samples a pixel of a JPEG, whose colours may have fewer than its grey."""
    shares = [h * v for _, h, v, _ in image.layer]
    return sum(shares) / max(1, *shares) if shares else image.layers


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
