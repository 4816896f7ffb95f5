"""What a network is, beside what files it lies, and what the reference answers."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torch import Tensor, nn
from transformers import AutoImageProcessor

Config = dict[str, Any]
Outputs = dict[str, Tensor]
DIGITS = 5


@dataclass(frozen=True)
class Export:
    """How a network becomes a file."""

    file: str = "onnx/model.onnx"
    exporter: str = "torchscript"
    batch: int | None = None  # None: free
    opset: int = 14
    input: str = "pixel_values"
    free_sides: bool = True  # TorchScript's: all sides named, as in most repositories of the Hub


@dataclass(frozen=True)
class Network:
    """A module that maps pixels to named outputs, and how an embedding comes of them."""

    name: str
    module: nn.Module
    outputs: tuple[str, ...]
    embed: Callable[[Outputs], Tensor]
    rule: str  # the embedding in words
    sides: tuple[int, int]  # height, width
    beside: dict[str, Config]
    export: Export = Export()
    other_processors: dict[str, Config] = field(default_factory=dict)
    other_inputs: dict[str, Tensor] = field(default_factory=dict)

    def __call__(self, pixels: Tensor) -> Outputs:
        """Run it in torch."""
        with torch.no_grad():
            answers = self.module(pixels, *self.other_inputs.values())
        return dict(zip(self.outputs, answers, strict=True))


Prepare = Callable[[Image.Image], Tensor]


def processor(name: str, config: Config) -> Prepare:
    """The preprocessing that a file beside a network asks for, by its own library: [1, 3, H, W]."""
    if name == "preprocess_cfg.json":
        values = {**config, "size": tuple(config["size"])}
        transform = image_transform_v2(PreprocessCfg(**values), is_train=False)
        return lambda image: transform(image)[None]
    if name == "config.json":
        data = resolve_data_config({}, pretrained_cfg=config["pretrained_cfg"])
        transform = create_transform(**data, is_training=False)
        return lambda image: transform(image)[None]
    # resnet-50 says `"crop_pct": null`, which transformers 5 takes by its word and fails.
    config = {key: value for key, value in config.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(json.dumps(config))
        made = AutoImageProcessor.from_pretrained(folder, backend="pil")
    return lambda image: made(image, return_tensors="pt")["pixel_values"].float()


def vectors(
    network: Network,
    prepare: Prepare,
    embed: Callable[[Outputs], Tensor],
    pictures: dict[str, Image.Image],
) -> dict[str, list[float]]:
    """A unit vector for each picture."""
    rows = {}
    for name, image in pictures.items():
        (row,) = embed(network(prepare(image))).flatten(1)
        rows[name] = [round(value, DIGITS) for value in (row / row.norm()).tolist()]
    return rows
