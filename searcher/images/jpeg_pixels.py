"""Decode the pixels of a JPEG by libjpeg, which may lack its end marker."""

from dataclasses import replace
from typing import IO, cast

from PIL import Image, ImageChops, JpegImagePlugin

from searcher.images.containers.jpeg_scans import endings
from searcher.images.containers.picture_file import CutOff, PictureFile
from searcher.images.decoding import reduction

Size = tuple[int, int]


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
            return image
        variants = endings(file.stream)
        if variants is None:
            return jpeg_pixels(image, replace(file, is_padded=False), draft)
    except OSError:
        variants = endings(file.stream)
        if variants is None:
            raise
    first: Image.Image | None = None
    for stream in variants:
        image = JpegImagePlugin.JpegImageFile(cast(IO[bytes], stream))
        if draft:
            image.draft("RGB", draft)
        image.load()
        if first and ImageChops.difference(first, image).getbbox():
            raise CutOff("pixels")
        first = first or image
    if not first:
        raise CutOff("pixels")
    return first
