"""The external network as it was brought, on real pictures: what its model file must equal."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import helper

from searcher.export.contract import verification_pictures
from searcher.export.preprocess import Preprocess
from searcher.export.wrap import LUMA
from searcher.images.pictures import Picture, UInt8Array
from searcher.images.resizing import Fit, resized

PROBES = 6
DARKENING = 8  # of one more picture, which shows whether a network mixes those of a batch


def probes(pictures: Sequence[Picture], height: int, width: int, fit: Fit) -> UInt8Array:
    """Return pictures to compare vectors on, with a dark one, uint8 [N, height, width, 3].

    Args:
        pictures: Real ones; if there are none, seeded random ones are used.
        height: Pixels.
        width: Pixels.
        fit: How pictures are fitted into these.
    """
    real = [resized(picture.pixels, height, width, fit) for picture in pictures[:PROBES]]
    images = np.stack(real) if real else verification_pictures(height, width)[:PROBES]
    return np.concatenate([images, images[:1] // DARKENING])


def preprocess_in_numpy(
    images: UInt8Array, preprocess: Preprocess, layout: str, channels: int, kind: int
) -> np.ndarray:
    """Preprocess independently of the graph that is verified.

    Args:
        images: uint8 [N, H, W, 3].
        preprocess: The preprocessing.
        layout: Of the network's input.
        channels: 3, or 1 for grey-scale.
        kind: The input's type, of TensorProto.

    Returns:
        The network's input.
    """
    ordered = images.astype(np.float64)
    if channels == 1:
        ordered = np.floor(ordered @ np.array(LUMA)[:, None] + 0.5)
    elif preprocess.channels == "BGR":
        ordered = ordered[..., ::-1]
    mean, std = (np.array(values[:channels]) for values in (preprocess.mean, preprocess.std))
    pixels = (ordered * preprocess.scale - mean) / std
    if layout == "NCHW":
        pixels = pixels.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(pixels.astype(helper.tensor_dtype_to_np_dtype(kind)))


def with_output(model: onnx.ModelProto, target: str) -> onnx.ModelProto:
    """Return the model with one of its tensors among the outputs."""
    if target in {value.name for value in model.graph.output}:
        return model
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    exposed.graph.output.append(onnx.ValueInfoProto(name=target))
    return exposed
