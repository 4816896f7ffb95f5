"""ONNX networks as other people export them: each peculiar in one way."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 32
CHANNELS = 8


def network(
    layout: str = "NCHW",
    batch: int | str = "batch",
    features: str = "vector",
    side: int | str = SIDE,
    channels: int | str = 3,
    kind: int = TensorProto.FLOAT,
    scaled_inside: bool = False,
    names: tuple[str, str] = ("pixels", "features"),
    opset: int = 17,
) -> onnx.ModelProto:
    """A convolution and a ReLU; `features` is "vector", "map", "reshaped" (batch of one written
    into a Reshape) or "tokens" (three dimensions)."""
    source, target = names
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    if kind == TensorProto.UINT8:
        dtype = np.dtype(np.float32)
    generator = np.random.default_rng(0)
    constants = {
        "weights": generator.standard_normal((CHANNELS, 3, 5, 5)).astype(dtype),
        "bias": generator.standard_normal(CHANNELS).astype(dtype),
        "offset": np.array(100, dtype),
        "factor": np.array(0.02, dtype),
        "one_vector": np.array([1, CHANNELS], np.int64),
    }
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, *inputs: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, list(inputs), [f"t{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    x = source
    if kind == TensorProto.UINT8:
        x = add("Cast", x, to=TensorProto.FLOAT)
    if layout == "NHWC":
        x = add("Transpose", x, perm=[0, 3, 1, 2])
    if scaled_inside:
        x = add("Mul", add("Sub", x, "offset"), "factor")
    x = add("Relu", add("Conv", x, "weights", "bias", strides=[4, 4], name="convolution"))
    if features == "map" and layout == "NHWC":
        x = add("Transpose", x, perm=[0, 2, 3, 1])
    elif features == "tokens":
        x = add("Reshape", x, add("Constant", value_ints=[0, CHANNELS, -1]))
    elif features != "map":
        x = add("GlobalAveragePool", x)
        x = add("Reshape", x, "one_vector") if features == "reshaped" else add("Flatten", x)
    nodes[-1].output[0] = target
    shapes = {"NCHW": [batch, channels, side, side], "NHWC": [batch, side, side, channels]}
    out_kind = TensorProto.FLOAT if kind == TensorProto.UINT8 else kind
    map_side = (SIDE - 5) // 4 + 1
    outputs = {
        "map": [batch, CHANNELS, map_side, map_side]
        if layout == "NCHW"
        else [batch, map_side, map_side, CHANNELS],
        "tokens": [batch, CHANNELS, "T"],
    }
    graph = helper.make_graph(
        nodes,
        "someone's",
        [helper.make_tensor_value_info(source, kind, shapes[layout])],
        [helper.make_tensor_value_info(target, out_kind, outputs.get(features, [batch, CHANNELS]))],
        [
            numpy_helper.from_array(value, name)
            for name, value in constants.items()
            if any(name in node.input for node in nodes)
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def write(folder: Path, model: onnx.ModelProto, name: str = "external.onnx") -> Path:
    """Write the file and return its path."""
    path = folder / name
    onnx.save(model, path)
    return path


def large(folder: Path, size: int) -> Path:
    """Write a network with a note of `size` bytes."""
    model = network("NHWC")
    model.metadata_props.add(key="note", value="x" * size)
    return write(folder, model)
