"""Robustness of a ranking against changes of the query that keep its content."""

import io
from collections.abc import Callable

from PIL import Image, ImageFilter, ImageOps

from searcher.images.pictures import Picture
from searcher.metrics.ranking import overlap

CROP = 0.7  # share of each side, centred
BLUR = 1 / 100  # radius as a share of the long side
JPEG_QUALITY = 20

Change = Callable[[Image.Image], Image.Image]
Rank = Callable[[Picture], list[list[int]]]  # ranked ids for each model
Progress = Callable[[float], None]


def _crop(image: Image.Image) -> Image.Image:
    width, height = (max(1, round(side * CROP)) for side in image.size)
    return ImageOps.fit(image, (width, height), centering=(0.5, 0.5), bleed=(1 - CROP) / 2)


def _blur(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(image.size) * BLUR))


def _jpeg(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return Image.open(out).convert("RGB")


CHANGES: dict[str, Change] = {
    "turned by 90°": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "mirrored": ImageOps.mirror,
    f"cropped to {CROP:.0%}": _crop,
    "blurred": _blur,
    "greyscale": lambda image: ImageOps.grayscale(image).convert("RGB"),
    f"JPEG quality {JPEG_QUALITY}": _jpeg,
}


def survival(
    picture: Picture, rank: Rank, progress: Progress = lambda share: None
) -> dict[str, list[float]]:
    """Compute the overlap of rankings before and after each change of a query.

    Args:
        picture: The query.
        rank: Ranks by several models.
        progress: Called after each change with the completed share, 0 to 1.

    Returns:
        By name of the change: the overlap for each model, 0 to 1.
    """
    before = rank(picture)
    overlaps = {}
    for number, (name, change) in enumerate(CHANGES.items(), start=1):
        pixels = change(picture.pixels)
        after = rank(Picture(pixels, *pixels.size))
        overlaps[name] = [overlap(a, b) for a, b in zip(before, after, strict=True)]
        progress(number / len(CHANGES))
    return overlaps
