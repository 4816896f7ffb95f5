"""Smaller model files: weights stored in fewer bytes, or the convolutions done in whole numbers.

A file of the contract in, a file of the contract out. Only makers of model files import this
module: what it needs takes memory that the app must not keep.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from searcher.embedding import FloatArray
from searcher.errors import ExportFailed
from searcher.export.contract import Metadata, publish_verified, verification_pictures
from searcher.images import UInt8Array

# Storage -> the cosine that every verified picture must reach with the float32 network.
MIN_COSINE = {"float32": 0.9999, "float16": 0.9999, "int8-weights": 0.995, "int8": 0.9}
CALIBRATION_PICTURES = 128

MIN_VALUES = 1024  # biases and constants: nothing to gain, and much depends on each
FLOAT16_MAX = float(np.finfo(np.float16).max)
LINEAR = ("MatMul", "Gemm")
INT8_MAX = 127  # -128 is left out, so that the scale needs no zero point

Embed = Callable[[UInt8Array], FloatArray]  # uint8 [N, H, W, 3] -> unit vectors [N, D]
Replace = Callable[[np.ndarray, str, onnx.GraphProto], list[onnx.NodeProto]]


def publish_stored(
    model: onnx.ModelProto,
    storage: str,
    metadata: Metadata,
    path: Path,
    calibration: UInt8Array,
    embed: Embed,
    original: str,
) -> float:
    """Write a float32 model in one of the storages; return its lowest cosine with the original.

    `embed` is what the model was made from and `original` says whose vectors it gives;
    `calibration` [N, H, W, 3] are pictures like those to come, none or more. Raises BrokenModel
    or ExportFailed, and `path` is then left as it was.
    """
    stored = store(model, storage, calibration)
    height, width = (d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[1:3])
    pictures = np.concatenate([calibration, verification_pictures(height, width)])
    expected = embed(pictures)
    with tempfile.TemporaryDirectory() as scratch:
        # Before rounding: its allowance would hide a mistake in the graph.
        exact = Path(scratch) / "exact.onnx"
        publish_verified(model, metadata, exact, pictures, expected, original)
    # Drawn pictures are unlike what int8 was calibrated for.
    count = len(calibration) if storage == "int8" else len(pictures)
    minimum = MIN_COSINE[storage]
    return publish_verified(
        stored, metadata, path, pictures[:count], expected[:count], original, minimum
    )


def store(model: onnx.ModelProto, storage: str, calibration: UInt8Array) -> onnx.ModelProto:
    """Return a float32 model in one of the storages that MIN_COSINE names.

    Raises ExportFailed where the model has nothing that could be stored smaller.
    """
    if storage == "float32":
        return model
    if storage == "float16":
        return float16_weights(model)
    if storage == "int8-weights":
        return int8_weights(model)
    return int8(model, calibration)


def float16_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights in half the bytes; onnxruntime turns them back once, when it loads the file.

    The arithmetic stays float32. Raises ExportFailed where no float32 weights are found.
    """

    def halve(weights: np.ndarray, name: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
        if np.abs(weights).max() > FLOAT16_MAX:
            return []
        stored = f"{name}.float16"
        graph.initializer.append(numpy_helper.from_array(weights.astype(np.float16), stored))
        return [helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT)]

    return _replace_weights(model, halve)


def int8_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights in a quarter of the bytes, with one scale per output channel.

    The arithmetic stays float32 and as fast: a Cast and a Mul of constants are worked out once,
    when the file is loaded. (A DequantizeLinear would be kept for integer kernels and done anew
    for every picture.) Raises ExportFailed where no float32 weights are found.
    """
    axes = _channel_axes(model.graph)

    def quarter(weights: np.ndarray, name: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
        if name not in axes:
            return []
        others = tuple(axis for axis in range(weights.ndim) if axis != axes[name])
        largest = np.abs(weights).max(axis=others, keepdims=True)
        scale = (np.where(largest > 0, largest, 1) / INT8_MAX).astype(np.float32)
        whole = np.rint(weights / scale).astype(np.int8)
        stored, scales, cast = f"{name}.int8", f"{name}.scale", f"{name}.cast"
        graph.initializer.append(numpy_helper.from_array(whole, stored))
        graph.initializer.append(numpy_helper.from_array(scale, scales))
        return [
            helper.make_node("Cast", [stored], [cast], to=TensorProto.FLOAT),
            helper.make_node("Mul", [cast, scales], [name]),
        ]

    return _replace_weights(model, quarter)


def int8(model: onnx.ModelProto, calibration: UInt8Array) -> onnx.ModelProto:
    """Let the convolutions count in int8 (static QDQ, per channel, mean range of the pictures).

    In a transformer, which has only one, the products with weights do.

    What would hurt stays in float: the first convolution, whose rounding goes through all layers
    behind it, and depthwise ones, whose channels differ too much in range and which take little
    time. Raises ExportFailed where there is nothing to calibrate on or too little to quantise.
    """
    if not len(calibration):
        raise ExportFailed("int8 is calibrated on pictures, and none were given.")
    with tempfile.TemporaryDirectory() as scratch:
        source, prepared, target = (Path(scratch) / name for name in ("a", "b", "c"))
        onnx.save(model, source)  # given in memory, it would be changed
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        network = onnx.load(prepared)
        convolutions = [node for node in network.graph.node if node.op_type == "Conv"]
        linear = [node for node in network.graph.node if node.op_type in LINEAR]
        for number, node in enumerate([*convolutions, *linear]):
            node.name = f"quantised{number}"
        in_float = [node.name for node in convolutions[1:] if _is_depthwise(node)]
        in_float += [node.name for node in convolutions[:1]]
        # What multiplies two activations (attention) needs more than eight bits of either.
        weights = {tensor.name for tensor in network.graph.initializer}
        inner = [node.name for node in linear if node.input[1] not in weights]
        # The classifier of a network of convolutions is too little to gain from.
        is_transformer = len(in_float) == len(convolutions) and len(linear) > len(inner) + 1
        if len(in_float) == len(convolutions) and not is_transformer:
            raise ExportFailed(
                "int8 is for networks of several convolutions or linear layers, and this is none."
            )
        quantize_static(
            network,
            target,
            _Calibration(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", *LINEAR] if is_transformer else ["Conv"],
            nodes_to_exclude=in_float + inner,
            per_channel=True,
            # Seven bits: without VNNI, sums of two products of eight bits overflow.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
        quantised = onnx.load(target)
    # onnxruntime announces all operator sets that it knows, used or not.
    used = {node.domain for node in quantised.graph.node}
    announced = [opset for opset in quantised.opset_import if opset.domain in used]
    del quantised.opset_import[:]
    quantised.opset_import.extend(announced)
    return quantised


def _is_depthwise(node: onnx.NodeProto) -> bool:
    return any(attribute.name == "group" and attribute.i > 1 for attribute in node.attribute)


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Hands out pictures one by one."""

    def __init__(self, pictures: UInt8Array) -> None:
        self._remaining = iter(pictures)

    def get_next(self) -> dict[str, UInt8Array] | None:
        """The next input of the network; None after the last."""
        picture = next(self._remaining, None)
        return None if picture is None else {"image": picture[None]}


def _replace_weights(model: onnx.ModelProto, replace: Replace) -> onnx.ModelProto:
    """Put the nodes that `replace` returns for a weight in its place; none keep it as it is."""
    smaller = onnx.ModelProto()
    smaller.CopyFrom(model)
    graph = smaller.graph
    nodes: list[onnx.NodeProto] = []
    for weight in _large_floats(model.graph):
        made = replace(numpy_helper.to_array(weight), weight.name, graph)
        if made:
            graph.initializer.remove(weight)
            nodes += made
    if not nodes:
        raise ExportFailed("The model has no float32 weights that could be stored smaller.")
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    return smaller


def _large_floats(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= MIN_VALUES:
            yield tensor


def _channel_axes(graph: onnx.GraphProto) -> dict[str, int]:
    """The axis of the output channels, by name, of the weights of convolutions and products."""
    axes: dict[str, int] = {}
    shapes = {t.name: t.dims for t in graph.initializer if len(t.dims) > 1}
    for node in graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul") or node.input[1] not in shapes:
            continue
        transposed = any(a.name == "transB" and a.i for a in node.attribute)
        by_row = node.op_type == "Conv" or transposed
        axes[node.input[1]] = 0 if by_row else len(shapes[node.input[1]]) - 1
    return axes
