"""Infer a network's preprocessing from its graph."""

import numpy as np
import onnx
from onnx import numpy_helper

from searcher.errors import CannotAdopt
from searcher.export.interpret import WHOLE, Stem
from searcher.export.onnx_graph import Tensor, constants
from searcher.export.preprocess import PRESETS, Preprocess

VALUE_PRESERVING = {"Cast", "Identity", "Transpose"}
# Normalised pixels, (x - mean) / std, have a range of this width, and no larger values.
MAX_WIDTH, MIN_WIDTH, MAX_VALUE = 8.0, 0.7, 4.5
CAFFE = np.array([103.939, 116.779, 123.68])  # means of ImageNet in the order BGR
PATCH = 8  # pixels: the smallest stride of a transformer's first convolution


def guess(
    network: onnx.ModelProto, tensor: Tensor, layout: str, stem: Stem | None
) -> tuple[str, Preprocess]:
    """Infer the preprocessing in training from a graph.

    Args:
        network: The graph.
        tensor: Its input.
        layout: The input's layout.
        stem: The first convolution.

    Returns:
        The name and the preprocessing.

    Raises:
        CannotAdopt: The graph does not tell.
    """
    if tensor.type in WHOLE:
        return "none", PRESETS["none"]
    arithmetic = leading_arithmetic(network, tensor.name)
    if arithmetic is not None:
        return _of_arithmetic(*arithmetic)
    is_transformer = stem is None or stem.stride >= PATCH
    if layout == "NCHW" and tensor.name != "pixel_values" and not is_transformer:
        return "imagenet", PRESETS["imagenet"]
    raise CannotAdopt("adopt.preprocessing", names=", ".join(PRESETS))


def _of_arithmetic(factor: np.ndarray, offset: np.ndarray) -> tuple[str, Preprocess]:
    """Infer the preprocessing before a graph that begins with `pixel * factor + offset`."""
    for name, top in (("none", 255), ("unit", 1)):
        ends = np.stack([offset, top * factor + offset])
        width = np.abs(top * factor)
        if np.abs(ends).max() <= MAX_VALUE and MIN_WIDTH <= width.min() <= width.max() <= MAX_WIDTH:
            return name, PRESETS[name]
    if np.allclose(factor, 1):
        if np.abs(offset + CAFFE).max() < 2:
            return "none, BGR", Preprocess(channels="BGR")
        if np.abs(offset + CAFFE[::-1]).max() < 2:
            return "none", PRESETS["none"]
    raise CannotAdopt("adopt.arithmetic")


def leading_arithmetic(model: onnx.ModelProto, source: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return factors and offsets [3] of the arithmetic with constants at a graph's beginning."""
    values = constants(model.graph)
    factor, offset, steps = np.ones(3), np.zeros(3), 0
    for node in model.graph.node:  # in topological order
        if source not in node.input:
            continue
        if node.op_type not in VALUE_PRESERVING:
            others = [name for name in node.input if name != source]
            if node.op_type not in ("Sub", "Mul", "Div", "Add") or len(others) != 1:
                break
            if others[0] not in values:
                break
            value = numpy_helper.to_array(values[others[0]]).astype(np.float64).ravel()
            if value.size not in (1, 3):
                break
            first = node.input[0] == source
            if node.op_type == "Mul":
                factor, offset = factor * value, offset * value
            elif node.op_type == "Div" and first:
                factor, offset = factor / value, offset / value
            elif node.op_type == "Add":
                offset = offset + value
            elif node.op_type == "Sub":
                sign = 1 if first else -1
                factor, offset = sign * factor, sign * (offset - value)
            else:
                break
            steps += 1
        source = node.output[0]
    return (factor, offset) if steps else None
