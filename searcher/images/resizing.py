"""Resize a picture to the uint8 [H, W, 3] that a model takes, as its file specifies.

Values equal those of Pillow, and so those of the processors of transformers, timm and open_clip,
which use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

RESAMPLES = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
FITS = ("stretch", "crop")
CENTRES = ("floor", "round")
MAX_RESIZE = 8192  # pixels
MAX_PIXELS = 2**24  # of a resized picture before its centre is cropped: 50 MB

Shares = tuple[float, float, float, float]  # left, top, right, bottom; beyond 0 and 1 is padding


@dataclass(frozen=True)
class Fit:
    """How a picture is resized: to all of the input, or to more, of which the centre is cropped.

    Args:
        fit: "stretch", or "crop", which keeps proportions.
        resize: Pixels of the short side before the centre is cropped; 0 for that of the input.
        resample: Pillow's filter.
        centre: Where half a pixel decides on the place of the centre: "floor" as in transformers,
            or "round", half to even, as in torchvision's CenterCrop.
        reducing_gap: Pillow's parameter of version 1: faster, not equal.
    """

    fit: str = "stretch"
    resize: int = 0
    resample: str = "bilinear"
    centre: str = "floor"
    reducing_gap: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError if the model contract does not allow a value."""
        if self.fit not in FITS:
            raise ValueError(f"fit must be {' or '.join(FITS)}, not {self.fit}")
        if self.resample not in RESAMPLES:
            raise ValueError(f"resample must be one of {', '.join(RESAMPLES)}, not {self.resample}")
        if self.centre not in CENTRES:
            raise ValueError(f"centre must be {' or '.join(CENTRES)}, not {self.centre}")
        if not 0 <= self.resize <= MAX_RESIZE:
            raise ValueError(f"resize must be from 0 to {MAX_RESIZE}, not {self.resize}")

    def __str__(self) -> str:
        """Describe it, as in `crop, short side to 256, bicubic`."""
        short = f", short side to {self.resize}" if self.resize else ""
        return f"{self.fit}{short}, {self.resample}"

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str]) -> "Fit":
        """Read a model file's entries; version 1 has none. Raise ValueError for bad ones."""
        if not {"fit", "resize", "resample"} & entries.keys():
            return STRETCH
        resize = entries.get("resize") or "0"
        if not resize.isdecimal():
            raise ValueError(f"resize must be a whole number, not {resize}")
        return cls(
            entries.get("fit") or "stretch",
            int(resize),
            entries.get("resample") or "bilinear",
            entries.get("centre") or "floor",
        )

    def metadata(self) -> dict[str, str]:
        """Return the entries of a model file; none for the only way of version 1."""
        if self == STRETCH:
            return {}
        entries = {"fit": self.fit, "resize": str(self.resize), "resample": self.resample}
        return entries if self.centre == "floor" else {**entries, "centre": self.centre}

    @property
    def fills_input(self) -> bool:
        """Whether the whole picture becomes the input."""
        return self.fit == "stretch" and not self.resize


# Version 1: reducing by whole factors first, to 3 times the size, is faster.
STRETCH = Fit(reducing_gap=3.0)


def resized(
    image: Image.Image, height: int, width: int, fit: Fit = STRETCH
) -> npt.NDArray[np.uint8]:
    """Resize an RGB image to uint8 [height, width, 3]."""
    resample = RESAMPLES[fit.resample]
    if fit.fills_input:
        return np.asarray(image.resize((width, height), resample, reducing_gap=fit.reducing_gap))
    w, h = _resized_size(image.size, height, width, fit)
    if w * h <= MAX_PIXELS:
        return _centre(np.asarray(image.resize((w, h), resample)), height, width, fit)
    # A narrow strip becomes very long: only its centre is computed, equal except for rounding.
    size = min(w, width), min(h, height)
    left, top = _offset(w, size[0], fit), _offset(h, size[1], fit)
    edges = np.array([left, top, left + size[0], top + size[1]]) / [w, h, w, h]
    box = tuple(edges * [image.width, image.height, image.width, image.height])
    return _centre(np.asarray(image.resize(size, resample, box=box)), height, width, fit)


def visible_part(size: tuple[int, int], height: int, width: int, fit: Fit) -> Shares:
    """Return the part of a picture of `size` (width, height) that a model sees."""
    if fit.fills_input:
        return 0.0, 0.0, 1.0, 1.0
    w, h = _resized_size(size, height, width, fit)
    left, top = _offset(w, width, fit) / w, _offset(h, height, fit) / h
    return left, top, left + width / w, top + height / h


def _resized_size(size: tuple[int, int], height: int, width: int, fit: Fit) -> tuple[int, int]:
    """Return width and height before the centre is cropped."""
    short = fit.resize or min(height, width)
    if fit.fit == "stretch":
        enlargement = short / min(height, width)
        return round(width * enlargement), round(height * enlargement)
    w, h = size
    # The long side is rounded down, as in transformers.image_transforms.
    return (short, int(short * h / w)) if w <= h else (int(short * w / h), short)


def _offset(whole: int, part: int, fit: Fit) -> int:
    """Return where the centre begins."""
    return round((whole - part) / 2) if fit.centre == "round" else (whole - part) // 2


def _centre(
    pixels: npt.NDArray[np.uint8], height: int, width: int, fit: Fit
) -> npt.NDArray[np.uint8]:
    """Crop the centre as center_crop of transformers does; smaller pictures get black borders."""
    h, w = pixels.shape[:2]
    if h < height or w < width:
        canvas = np.zeros((max(h, height), max(w, width), 3), np.uint8)
        top, left = -(-(canvas.shape[0] - h) // 2), -(-(canvas.shape[1] - w) // 2)
        canvas[top : top + h, left : left + w] = pixels
        pixels, (h, w) = canvas, canvas.shape[:2]
    top, left = _offset(h, height, fit), _offset(w, width, fit)
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])
