"""Read a network's preprocessing from the files beside it, as on the Hub.

Three kinds: preprocessor_config.json (transformers), config.json with `pretrained_cfg` (timm), and
preprocess_cfg.json (open_clip, as immich exports it).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searcher.errors import CannotAdopt
from searcher.export.preprocess import Preprocess, Triple
from searcher.images.resizing import Fit

RESAMPLES = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box"}
# Types whose default is bicubic; that of all others is bilinear.
BICUBIC = ("CLIP", "Bit", "Siglip", "ConvNext", "Deit", "Blip", "ChineseCLIP")
CROP_PCT = 0.875
STRETCHED_FROM = 384  # pixels: ConvNeXt's processor crops below


@dataclass(frozen=True)
class ProcessorConfig:
    """The contents of the file `source`; `sides`, height and width, are None if it has none."""

    source: str
    preprocess: Preprocess
    fit: Fit
    sides: tuple[int, int] | None


def read_beside(path: Path) -> ProcessorConfig | None:
    """Read the preprocessing in the network's folder, or in the one above `onnx/`.

    Args:
        path: The network.

    Returns:
        It, or None if no file has it.

    Raises:
        CannotAdopt: A file has what a model file can't have.
    """
    folders = [path.parent, path.parent.parent] if path.parent.name == "onnx" else [path.parent]
    for folder in folders:
        for name, read in READERS.items():
            try:
                document = json.loads((folder / name).read_text("utf-8"))
            except (OSError, ValueError):
                continue
            try:
                contents = read(document) if isinstance(document, dict) else None
            except (KeyError, TypeError, ValueError) as error:
                raise CannotAdopt("adopt.config", file=name, reason=str(error)) from error
            if contents is not None:
                return ProcessorConfig(name, *contents)
    return None


Contents = tuple[Preprocess, Fit, tuple[int, int] | None]


def _transformers(config: dict[str, Any]) -> Contents | None:
    kind = str(config.get("image_processor_type") or config.get("feature_extractor_type") or "")
    if not {"image_mean", "mean", "do_normalize", "size", "crop_size", "do_resize"} & config.keys():
        return None
    default = 3 if kind.startswith(BICUBIC) else 2
    number = config.get("resample", default)
    resample = RESAMPLES[default if number is None else int(number)]
    size, crop = config.get("size"), config.get("crop_size")
    cropped = bool(config.get("do_center_crop", crop is not None))
    fit, sides = _fit(kind, config, size, crop if cropped else None, resample)
    if not config.get("do_resize", True):
        raise ValueError("pictures are not resized")
    scale = float(config.get("rescale_factor", 1 / 255)) if config.get("do_rescale", True) else 1.0
    preprocess = Preprocess(scale=scale)
    if config.get("do_normalize", True):
        mean = config.get("image_mean", config.get("mean"))
        std = config.get("image_std", config.get("std"))
        preprocess = Preprocess(scale=scale, mean=_triple(mean), std=_triple(std))
    return preprocess, fit, sides


def _fit(
    kind: str, config: dict[str, Any], size: Any, crop: Any, resample: str
) -> tuple[Fit, tuple[int, int] | None]:
    if isinstance(size, dict) and "height" in size:
        stretched = int(size["height"]), int(size["width"])
        if crop is None or _sides(crop) == stretched:
            return Fit("stretch", 0, resample), stretched
        raise ValueError("pictures are stretched and then cropped")
    short = size.get("shortest_edge") if isinstance(size, dict) else size
    if short is None:
        return Fit("stretch", 0, resample), None
    short = int(short)
    if kind.startswith("ConvNext"):
        if short >= STRETCHED_FROM:
            return Fit("stretch", 0, resample), (short, short)
        pct = float(config.get("crop_pct") or CROP_PCT)
        return Fit("crop", int(short / pct), resample), (short, short)
    if crop is not None:
        return Fit("crop", short, resample), _sides(crop)
    if isinstance(size, int) and not kind.startswith("CLIP"):
        return Fit("stretch", 0, resample), (short, short)
    return Fit("crop", short, resample), (short, short)


def _timm(config: dict[str, Any]) -> Contents | None:
    given = config.get("pretrained_cfg")
    if not isinstance(given, dict) or "mean" not in given:
        return None
    height, width = (int(side) for side in given["input_size"][1:])
    resample = str(given.get("interpolation", "bilinear"))
    pct = float(given.get("crop_pct", CROP_PCT))
    mode = given.get("crop_mode", "center")
    if mode == "squash":
        fit = Fit("stretch", 0, resample)
    elif mode == "center":
        fit = Fit("crop", int(min(height, width) / pct), resample)
    else:
        raise ValueError(f"crop_mode {mode}")
    normal = Preprocess(scale=1 / 255, mean=_triple(given["mean"]), std=_triple(given["std"]))
    return normal, fit, (height, width)


def _open_clip(config: dict[str, Any]) -> Contents | None:
    if "mean" not in config:
        return None
    sides = _sides(config["size"])
    mode = config.get("resize_mode", "shortest")
    resample = str(config.get("interpolation", "bicubic"))
    if mode == "squash":
        fit = Fit("stretch", 0, resample)
    elif mode == "shortest":
        fit = Fit("crop", min(sides), resample)
    else:
        raise ValueError(f"resize_mode {mode}")
    normal = Preprocess(scale=1 / 255, mean=_triple(config["mean"]), std=_triple(config["std"]))
    return normal, fit, sides


READERS = {
    "preprocessor_config.json": _transformers,
    "preprocess_cfg.json": _open_clip,
    "config.json": _timm,
}


def _sides(value: Any) -> tuple[int, int]:
    if isinstance(value, dict):
        return int(value["height"]), int(value["width"])
    if isinstance(value, list):
        return int(value[0]), int(value[-1])
    return int(value), int(value)


def _triple(value: Any) -> Triple:
    numbers = [float(number) for number in (value if isinstance(value, list) else [value])]
    if len(numbers) == 1:
        numbers *= 3
    first, second, third = numbers
    return first, second, third
