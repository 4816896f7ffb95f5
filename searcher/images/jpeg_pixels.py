"""Decode the pixels of a JPEG by libjpeg, which may lack its end marker."""

from dataclasses import replace
from typing import IO, cast

from PIL import Image, ImageChops, JpegImagePlugin

from searcher.images.containers.jpeg_scans import endings
from searcher.images.containers.picture_file import CutOff, PictureFile, Spliced
from searcher.images.decoding import reduction

Size = tuple[int, int]

NO_COEFFICIENTS = frozenset({127, 128})  # in 8 bits; inks are inverted


def draft_size(image: Image.Image, side: int) -> Size | None:
    """Return the size that a large JPEG is decoded at; None for its own.

    Args:
        image: The opened file.
        side: Pixels that the long side has at least; see `reduction`.
    """
    factor = reduction(image.size, side)
    return (image.width // factor, image.height // factor) if factor > 1 else None


def jpeg_pixels(image: Image.Image, file: PictureFile, draft: Size | None) -> Image.Image:
    """Decode a JPEG, which may lack its end marker.

    libjpeg takes what stands behind an end marker that comes too early for grey.

    Args:
        image: The opened file.
        file: The file.
        draft: The size that it is decoded at; None for its own.

    Raises:
        CutOff: It lacks more than that.
        OSError: It is damaged.
    """
    try:
        if not file.is_padded:
            image.load()
            if _ends_grey(image):
                _compare(image, endings(file.stream, is_ended=True) or [], draft)
            return image
        variants = endings(file.stream)
        if variants is None:
            return jpeg_pixels(image, replace(file, is_padded=False), draft)
    except OSError:
        variants = endings(file.stream)
        if variants is None:
            raise
    if not variants:
        raise CutOff("pixels")
    first = _decoded(variants[0], draft)
    _compare(first, variants[1:], draft)
    return first


def _ends_grey(image: Image.Image) -> bool:
    """Whether the last pixel has the levels of a block without coefficients."""
    last = image.crop((image.width - 1, image.height - 1, *image.size))
    return set(last.tobytes()) <= NO_COEFFICIENTS


def _compare(image: Image.Image, variants: list[Spliced], draft: Size | None) -> None:
    """Raise CutOff unless a picture has variants, and is the same in all of them."""
    if not variants or any(
        ImageChops.difference(image, _decoded(stream, draft)).getbbox() for stream in variants
    ):
        raise CutOff("pixels")


def _decoded(stream: Spliced, draft: Size | None) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(cast(IO[bytes], stream))
    if draft:
        image.draft("RGB", draft)
    image.load()
    return image
