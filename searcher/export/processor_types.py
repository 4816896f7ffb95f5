"""Read preprocessor_config.json as the image processors of transformers do.

Each type has its own defaults, some have steps of their own: those of transformers 5.24. What a
type does that is not listed here is not guessed.
"""

import re
from dataclasses import dataclass
from typing import Any

from searcher.export.preprocess import PRESETS, Preprocess, Triple
from searcher.images.resizing import Fit

Config = dict[str, Any]
Sides = tuple[int, int]
Contents = tuple[Preprocess, Fit, Sides | None]

RESAMPLES = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box"}
STRETCHED_FROM = 384  # pixels: ConvNeXt's processor crops below
SUFFIX = re.compile(r"(ImageProcessor|FeatureExtractor)(Fast|Pil)?$")
# Any of these makes a file one about pictures.
FIELDS = {"image_mean", "mean", "do_normalize", "size", "crop_size", "do_resize"}


@dataclass(frozen=True)
class ProcessorType:
    """The defaults of a type.

    Args:
        resample: Pillow's number.
        norm: Mean and standard deviation.
        size: Of the short side, if `crop`, or of both sides.
        crop: Of the centre, in pixels; 0 for none.
        stretches: Whether a size that is a number is that of both sides.
        enlargement: The short side is this many times as large as its size.
        crop_pct: The short side is its size over this.
        top: Whether values are divided by the standard deviation again, as EfficientNet's are.
        flips: Whether channels are BGR, not normalised.
    """

    resample: int
    norm: str
    size: int = 224
    crop: int = 0
    stretches: bool = True
    enlargement: float = 1
    crop_pct: float = 1
    top: bool = False
    flips: bool = False


CLIP_TYPE = ProcessorType(3, "clip", crop=224, stretches=False)
MOBILENET = ProcessorType(2, "siglip", size=256, crop=224, stretches=False)
TYPES = {
    "Beit": ProcessorType(3, "siglip"),
    "Bit": CLIP_TYPE,
    "Blip": ProcessorType(3, "clip", size=384),
    "CLIP": CLIP_TYPE,
    "ChineseCLIP": CLIP_TYPE,
    "ConvNext": ProcessorType(3, "siglip", size=384, stretches=False, crop_pct=0.875),
    "DINOv3ViT": ProcessorType(2, "imagenet"),
    "DeiT": ProcessorType(3, "siglip", size=256, crop=224),
    "EfficientNet": ProcessorType(3, "siglip", size=346, top=True),
    "Levit": ProcessorType(3, "imagenet", crop=224, stretches=False, enlargement=256 / 224),
    "MobileNetV1": MOBILENET,
    "MobileNetV2": MOBILENET,
    "MobileViT": ProcessorType(3, "unit", crop=256, stretches=False, flips=True),
    "PoolFormer": ProcessorType(3, "imagenet", crop=224, stretches=False, crop_pct=0.9),
    "Pvt": ProcessorType(3, "imagenet"),
    "Siglip": ProcessorType(3, "siglip", stretches=False),
    "ViT": ProcessorType(2, "siglip"),
}


def read_processor(config: Config) -> Contents | None:
    """Read a preprocessor_config.json.

    Returns:
        Preprocessing, fit, height and width; None if the file is not about pictures.

    Raises:
        LookupError, TypeError, ValueError, ArithmeticError: A model file can't have that, or it is
            not known.
    """
    config = {key: value for key, value in config.items() if value is not None}
    if not FIELDS & config.keys():
        return None
    name = str(config.get("image_processor_type") or config.get("feature_extractor_type") or "")
    kind = TYPES.get(SUFFIX.sub("", name))
    if name and kind is None:
        raise ValueError(f"image_processor_type {name}")
    if kind is None:  # its type depends on the network's, so it must say everything itself
        missing = {"resample", "size"} - config.keys()
        if missing:
            raise ValueError(f"no {min(missing)}")
        kind = ProcessorType(2, "", crop=int("crop_size" in config))
    for field, value in {"do_resize": False, "do_pad": True}.items():
        if bool(config.get(field, not value)) == value:
            raise ValueError(f"{field} {value}")
    fit, sides = _fit(kind, SUFFIX.sub("", name), config)
    return _preprocess(kind, config), fit, sides


def _preprocess(kind: ProcessorType, config: Config) -> Preprocess:
    default = PRESETS.get(kind.norm)
    scale = float(config.get("rescale_factor", 1 / 255)) if config.get("do_rescale", True) else 1.0
    flips = bool(config.get("do_flip_channel_order", kind.flips))
    offset = 1.0 if config.get("rescale_offset") else 0.0
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    given = config.get("image_std", config.get("std"))
    divisor = triple(given) if given is not None else default.std if default else std
    if config.get("do_normalize", not kind.flips):
        if flips:
            raise ValueError("do_flip_channel_order True")
        given_mean = config.get("image_mean", config.get("mean"))
        if default is None and (given is None or given_mean is None):
            raise ValueError("no image_mean")
        mean = triple(given_mean) if given_mean is not None else default.mean if default else mean
        std = divisor
    if kind.top and config.get("include_top", True):
        std = _times(std, divisor)
    shifted = (mean[0] + offset, mean[1] + offset, mean[2] + offset)
    return Preprocess("BGR" if flips else "RGB", scale, shifted, std)


def _fit(kind: ProcessorType, name: str, config: Config) -> tuple[Fit, Sides]:
    number = int(config.get("resample", kind.resample))
    if number not in RESAMPLES:
        raise ValueError(f"resample {number}")
    resample = RESAMPLES[number]
    size: Any = config.get("size", kind.size)
    crops = bool(config.get("do_center_crop", kind.crop > 0))
    crop = sides(config.get("crop_size", kind.crop)) if crops else None
    if isinstance(size, int | float) and kind.stretches:
        size = {"height": size, "width": size}
    if isinstance(size, list):
        size = {"height": size[0], "width": size[-1]}
    if isinstance(size, dict) and "longest_edge" in size:
        raise ValueError(f"size {size}")
    if isinstance(size, dict) and "height" in size:
        height, width = sides(size)
        if crop in (None, (height, width)):
            return Fit("stretch", 0, resample), (height, width)
        if height * crop[1] != width * crop[0] or kind.crop_pct != 1:
            raise ValueError(f"size {size}, crop_size {crop}")
        return Fit("stretch", min(height, width), resample), crop
    short = int(size["shortest_edge"] if isinstance(size, dict) else size)
    if name == "ConvNext":
        if short >= STRETCHED_FROM:
            return Fit("stretch", 0, resample), (short, short)
        crop = short, short
    if crop is None:
        raise ValueError(f"size {size}, do_center_crop False")
    short = int(short / float(config.get("crop_pct", kind.crop_pct)) * kind.enlargement)
    return Fit("crop", short, resample), crop


def sides(value: Any) -> Sides:
    """Return height and width of a number, a list or a dictionary."""
    if isinstance(value, dict):
        return int(value["height"]), int(value["width"])
    if isinstance(value, list):
        return int(value[0]), int(value[-1])
    return int(value), int(value)


def triple(value: Any) -> Triple:
    """Return three numbers of a list, or of one that stands for all."""
    numbers = [float(number) for number in (value if isinstance(value, list) else [value])]
    if len(numbers) == 1:
        numbers *= 3
    first, second, third = numbers
    return first, second, third


def _times(a: Triple, b: Triple) -> Triple:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2]
