"""Keras network -> SavedModel -> tf2onnx -> one verified file of the contract.

Run as `python -m searcher.export.keras NAME --weights … --output FILE`; see maker.py. tensorflow
takes a gigabyte.
"""

import importlib
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from searcher.errors import ExportFailed, WeightsUnavailable
from searcher.export.catalogue import CATALOGUE, KerasNetwork
from searcher.export.contract import Metadata, publish_verified, verification_pictures
from searcher.export.convert import to_onnx
from searcher.export.maker import Order, report, run

SEED = 0
# Keras downloads without a time limit; a network that swallows packets would hang the install.
NETWORK_TIMEOUT_S = 60


def export(network: KerasNetwork, weights: str, output: Path) -> float:
    """Make the model file and return the lowest cosine of its verification.

    `weights` is "imagenet", "random" (seeded, untrained) or the path of an .h5 file.
    Raises WeightsUnavailable or ExportFailed.
    """
    report("loading", "getting the weights")
    base, preprocess = build(network, weights)
    batch = verification_pictures(network.size, network.size)
    expected = reference(base, preprocess, batch)
    report("converting", "converting to ONNX")
    converted = to_onnx(wrap(base, preprocess, network))
    report("verifying", "comparing ONNX with Keras")
    return publish_verified(
        converted, _metadata(network, weights), output, batch, expected, "Keras'"
    )


def build(network: KerasNetwork, weights: str) -> tuple[Any, Any]:
    """Return the Keras network, pooled and without its top, and its preprocessing function."""
    import keras

    module = importlib.import_module(f"keras.applications.{network.module}")
    make = getattr(module, network.function)
    source = {"random": None}.get(weights, weights)
    keras.utils.set_random_seed(SEED)
    _report_downloads()
    socket.setdefaulttimeout(NETWORK_TIMEOUT_S)
    shape = (network.size, network.size, 3)
    try:
        base = make(include_top=False, pooling=network.pooling, weights=source, input_shape=shape)
    except Exception as error:
        if weights == "imagenet":
            raise WeightsUnavailable("The weights could not be downloaded.") from error
        raise ExportFailed(
            f"The weights file does not fit {network.title} without its top layers "
            "(Keras calls it …_notop.h5)."
        ) from error
    return base, module.preprocess_input


def _report_downloads() -> None:
    """Make Keras say how much of a file it has: its own progress bar is for terminals."""
    from keras.src.utils import file_utils

    def retrieve(url: str, filename: str, *_: object) -> object:
        shown = -1

        def hook(blocks: int, size: int, total: int) -> None:
            nonlocal shown
            percent = min(100, blocks * size * 100 // total) if total > 0 else 0
            if percent > shown:
                shown = percent
                report("downloading", f"downloading {percent} %")

        return urllib.request.urlretrieve(url, filename, hook)

    file_utils.urlretrieve = retrieve


def wrap(base: Any, preprocess: Any, network: KerasNetwork) -> Any:
    """Put preprocessing before the network and L2 normalisation behind it: uint8 in, unit out."""
    import keras

    image = keras.Input((network.size, network.size, 3), dtype="uint8", name="image")
    pixels = keras.ops.cast(image, "float32")
    features = _depthwise(base)(preprocess(pixels))
    return keras.Model(image, keras.layers.UnitNormalization(axis=-1, name="embedding")(features))


def _depthwise(base: Any) -> Any:
    """Replace convolutions that have a group for every channel (ConvNeXt's) by depthwise ones.

    They are the same, but Keras hands groups to XLA, in a call that tf2onnx can't look into.
    """
    import keras

    def is_grouped(layer: Any) -> bool:
        return isinstance(layer, keras.layers.Conv2D) and layer.groups > 1

    def replace(layer: Any) -> Any:
        if not is_grouped(layer):
            return layer.__class__.from_config(layer.get_config())
        return keras.layers.DepthwiseConv2D(
            layer.kernel_size, layer.strides, layer.padding, use_bias=layer.use_bias
        )

    if not any(is_grouped(layer) for layer in base.layers):
        return base
    clone = keras.models.clone_model(base, clone_function=replace)
    for old, new in zip(base.layers, clone.layers, strict=True):
        weights = old.get_weights()
        if is_grouped(old):  # [h, w, 1, channels] becomes [h, w, channels, 1]
            weights[0] = weights[0].transpose(0, 1, 3, 2)
        new.set_weights(weights)
    return clone


def reference(base: Any, preprocess: Any, images: np.ndarray) -> np.ndarray:
    """What the network gives without any of the wrapping: uint8 [N, H, W, 3] -> unit [N, D].

    Preprocessing and normalisation are done here in numpy, so that a mistake in the graph shows.
    """
    features = np.asarray(base.predict(preprocess(images.astype(np.float32)), verbose=0))
    unit: np.ndarray = features / np.linalg.norm(features, axis=1, keepdims=True)
    return unit


def _metadata(network: KerasNetwork, weights: str) -> Metadata:
    origin = {
        "imagenet": network.origin,
        "random": f"untrained (random, seed {SEED})",
    }.get(weights, f"file {Path(weights).name}")
    licence = network.licence if weights == "imagenet" else "as its weights"
    if weights == "random":
        licence = "Apache-2.0 (Keras)"
    return Metadata(network.title, network.architecture, origin, licence)


def make(order: Order) -> str:
    """Do what the parent process asks for. Raises WeightsUnavailable or ExportFailed."""
    network = CATALOGUE[order.name]
    if not isinstance(network, KerasNetwork):
        raise ExportFailed(f"{network.title} is not one of Keras' networks.")
    return f"cosine {export(network, order.weights, order.output):.6f}"


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
