"""Read a network's preprocessing from the files beside it, as on the Hub.

preprocessor_config.json is of transformers, since version 5 also a part of processor_config.json;
config.json with `pretrained_cfg` is of timm. preprocess_cfg.json is of open_clip, as immich exports
it, also a part of open_clip_config.json.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searcher.errors import CannotAdopt
from searcher.export.preprocess import Preprocess
from searcher.export.processor_types import Contents, Sides, read_processor, sides, triple
from searcher.images.resizing import Fit
from searcher.models.embedder import MAX_SIDE
from searcher.text_encoding import read_text

CROP_PCT = 0.875


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
                document = json.loads(read_text(folder / name))
            except (OSError, ValueError, RecursionError):
                continue
            try:
                contents = read(document) if isinstance(document, dict) else None
                if contents is not None:
                    _check_sides(contents[2])
            except (LookupError, TypeError, ValueError, ArithmeticError) as error:
                raise CannotAdopt("adopt.config", file=name, reason=str(error)) from error
            if contents is not None:
                return ProcessorConfig(name, *contents)
    return None


def _check_sides(sides: Sides | None) -> None:
    if sides is not None and not 1 <= min(sides) <= max(sides) <= MAX_SIDE:
        raise ValueError(f"size {sides[0]} x {sides[1]}")


def _timm(config: dict[str, Any]) -> Contents | None:
    """Read a config.json as timm.data.transforms_factory.transforms_imagenet_eval does."""
    given = config.get("pretrained_cfg")
    if not isinstance(given, dict) or "mean" not in given:
        return None
    height, width = (int(side) for side in given["input_size"][1:])
    resample = str(given.get("interpolation") or "bilinear")
    pct = float(given.get("crop_pct") or CROP_PCT)
    mode = given.get("crop_mode") or "center"
    short = math.floor(height / pct)
    if mode not in ("center", "squash"):
        raise ValueError(f"crop_mode {mode}")
    if mode == "squash" and pct == 1:
        fit = Fit("stretch", 0, resample)
    elif height != width or pct > 1:  # timm's rounding and padding differ then
        raise ValueError(f"input_size {height} x {width}, crop_pct {pct:g}")
    else:
        fit = Fit("stretch" if mode == "squash" else "crop", short, resample, "round")
    return _normalised(given), fit, (height, width)


def _open_clip(config: dict[str, Any]) -> Contents | None:
    """Read a preprocess_cfg.json as open_clip.transform.image_transform does."""
    if "mean" not in config:
        return None
    height, width = sides(config["size"])
    mode = config.get("resize_mode") or "shortest"
    resample = str(config.get("interpolation") or "bicubic")
    if mode == "squash":
        fit = Fit("stretch", 0, resample)
    elif mode == "shortest" and height == width:
        fit = Fit("crop", height, resample, "round")
    else:
        raise ValueError(f"resize_mode {mode}, size {height} x {width}")
    return _normalised(config), fit, (height, width)


def _normalised(config: dict[str, Any]) -> Preprocess:
    return Preprocess(scale=1 / 255, mean=triple(config["mean"]), std=triple(config["std"]))


def _part(key: str, read: Callable[[dict[str, Any]], Contents | None]) -> Any:
    """Return a function that reads one entry of a document."""

    def read_part(config: dict[str, Any]) -> Contents | None:
        part = config.get(key)
        return read(part) if isinstance(part, dict) else None

    return read_part


READERS: dict[str, Callable[[dict[str, Any]], Contents | None]] = {
    "preprocessor_config.json": read_processor,
    "processor_config.json": _part("image_processor", read_processor),
    "preprocess_cfg.json": _open_clip,
    "open_clip_config.json": _part("preprocess_cfg", _open_clip),
    "config.json": _timm,
}
