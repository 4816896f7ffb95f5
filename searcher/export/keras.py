"""Keras network -> SavedModel -> tf2onnx -> one verified file of the contract.

Run as `python -m searcher.export.keras NAME --weights … --output FILE`, always in a process of
its own (see install.py): tensorflow takes a gigabyte that the app must not keep. Progress and
the outcome go to stdout, one JSON object a line.
"""

import argparse
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from searcher.errors import ExportFailed, TwinlensError, WeightsUnavailable
from searcher.export.catalogue import CATALOGUE, KerasNetwork
from searcher.export.contract import OPSET, Metadata, publish_verified, verification_pictures

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
    report("converting", "converting to ONNX")
    with tempfile.TemporaryDirectory() as scratch:
        wrap(base, preprocess, network).export(f"{scratch}/saved", verbose=False)
        converted = _tf2onnx(Path(scratch))
    _free_batch(converted)
    report("verifying", "comparing ONNX with Keras")
    batch = verification_pictures(network.size, network.size)
    expected = reference(base, preprocess, batch)
    return publish_verified(
        converted, _metadata(network, weights), output, batch, expected, "Keras'"
    )


def build(network: KerasNetwork, weights: str) -> tuple[Any, Any]:
    """Return the article's Keras network (max pooling, no top) and its preprocessing function."""
    import keras

    module = importlib.import_module(f"keras.applications.{network.module}")
    make = getattr(module, network.function)
    source = {"random": None}.get(weights, weights)
    keras.utils.set_random_seed(SEED)
    socket.setdefaulttimeout(NETWORK_TIMEOUT_S)
    shape = (network.size, network.size, 3)
    try:
        base = make(include_top=False, pooling="max", weights=source, input_shape=shape)
    except Exception as error:
        if weights == "imagenet":
            raise WeightsUnavailable("The weights could not be downloaded.") from error
        raise ExportFailed(
            f"The weights file does not fit {network.title} without its top layers "
            "(Keras calls it …_notop.h5)."
        ) from error
    return base, module.preprocess_input


def wrap(base: Any, preprocess: Any, network: KerasNetwork) -> Any:
    """Put preprocessing before the network and L2 normalisation behind it: uint8 in, unit out."""
    import keras

    image = keras.Input((network.size, network.size, 3), dtype="uint8", name="image")
    pixels = keras.ops.cast(image, "float32")
    features = base(preprocess(pixels))
    return keras.Model(image, keras.layers.UnitNormalization(axis=-1, name="embedding")(features))


def reference(base: Any, preprocess: Any, images: np.ndarray) -> np.ndarray:
    """What the network gives without any of the wrapping: uint8 [N, H, W, 3] -> unit [N, D].

    Preprocessing and normalisation are done here in numpy, so that a mistake in the graph shows.
    """
    features = np.asarray(base.predict(preprocess(images.astype(np.float32)), verbose=0))
    unit: np.ndarray = features / np.linalg.norm(features, axis=1, keepdims=True)
    return unit


def _tf2onnx(scratch: Path) -> onnx.ModelProto:
    target = scratch / "model.onnx"
    command = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(scratch / "saved")]
    command += ["--output", str(target), "--opset", str(OPSET)]
    command += ["--rename-outputs", "embedding"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not target.exists():
        print(done.stderr[-4000:], file=sys.stderr)
        raise ExportFailed("tf2onnx could not convert the network; its own message is in the log.")
    return onnx.load(target)


def _free_batch(model: onnx.ModelProto) -> None:
    """Name the free dimension N on both ends."""
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "N"


def _metadata(network: KerasNetwork, weights: str) -> Metadata:
    origin = {
        "imagenet": "ImageNet (Keras)",
        "random": f"untrained (random, seed {SEED})",
    }.get(weights, f"file {Path(weights).name}")
    architecture = f"{network.function}, max pooling"
    licence = network.licence if weights == "imagenet" else "as its weights"
    if weights == "random":
        licence = "Apache-2.0 (Keras)"
    return Metadata(network.title, architecture, origin, licence)


def _end_with_parent(parent: int) -> None:
    """A killed app must not leave a process behind that takes the machine for a minute."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def report(state: str, detail: str) -> None:
    """Tell the parent process how far it is."""
    print(json.dumps({"state": state, "detail": detail}), flush=True)


def main(arguments: list[str]) -> int:
    """Export one network; exit status 1 after a line with the reason."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=sorted(CATALOGUE))
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    os.nice(10)  # the page comes first
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        cosine = export(CATALOGUE[options.name], options.weights, options.output)
    except TwinlensError as error:
        kind = type(error).__name__
        if error.__cause__ is not None:
            print(repr(error.__cause__), file=sys.stderr)
        print(json.dumps({"state": "failed", "kind": kind, "detail": str(error)}), flush=True)
        return 1
    print(json.dumps({"state": "ready", "detail": f"cosine {cosine:.6f}"}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
