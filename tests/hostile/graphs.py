"""ONNX graphs. A row's value makes a graph, and perhaps one that computes the same and can be run.

The graphs have pictures of 32 pixels as input, and 8 features as first output.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.export.onnx_graph import rename
from tests.adopt_graphs import DIM, SIDE, Build
from tests.hostile.row import ACCEPTED, Row

Make = Callable[[], onnx.ModelProto]


def plain() -> onnx.ModelProto:
    """The usual form of all others."""
    g = Build()
    return g.model(g.vector(g.patches()))


def altered(change: Callable[[onnx.ModelProto], Any]) -> Make:
    """A function that makes a changed graph."""

    def make() -> onnx.ModelProto:
        model = plain()
        change(model)
        return model

    return make


def opset(version: int) -> Make:
    """A graph that names a version of the operators."""
    return altered(lambda model: setattr(model.opset_import[0], "version", version))


def sides(*shape: int | str) -> Make:
    """A graph with other sides of its input."""

    def change(model: onnx.ModelProto) -> None:
        image = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        model.graph.input[0].CopyFrom(image)

    return altered(change)


def typed(kind: int, nhwc: bool = False, out: int = TensorProto.FLOAT) -> Make:
    """A graph with an input and output of some types."""

    def make() -> onnx.ModelProto:
        g = Build()
        x = g.add("Cast", "x", to=TensorProto.FLOAT)
        x = g.add("Transpose", x, perm=[0, 3, 1, 2]) if nhwc else x
        model = g.model(g.add("Cast", g.vector(g.patches(x)), to=out))
        shape: list[str | int | None] = ["N", 3, SIDE, SIDE]
        if nhwc:
            shape = ["N", SIDE, SIDE, 3]
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", kind, shape))
        model.graph.output[0].type.tensor_type.elem_type = out
        del model.graph.value_info[:]
        return model

    return make


def weights_as_inputs(model: onnx.ModelProto) -> None:
    """List weights among the inputs, before the pictures."""
    values = [
        helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in model.graph.initializer
    ]
    values += [onnx.ValueInfoProto.FromString(v.SerializeToString()) for v in model.graph.input]
    del model.graph.input[:]
    model.graph.input.extend(values)
    model.ir_version = 3


def training_flag() -> onnx.ModelProto:
    """A graph that drops features in training."""
    g = Build()
    out = g.vector(g.add("Dropout", g.patches(), "", "training"))
    model = g.model(out)
    model.graph.input.append(helper.make_tensor_value_info("training", TensorProto.BOOL, []))
    return model


def constant_batch() -> onnx.ModelProto:
    """A graph whose last shape has a batch of one."""
    g = Build()
    shape = g.constant([1, DIM], np.int64)
    return g.model(g.add("Reshape", g.add("GlobalAveragePool", g.patches()), shape), batch=1)


def single(nhwc: bool) -> Make:
    """A graph that takes one picture, without a batch."""

    def make() -> onnx.ModelProto:
        g = Build()
        x = g.add("Transpose", "x", perm=[2, 0, 1]) if nhwc else "x"
        x = g.add("Unsqueeze", x, g.constant([0], np.int64))
        model = g.model(g.add("Squeeze", g.vector(g.patches(x)), g.constant([0], np.int64)))
        shape = [SIDE, SIDE, 3] if nhwc else [3, SIDE, SIDE]
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", 1, shape))
        model.graph.output[0].CopyFrom(
            helper.make_tensor_value_info(model.graph.output[0].name, 1, [DIM])
        )
        del model.graph.value_info[:]
        return model

    return make


def half() -> onnx.ModelProto:
    """A graph of float16 throughout."""
    model = plain()
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    del model.graph.value_info[:]
    return model


def two_features() -> onnx.ModelProto:
    """A graph with two outputs of the same shape."""
    g = Build()
    out = g.vector(g.patches())
    return g.model(out, g.add("Softmax", out, axis=1))


def scaled(model: onnx.ModelProto) -> None:
    """Multiply the features by another input."""
    model.graph.input.append(helper.make_tensor_value_info("scale", TensorProto.FLOAT, []))
    model.graph.node.append(helper.make_node("Mul", [model.graph.output[0].name, "scale"], ["y"]))
    model.graph.output[0].name = "y"


def odd_names(model: onnx.ModelProto) -> None:
    """Name tensors and graph with what is no identifier."""
    rename(model.graph, lambda name: f'/Größe "写真"\n:{name}')
    model.graph.name = "x/y\n"


def clashing_names(model: onnx.ModelProto) -> None:
    """Name tensors as those that adopting adds."""
    rename(model.graph, lambda name: {"x": "image", "t0": "ends/1"}.get(name, f"net/{name}"))


def accepted(name: str, make: Make, why: str, same: Make | None = None) -> Row:
    """A row that is adopted; `same` makes a graph that onnxruntime runs as it is."""
    return Row(name, (make, same or make), ACCEPTED, why)


FREE = "a side of 0 or less means that any will do"
ROWS = (
    *(
        accepted(f"operators of version {n}", opset(n), "long supported")
        for n in (7, 9, 11, 18, 22)
    ),
    accepted("operators of version 6", opset(6), "converted to 13"),
    accepted("weights among the inputs", altered(weights_as_inputs), "once the format's rule"),
    accepted("no name of the graph", altered(lambda m: m.graph.ClearField("name")), "not needed"),
    accepted(
        "the domain ai.onnx",
        altered(lambda m: setattr(m.graph.node[0], "domain", "ai.onnx")),
        "another name of the standard one",
    ),
    accepted("a batch of 0", sides(0, 3, SIDE, SIDE), FREE, plain),
    accepted("sides of 0", sides("N", 3, 0, 0), FREE, plain),
    accepted("all sides 0", sides(0, 0, 0, 0), FREE, plain),
    accepted("sides of -1", sides(-1, 3, -1, -1), FREE, plain),
    accepted("sides of one name", sides("N", 3, "N", "N"), "exporters reuse names", plain),
    accepted(
        "an input of unknown shape",
        altered(lambda m: m.graph.input[0].type.tensor_type.ClearField("shape")),
        "the first convolution tells",
    ),
    accepted("a batch of 1 in a shape", constant_batch, "freed"),
    accepted("one picture without a batch", single(False), "run one by one"),
    accepted("one picture without a batch, HWC", single(True), "run one by one"),
    accepted("a picture of uint8, NHWC", typed(TensorProto.UINT8, True), "as it is"),
    accepted("a picture of float64", typed(TensorProto.DOUBLE), "converted"),
    accepted("a picture of float16, NHWC", typed(TensorProto.FLOAT16, True), "converted"),
    accepted("a picture of int64", typed(TensorProto.INT64), "converted"),
    accepted("float16 throughout", half, "converted before and after"),
    accepted("features of float64", typed(1, out=TensorProto.DOUBLE), "converted"),
    accepted("features of int32", typed(1, out=TensorProto.INT32), "its only output"),
    accepted("an input `training`", training_flag, "it is false", plain),
    accepted(
        "an output twice",
        altered(lambda m: m.graph.output.append(m.graph.output[0])),
        "it counts once",
    ),
    accepted(
        "an input that is an output, too",
        altered(lambda m: m.graph.output.append(m.graph.input[0])),
        "pixels are no features",
    ),
    accepted("names that are no identifiers", altered(odd_names), "names are only compared"),
    accepted("names that adopting adds", altered(clashing_names), "others get a prefix"),
    Row(
        "two outputs of features", (two_features, plain), "choose with --output", "either may be it"
    ),
    Row(
        "an input of unknown purpose",
        (altered(scaled), plain),
        "depends on more than the picture: scale",
        "its value is not known",
    ),
)
