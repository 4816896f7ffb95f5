"""A network as other exporters and tools would write it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

Transform = Callable[[onnx.ModelProto], onnx.ModelProto]


def unsorted(model: onnx.ModelProto) -> onnx.ModelProto:
    """Consumers before producers."""
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))
    return model


def of_an_old_version(model: onnx.ModelProto) -> onnx.ModelProto:
    """IR version 3, where weights are inputs too."""
    model.ir_version = 3
    for weight in model.graph.initializer:
        value = helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims)
        model.graph.input.append(value)
    return model


def in_a_function(model: onnx.ModelProto) -> onnx.ModelProto:
    """All of it in one function of the file's own."""
    graph = model.graph
    weights = [helper.make_node("Constant", [], [w.name], value=w) for w in graph.initializer]
    ends = [value.name for value in graph.input], [value.name for value in graph.output]
    body = [*weights, *graph.node]
    function = helper.make_function("own", "Whole", *ends, body, model.opset_import)
    call = helper.make_node("Whole", *ends, domain="own")
    whole = helper.make_graph([call], "g", graph.input, graph.output)
    opsets = [*model.opset_import, helper.make_opsetid("own", 1)]
    # Functions came with version 8.
    version = max(8, model.ir_version)
    return helper.make_model(whole, opset_imports=opsets, ir_version=version, functions=[function])


def _body(model: onnx.ModelProto, name: str) -> onnx.GraphProto:
    """The graph's nodes, which take pixels and weights from outside, with outputs `inner/…`."""
    names = {value.name: f"inner/{value.name}" for value in model.graph.output}
    body = onnx.GraphProto(name=name)
    body.node.extend(model.graph.node)
    body.output.extend(model.graph.output)
    for node in body.node:
        for tensors in (node.input, node.output):
            for place, tensor in enumerate(tensors):
                tensors[place] = names.get(tensor, tensor)
    for value in body.output:
        value.name = names[value.name]
    return body


def _around(
    model: onnx.ModelProto, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]
) -> onnx.ModelProto:
    ends = model.graph.input, model.graph.output
    whole = helper.make_graph(nodes, "g", *ends, [*model.graph.initializer, *weights])
    return helper.make_model(whole, opset_imports=model.opset_import, ir_version=model.ir_version)


def in_a_branch(model: onnx.ModelProto) -> onnx.ModelProto:
    """Behind an If whose branches take tensors from outside."""
    names = [value.name for value in model.graph.output]
    branches = {name: _body(model, name) for name in ("then_branch", "else_branch")}
    yes = numpy_helper.from_array(np.array(True), "yes")
    return _around(model, [helper.make_node("If", ["yes"], names, **branches)], [yes])


def in_a_loop(model: onnx.ModelProto) -> onnx.ModelProto:
    """In the one round of a Loop."""
    names = [value.name for value in model.graph.output]
    body = _body(model, "round")
    body.input.append(helper.make_tensor_value_info("round/number", 7, []))
    body.input.append(helper.make_tensor_value_info("round/goes", 9, []))
    body.output.insert(0, helper.make_tensor_value_info("round/goes_on", 9, []))
    body.node.append(helper.make_node("Identity", ["round/goes"], ["round/goes_on"]))
    once = numpy_helper.from_array(np.array(1), "once")
    zero = numpy_helper.from_array(np.array(0), "zero")
    loop = helper.make_node("Loop", ["once", ""], [f"rounds/{n}" for n in names], body=body)
    firsts = [helper.make_node("Gather", [f"rounds/{n}", "zero"], [n], axis=0) for n in names]
    return _around(model, [loop, *firsts], [once, zero])


def mixing(model: onnx.ModelProto) -> onnx.ModelProto:
    """Scaled by the largest value of the batch."""
    source = model.graph.input[0].name
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            if name == source:
                node.input[place] = "scaled"
    before = [
        helper.make_node("Abs", [source], ["absolute"]),
        helper.make_node("ReduceMax", ["absolute"], ["largest"]),
        helper.make_node("Div", [source, "largest"], ["scaled"]),
    ]
    nodes = [*before, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def grey(model: onnx.ModelProto) -> onnx.ModelProto:
    """One channel, with the sum of the first convolution's weights."""
    source = model.graph.input[0]
    first = next(node for node in model.graph.node if node.input[0] == source.name)
    (weights,) = (w for w in model.graph.initializer if w.name == first.input[1])
    summed = numpy_helper.to_array(weights).sum(1, keepdims=True)
    weights.CopyFrom(numpy_helper.from_array(summed, weights.name))
    dim = source.type.tensor_type.shape.dim[1]
    dim.Clear()
    dim.dim_value = 1
    return model


def quantised(source: Path, target: Path) -> None:
    """onnxruntime's dynamic int8: the scale of activations is that of the whole batch."""
    quantize_dynamic(source, target, weight_type=QuantType.QUInt8)
