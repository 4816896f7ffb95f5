"""Bring an external graph into the usual form, without a change of what it computes.

onnxruntime runs many graphs that some exporters and earlier versions have written otherwise.
"""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

from searcher.errors import CannotAdopt
from searcher.export.onnx_graph import all_graphs, rename, replace

IR_VERSION = 8  # since version 4, weights need not be inputs as well
OLDEST_OPSET = 7  # the operators that `wrap` adds are the same from it on
NEW_OPSET = 13
LEAST_SIDE = 8  # pixels of a picture
DEFAULT_DOMAINS = ("", "ai.onnx")


def normalise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model in the usual form; it is changed in place.

    Raises:
        CannotAdopt: Its operators are too old.
    """
    _name_domain(model)
    graph = model.graph
    graph.name = graph.name or "network"
    # Earlier versions required weights to be inputs as well.
    weights = {tensor.name for tensor in graph.initializer}
    replace(graph.input, [value for value in graph.input if value.name not in weights])
    _end_training(graph)
    replace(graph.output, _first_of_each(graph.output, {value.name for value in graph.input}))
    _free_unknown_sides([*graph.input, *graph.output, *graph.value_info])
    model.ir_version = max(model.ir_version, IR_VERSION)
    model = _renewed(model)
    _add_batch(model.graph)
    return model


def _name_domain(model: onnx.ModelProto) -> None:
    """Call the standard operators' domain "", which has the other name "ai.onnx"."""
    for graph in all_graphs(model.graph):
        for node in graph.node:
            node.domain = "" if node.domain in DEFAULT_DOMAINS else node.domain
    others = [opset for opset in model.opset_import if opset.domain not in DEFAULT_DOMAINS]
    versions = [o.version for o in model.opset_import if o.domain in DEFAULT_DOMAINS]
    standard = [helper.make_opsetid("", max(versions))] if versions else []
    replace(model.opset_import, [*standard, *others])


def _end_training(graph: onnx.GraphProto) -> None:
    """Set single truth values that are inputs, such as `training`, to false."""
    flags = [
        value
        for value in graph.input
        if value.type.tensor_type.elem_type == TensorProto.BOOL
        and value.type.tensor_type.HasField("shape")
        and all(dim.dim_value == 1 for dim in value.type.tensor_type.shape.dim)
    ]
    for value in flags:
        shape = [1] * len(value.type.tensor_type.shape.dim)
        graph.initializer.append(numpy_helper.from_array(np.zeros(shape, np.bool_), value.name))
    names = {value.name for value in flags}
    replace(graph.input, [value for value in graph.input if value.name not in names])


def _first_of_each(
    outputs: Iterable[onnx.ValueInfoProto], inputs: set[str]
) -> list[onnx.ValueInfoProto]:
    """Return outputs without repeated ones, and without inputs that are passed through."""
    named = {value.name: value for value in reversed(list(outputs))}
    return [value for value in reversed(named.values()) if value.name not in inputs]


def _free_unknown_sides(values: Iterable[onnx.ValueInfoProto]) -> None:
    """Free the sides that are 0 or negative, by which exporters mean that any will do."""
    for value in values:
        for dim in value.type.tensor_type.shape.dim:
            if dim.HasField("dim_value") and dim.dim_value < 1:
                dim.Clear()


def _add_batch(graph: onnx.GraphProto) -> None:
    """Give a batch of 1 to pictures and features that have none."""
    singles = [value for value in graph.input if _is_single_picture(value)]
    nodes = list(graph.node)
    for value in singles:
        name, inner = value.name, f"{value.name}/single"
        _rename_one(graph, name, inner)
        shape = [_side(dim) for dim in value.type.tensor_type.shape.dim]
        kind = value.type.tensor_type.elem_type
        value.CopyFrom(helper.make_tensor_value_info(name, kind, [1, *shape]))
        first = numpy_helper.from_array(np.array(0, np.int64), f"{name}/first")
        graph.initializer.append(first)
        nodes.insert(0, helper.make_node("Gather", [name, first.name], [inner], axis=0))
    is_one = [_side(v.type.tensor_type.shape.dim[0]) == 1 for v in graph.input if _rank(v) == 4]
    for value in [value for value in graph.output if _rank(value) == 1 and any(is_one)]:
        name, inner = value.name, f"{value.name}/single"
        _rename_one(graph, name, inner)
        kind, side = value.type.tensor_type.elem_type, _side(value.type.tensor_type.shape.dim[0])
        value.CopyFrom(helper.make_tensor_value_info(name, kind, [1, side]))
        row = numpy_helper.from_array(np.array([1, -1], np.int64), f"{name}/row")
        graph.initializer.append(row)
        nodes.append(helper.make_node("Reshape", [inner, row.name], [name]))
    replace(graph.node, nodes)


def _rename_one(graph: onnx.GraphProto, name: str, new: str) -> None:
    rename(graph, lambda tensor: new if tensor == name else tensor)


def _is_single_picture(value: onnx.ValueInfoProto) -> bool:
    """Whether an input is [C, H, W], or [H, W, C] of a fixed size."""
    sides = [_side(dim) for dim in value.type.tensor_type.shape.dim]
    if _rank(value) != 3:
        return False
    large = [isinstance(side, int) and side >= LEAST_SIDE for side in sides[:2]]
    return sides[0] in (1, 3) or (sides[2] in (1, 3) and all(large))


def _rank(value: onnx.ValueInfoProto) -> int:
    return len(value.type.tensor_type.shape.dim)


def _side(dim: onnx.TensorShapeProto.Dimension) -> int | str:
    return int(dim.dim_value) if dim.HasField("dim_value") else dim.dim_param or "?"


def _renewed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Convert operators of the first versions, which broadcast in another way."""
    version = next((opset.version for opset in model.opset_import if not opset.domain), NEW_OPSET)
    if version >= OLDEST_OPSET:
        return model
    try:
        return version_converter.convert_version(model, NEW_OPSET)
    except Exception as error:  # the errors of its C++ have no common base class
        raise CannotAdopt("adopt.old_operators", opset=version) from error
