"""Smaller model files: weights stored in fewer bytes, or int8 convolutions.

Only code that makes model files imports this module, because its imports take much memory.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.errors import ExportFailed
from searcher.export.contract import Metadata, publish_verified, verification_pictures
from searcher.export.static_quantize import int8
from searcher.images.pictures import UInt8Array
from searcher.messages.message import Message
from searcher.types import FloatArray

# Storage -> the cosine that every verified picture must reach with the float32 network.
MIN_COSINE = {"float32": 0.9999, "float16": 0.9999, "int8-weights": 0.995, "int8": 0.9}
CALIBRATION_PICTURES = 128

MIN_VALUES = 1024  # smaller tensors, such as biases, save little and lose accuracy
FLOAT16_MAX = float(np.finfo(np.float16).max)
INT8_MAX = 127  # -128 is not used, so that the range is symmetric and needs no zero point

Embed = Callable[[UInt8Array], FloatArray]  # uint8 [N, H, W, 3] -> unit vectors [N, D]
Replace = Callable[[np.ndarray, str, onnx.GraphProto], list[onnx.NodeProto]]


def publish_stored(
    model: onnx.ModelProto,
    storage: str,
    metadata: Metadata,
    path: Path,
    calibration: UInt8Array,
    embed: Embed,
    original: Message | str,
) -> float:
    """Write a float32 model in a smaller storage, verified.

    Args:
        model: The float32 graph.
        storage: A key of MIN_COSINE.
        metadata: Its metadata.
        path: The model file; after an error it is unchanged.
        calibration: Pictures similar to those that the model will embed, uint8 [N, H, W, 3]; N may
            be 0 unless the storage is "int8".
        embed: Computes the expected vectors with the original model.
        original: Whose vectors those are, for the error message.

    Returns:
        The lowest cosine between the file's vectors and the expected ones.

    Raises:
        BrokenModel: The model does not fulfil the contract.
        ExportFailed: A cosine is too low, or nothing can be stored smaller.
    """
    stored = store(model, storage, calibration)
    height, width = (d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[1:3])
    pictures = np.concatenate([calibration, verification_pictures(height, width)])
    expected = embed(pictures)
    with tempfile.TemporaryDirectory() as scratch:
        # First without rounding, whose tolerance would hide a mistake in the graph.
        exact = Path(scratch) / "exact.onnx"
        publish_verified(model, metadata, exact, pictures, expected, original)
    # int8 is calibrated for real pictures, so it is not verified on random ones.
    count = len(calibration) if storage == "int8" else len(pictures)
    minimum = MIN_COSINE[storage]
    return publish_verified(
        stored, metadata, path, pictures[:count], expected[:count], original, minimum
    )


def store(model: onnx.ModelProto, storage: str, calibration: UInt8Array) -> onnx.ModelProto:
    """Return a float32 model in a smaller storage.

    Args:
        model: The float32 graph.
        storage: A key of MIN_COSINE.
        calibration: Pictures for "int8", uint8 [N, H, W, 3].

    Raises:
        ExportFailed: Nothing in the model can be stored smaller.
    """
    if storage == "float32":
        return model
    if storage == "float16":
        return float16_weights(model)
    if storage == "int8-weights":
        return int8_weights(model)
    return int8(model, calibration)


def float16_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights as float16, half the bytes; onnxruntime converts them back on loading.

    Computation stays in float32. Raises ExportFailed if there are no float32 weights.
    """

    def halve(weights: np.ndarray, name: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
        if np.abs(weights).max() > FLOAT16_MAX:
            return []
        stored = f"{name}.float16"
        graph.initializer.append(numpy_helper.from_array(weights.astype(np.float16), stored))
        return [helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT)]

    return _replace_weights(model, halve)


def int8_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights as int8, a quarter of the bytes, with one scale per output channel.

    Computation stays in float32 and as fast: onnxruntime folds a Cast and a Mul of constants once,
    on loading. (It would keep a DequantizeLinear for integer kernels, and compute it for every
    picture.) Raises ExportFailed if there are no float32 weights.
    """
    axes = _channel_axes(model.graph)

    def quarter(weights: np.ndarray, name: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
        if name not in axes:
            return []
        others = tuple(axis for axis in range(weights.ndim) if axis != axes[name])
        largest = np.abs(weights).max(axis=others, keepdims=True)
        scale = (np.where(largest > 0, largest, 1) / INT8_MAX).astype(np.float32)
        quantised = np.rint(weights / scale).astype(np.int8)
        stored, scales, cast = f"{name}.int8", f"{name}.scale", f"{name}.cast"
        graph.initializer.append(numpy_helper.from_array(quantised, stored))
        graph.initializer.append(numpy_helper.from_array(scale, scales))
        return [
            helper.make_node("Cast", [stored], [cast], to=TensorProto.FLOAT),
            helper.make_node("Mul", [cast, scales], [name]),
        ]

    return _replace_weights(model, quarter)


def _replace_weights(model: onnx.ModelProto, replace: Replace) -> onnx.ModelProto:
    """Replace each weight by the nodes that `replace` returns; none leave it unchanged."""
    smaller = onnx.ModelProto()
    smaller.CopyFrom(model)
    graph = smaller.graph
    nodes: list[onnx.NodeProto] = []
    for weight in _large_floats(model.graph):
        replacement = replace(numpy_helper.to_array(weight), weight.name, graph)
        if replacement:
            graph.initializer.remove(weight)
            nodes += replacement
    if not nodes:
        raise ExportFailed("storage.no_weights")
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    return smaller


def _large_floats(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= MIN_VALUES:
            yield tensor


def _channel_axes(graph: onnx.GraphProto) -> dict[str, int]:
    """Map the weights of convolutions and matrix products to the axis of their output channels."""
    axes: dict[str, int] = {}
    shapes = {t.name: t.dims for t in graph.initializer if len(t.dims) > 1}
    for node in graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul") or node.input[1] not in shapes:
            continue
        transposed = any(a.name == "transB" and a.i for a in node.attribute)
        by_row = node.op_type == "Conv" or transposed
        axes[node.input[1]] = 0 if by_row else len(shapes[node.input[1]]) - 1
    return axes
