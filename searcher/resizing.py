"""How a picture becomes the uint8 [H, W, 3] that a model takes: the contract's `fit`.

The numbers are Pillow's, and so those of the processors in transformers, which call Pillow.
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
MAX_RESIZE = 8192  # pixels

Shares = tuple[float, float, float, float]  # left, top, right, bottom; beyond 0 and 1 is padding


@dataclass(frozen=True)
class Fit:
    """`fit` is "stretch", or "crop": the short side to `resize` pixels, then the centre."""

    fit: str = "stretch"
    resize: int = 0  # 0: the crop's own short side
    resample: str = "bilinear"

    def __post_init__(self) -> None:
        """Raises ValueError for what the contract does not have."""
        if self.fit not in FITS:
            raise ValueError(f"fit must be {' or '.join(FITS)}, not {self.fit}")
        if self.resample not in RESAMPLES:
            raise ValueError(f"resample must be one of {', '.join(RESAMPLES)}, not {self.resample}")
        if not 0 <= self.resize <= MAX_RESIZE:
            raise ValueError(f"resize must be from 0 to {MAX_RESIZE}, not {self.resize}")

    def __str__(self) -> str:
        """Such as `crop, short side to 256, bicubic`."""
        short = f", short side to {self.resize}" if self.fit == "crop" and self.resize else ""
        return f"{self.fit}{short}, {self.resample}"

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str]) -> "Fit":
        """What a model file says; a file of version 1 says nothing. Raises ValueError."""
        resize = entries.get("resize") or "0"
        if not resize.isdecimal():
            raise ValueError(f"resize must be a whole number, not {resize}")
        return cls(
            entries.get("fit") or "stretch", int(resize), entries.get("resample") or "bilinear"
        )

    def metadata(self) -> dict[str, str]:
        """What a model file says of it; nothing where it is version 1's."""
        if self == STRETCH:
            return {}
        return {"fit": self.fit, "resize": str(self.resize), "resample": self.resample}


STRETCH = Fit()


def resized(
    image: Image.Image, height: int, width: int, fit: Fit = STRETCH
) -> npt.NDArray[np.uint8]:
    """Return an RGB image as uint8 [height, width, 3]."""
    resample = RESAMPLES[fit.resample]
    if fit == STRETCH:
        # Version 1's: halving beforehand, by up to a third of the way, is faster.
        return np.asarray(image.resize((width, height), resample, reducing_gap=3.0))
    if fit.fit == "stretch":
        return np.asarray(image.resize((width, height), resample))
    size = _cropped_from(image.size, height, width, fit)
    pixels = np.asarray(image.resize(size, resample))
    return _centre(pixels, height, width)


def shown(size: tuple[int, int], height: int, width: int, fit: Fit) -> Shares:
    """The part of a picture of `size` (width, height) that a model sees."""
    if fit.fit == "stretch":
        return 0.0, 0.0, 1.0, 1.0
    w, h = _cropped_from(size, height, width, fit)
    left, top = (w - width) // 2 / w, (h - height) // 2 / h
    return left, top, left + width / w, top + height / h


def _cropped_from(size: tuple[int, int], height: int, width: int, fit: Fit) -> tuple[int, int]:
    """The size, width first, out of which the centre is cut."""
    short = fit.resize or min(height, width)
    w, h = size
    # As transformers' get_resize_output_image_size: the long side is rounded down.
    return (short, int(short * h / w)) if w <= h else (int(short * w / h), short)


def _centre(pixels: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Cut out the centre as transformers' center_crop does; what is smaller lies on black."""
    h, w = pixels.shape[:2]
    if h < height or w < width:
        canvas = np.zeros((max(h, height), max(w, width), 3), np.uint8)
        top, left = -(-(canvas.shape[0] - h) // 2), -(-(canvas.shape[1] - w) // 2)
        canvas[top : top + h, left : left + w] = pixels
        pixels, (h, w) = canvas, canvas.shape[:2]
    top, left = (h - height) // 2, (w - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])
