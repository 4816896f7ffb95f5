"""Quantise a network to int8, calibrated on pictures: static, by onnxruntime.

Only code that makes model files imports this module, because its imports take much memory.
"""

import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from searcher.errors import ExportFailed
from searcher.images.pictures import UInt8Array

LINEAR = ("MatMul", "Gemm")


def int8(model: onnx.ModelProto, calibration: UInt8Array) -> onnx.ModelProto:
    """Quantise convolutions to int8 (static QDQ, per channel, mean range of the pictures).

    Two kinds stay in float32 for accuracy: the first convolution, whose rounding errors pass
    through all layers, and depthwise ones, whose channels differ most in range and which take
    little time. In a transformer, which has one convolution, the matrix products with weights are
    quantised.

    Args:
        model: The float32 graph.
        calibration: Pictures to measure ranges on, uint8 [N, H, W, 3].

    Raises:
        ExportFailed: There are no pictures, or nothing to quantise.
    """
    if not len(calibration):
        raise ExportFailed("int8.no_calibration")
    with tempfile.TemporaryDirectory() as scratch:
        source, prepared, target = (Path(scratch) / name for name in ("a", "b", "c"))
        onnx.save(model, source)  # as a file, because a model in memory would be modified
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        network = onnx.load(prepared)
        convolutions = [node for node in network.graph.node if node.op_type == "Conv"]
        linear = [node for node in network.graph.node if node.op_type in LINEAR]
        for number, node in enumerate([*convolutions, *linear]):
            node.name = f"quantised{number}"
        in_float = [node.name for node in convolutions[1:] if _is_depthwise(node)]
        in_float += [node.name for node in convolutions[:1]]
        # Products of two activations (attention) lose too much in eight bits.
        weights = {tensor.name for tensor in network.graph.initializer}
        inner = [node.name for node in linear if node.input[1] not in weights]
        # A convolutional network's classifier alone is not worth it.
        is_transformer = len(in_float) == len(convolutions) and len(linear) > len(inner) + 1
        if len(in_float) == len(convolutions) and not is_transformer:
            raise ExportFailed("int8.no_layers")
        quantize_static(
            network,
            target,
            _Calibration(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", *LINEAR] if is_transformer else ["Conv"],
            nodes_to_exclude=in_float + inner,
            per_channel=True,
            # Seven bits, because without VNNI sums of two 8-bit products overflow.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
        quantised = onnx.load(target)
    # onnxruntime imports all operator sets that it has, whether used or not.
    domains = {node.domain for node in quantised.graph.node}
    opsets = [opset for opset in quantised.opset_import if opset.domain in domains]
    del quantised.opset_import[:]
    quantised.opset_import.extend(opsets)
    return quantised


def _is_depthwise(node: onnx.NodeProto) -> bool:
    return any(attribute.name == "group" and attribute.i > 1 for attribute in node.attribute)


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Feeds pictures to the calibration one by one."""

    def __init__(self, pictures: UInt8Array) -> None:
        self._remaining = iter(pictures)

    def get_next(self) -> dict[str, UInt8Array] | None:
        """Return the network's next input, None after the last."""
        picture = next(self._remaining, None)
        return None if picture is None else {"image": picture[None]}
