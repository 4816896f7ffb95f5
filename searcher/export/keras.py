"""Keras network -> tf2onnx -> one verified model file.

Run as `python -m searcher.export.keras NAME --weights … --output FILE`; see export_process.py.
"""

import importlib
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from searcher.config.logs import quieten_tensorflow
from searcher.errors import ExportFailed, WeightsUnavailable
from searcher.export.contract import Metadata, publish_verified, verification_pictures
from searcher.export.convert import to_onnx
from searcher.export.converter_internals import report_downloads
from searcher.export.export_process import Order, downloading, report, run
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.networks import KerasNetwork

SEED = 0
# Keras downloads without a time limit, so that an unresponsive connection would block the install.
NETWORK_TIMEOUT_S = 60


def export(network: KerasNetwork, weights: str, output: Path) -> float:
    """Make a model file.

    Args:
        network: The network.
        weights: "imagenet", "random" (seeded, untrained) or the path of an .h5 file.
        output: The path of the model file.

    Returns:
        The lowest cosine between its vectors and Keras'.

    Raises:
        WeightsUnavailable: The weights cannot be downloaded.
        ExportFailed: The conversion or its verification failed.
    """
    report("loading", message("install.loading"))
    base, preprocess = build(network, weights)
    batch = verification_pictures(network.size, network.size)
    expected = reference(base, preprocess, batch)
    report("converting", message("install.converting"))
    model = to_onnx(wrap(base, preprocess, network))
    report("verifying", message("install.verifying"))
    return publish_verified(
        model, _metadata(network, weights), output, batch, expected, message("vectors.keras")
    )


def build(network: KerasNetwork, weights: str) -> tuple[Any, Any]:
    """Load a Keras network.

    Args:
        network: The network.
        weights: "imagenet", "random" or the path of an .h5 file.

    Returns:
        The keras.Model, pooled and without its top layers, and its preprocessing function.

    Raises:
        WeightsUnavailable: The weights cannot be downloaded.
        ExportFailed: The file does not fit the network.
    """
    import keras

    module = importlib.import_module(f"keras.applications.{network.module}")
    make = getattr(module, network.function)
    source = weights if weights == "imagenet" else None
    keras.utils.set_random_seed(SEED)
    report_downloads(lambda done, total: report("downloading", downloading(done, total)))
    socket.setdefaulttimeout(NETWORK_TIMEOUT_S)
    shape = (network.size, network.size, 3)
    try:
        base = make(include_top=False, pooling=network.pooling, weights=source, input_shape=shape)
    except Exception as error:
        if source is None:
            raise
        raise WeightsUnavailable("install.download_failed") from error
    if weights not in ("imagenet", "random"):
        try:
            base.load_weights(weights)
        except Exception as error:
            raise ExportFailed("install.weights_unfit", title=network.title) from error
    return base, module.preprocess_input


def wrap(base: Any, preprocess: Any, network: KerasNetwork) -> Any:
    """Add preprocessing and L2 normalisation: uint8 [N, H, W, 3] -> unit vectors [N, D]."""
    import keras

    image = keras.Input((network.size, network.size, 3), dtype="uint8", name="image")
    pixels = keras.ops.cast(image, "float32")
    features = _depthwise(base)(preprocess(pixels))
    return keras.Model(image, keras.layers.UnitNormalization(axis=-1, name="embedding")(features))


def _depthwise(base: Any) -> Any:
    """Replace convolutions with one group per channel (as in ConvNeXt) by depthwise ones.

    They are equivalent, but Keras runs grouped ones by XLA, which tf2onnx cannot convert.
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
    """Compute the expected vectors by Keras and numpy, independently of the graph.

    Args:
        base: The keras.Model.
        preprocess: Its preprocessing function.
        images: uint8 [N, H, W, 3].

    Returns:
        Unit vectors, float32 [N, D].
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


def make(order: Order) -> Message:
    """Export one network, as its parent process orders; see `export` for the errors."""
    quieten_tensorflow()
    network = CATALOGUE[order.name]
    if not isinstance(network, KerasNetwork):
        raise ExportFailed("install.not_keras", title=network.title)
    if find_spec("tensorflow") is None:
        raise ExportFailed("install.no_tensorflow", title=network.title)
    cosine = export(network, order.weights, order.output)
    return message("install.verified", cosine=cosine)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
