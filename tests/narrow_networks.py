"""Networks of the catalogue with few channels and blocks: every kind of layer, in a few seconds.

Run as `python -m tests.narrow_networks RECIPES FOLDER`; writes NAME.onnx as an installation does,
and NAME.npy, what Keras says of FOLDER/images.npy (see keras_reference.py).
"""

import importlib
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from searcher.export.keras import export
from searcher.models.catalog import CATALOGUE
from searcher.models.networks import KerasNetwork
from tests import keras_reference

# The general function of its module, and what the network gives it but for the channels. From its
# name EfficientNetV2 knows its blocks, and that pixels are normalised.
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "efficientnet_v2_b0": (
        "EfficientNetV2",
        {
            **{"width_coefficient": 0.25, "depth_coefficient": 0.5, "default_size": 224},
            "name": "efficientnetv2-b0",
        },
    ),
    "convnext_tiny": (
        "ConvNeXt",
        {"depths": [1, 1, 2, 1], "projection_dims": [24, 48, 96, 192], "name": "convnext_tiny"},
    ),
}


def main(recipes: str, folder: str) -> None:
    """Export and run the networks of the recipes, all of them in OPTIONS."""
    for name in json.loads(recipes):
        network = CATALOGUE[name]
        assert isinstance(network, KerasNetwork)
        module = importlib.import_module(f"keras.applications.{network.module}")
        general, options = OPTIONS[name]
        make = getattr(module, network.function).__globals__[general]
        setattr(module, network.function, partial(make, **options))
        export(network, "random", Path(folder) / f"{name}.onnx")
    keras_reference.main(recipes, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
