"""How much of a ranking survives when the query is changed in ways that mean nothing to people."""

import io
from collections.abc import Callable

from PIL import Image, ImageFilter, ImageOps

from searcher.images.pictures import Picture
from searcher.metrics.ranking import overlap

CROP = 0.7  # of each side, around the middle
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
    """For each change, the share of each model's top results that the changed query still finds."""
    before = rank(picture)
    shares = {}
    for number, (name, change) in enumerate(CHANGES.items(), start=1):
        pixels = change(picture.pixels)
        after = rank(Picture(pixels, *pixels.size))
        shares[name] = [overlap(a, b) for a, b in zip(before, after, strict=True)]
        progress(number / len(CHANGES))
    return shares
