"""Read and change ONNX graphs: tensors, constants, subgraphs, the part between two tensors."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import TensorProto

from searcher.errors import CannotAdopt

Shape = list[int | str]


@dataclass(frozen=True)
class Tensor:
    """An input or output of a graph. Free dimensions are strings."""

    name: str
    type: int
    shape: Shape

    def __str__(self) -> str:
        """Return name and shape, as in `pixels [N, 3, 224, 224]`."""
        return f"{self.name} [{', '.join(str(side) for side in self.shape)}]"


def describe(value: onnx.ValueInfoProto) -> Tensor:
    """Return a value's name, type and shape."""
    tensor = value.type.tensor_type
    sides: Shape = [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else dim.dim_param or "?"
        for dim in tensor.shape.dim
    ]
    return Tensor(value.name, tensor.elem_type, sides)


def inputs(model: onnx.ModelProto) -> list[Tensor]:
    """Return the inputs of the graph."""
    return [describe(value) for value in model.graph.input]


def constants(graph: onnx.GraphProto) -> dict[str, onnx.TensorProto]:
    """Return a graph's constant tensors by name: weights, and values of Constant nodes."""
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = value_of(node)
            if value is not None:
                tensors[node.output[0]] = value
    return tensors


def value_of(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """Return the tensor of a Constant node, None for strings and sparse ones."""
    for attribute in node.attribute:
        if attribute.name == "value":
            tensor: TensorProto = attribute.t
            return tensor
        if attribute.name in ("value_ints", "value_int"):
            values = attribute.ints if attribute.name == "value_ints" else [attribute.i]
            dims = [len(values)] if attribute.name == "value_ints" else []
            return onnx.helper.make_tensor("", TensorProto.INT64, dims, values)
        if attribute.name in ("value_floats", "value_float"):
            floats = attribute.floats if attribute.name == "value_floats" else [attribute.f]
            dims = [len(floats)] if attribute.name == "value_floats" else []
            return onnx.helper.make_tensor("", TensorProto.FLOAT, dims, floats)
    return None


def inputs_of(node: onnx.NodeProto) -> set[str]:
    """Return the names of a node's inputs, with those of outer tensors in its subgraphs."""
    names = {name for name in node.input if name}
    for inner in subgraphs(node):
        local = {value.name for value in [*inner.input, *inner.initializer]}
        for part in inner.node:
            names |= inputs_of(part) - local
            local |= set(part.output)
        names |= {value.name for value in inner.output} - local
    return names


def cut_out(
    model: onnx.ModelProto, source: str, target: str, others: Collection[str] = ()
) -> onnx.ModelProto:
    """Return the part of the graph between two tensors.

    Args:
        model: The model.
        source: The name of the input.
        target: The name of the output, or of an inner tensor.
        others: The names of inputs that it may need as well.

    Raises:
        CannotAdopt: The target needs other inputs as well, or does not depend on the source.
    """
    graph = model.graph
    producers = {name: number for number, node in enumerate(graph.node) for name in node.output}
    weights = {tensor.name for tensor in graph.initializer}
    weights |= {tensor.values.name for tensor in graph.sparse_initializer}
    numbers: set[int] = set()
    visited: set[str] = set()
    lacking: set[str] = set()
    waiting = [target]
    while waiting:
        name = waiting.pop()
        if name in visited:
            continue
        visited.add(name)
        if name in producers:
            if producers[name] not in numbers:
                numbers.add(producers[name])
                waiting += inputs_of(graph.node[producers[name]])
        elif name != source and name not in weights and name not in others:
            lacking.add(name)
    if lacking:
        raise CannotAdopt("adopt.more_inputs", tensor=target, names=", ".join(sorted(lacking)))
    if source not in visited:
        raise CannotAdopt("adopt.independent", tensor=target)
    part = onnx.ModelProto()
    part.CopyFrom(model)
    replace(part.graph.node, [graph.node[number] for number in sorted(numbers)])
    replace(part.graph.initializer, [t for t in graph.initializer if t.name in visited])
    ends = {source, *others} & visited
    replace(part.graph.input, [value for value in graph.input if value.name in ends])
    outputs = [value for value in graph.output if value.name == target]
    replace(part.graph.output, outputs or [onnx.ValueInfoProto(name=target)])
    del part.graph.value_info[:]  # inner shapes may have a batch that will change
    return part


def rename(graph: onnx.GraphProto, name: Callable[[str], str]) -> None:
    """Rename every tensor of a graph and of its subgraphs, in place."""
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = name(value.name)
    for sparse in graph.sparse_initializer:
        sparse.values.name = name(sparse.values.name)
    for node in graph.node:
        for field in (node.input, node.output):
            for index, tensor in enumerate(field):
                field[index] = tensor and name(tensor)
        for inner in subgraphs(node):
            rename(inner, name)


def replace(field: Any, values: Sequence[Any]) -> None:
    """Replace the values of a repeated field of protobuf; they may be its own."""
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)


def subgraphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """Return the subgraphs of a node: branches of an If, the body of a Loop or a Scan."""
    graphs = [a.g for a in node.attribute if a.type == onnx.AttributeProto.GRAPH]
    return graphs + [g for a in node.attribute for g in a.graphs]


def all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yield the nodes of a graph in its order, those of subgraphs before the node with these."""
    for node in graph.node:
        for inner in subgraphs(node):
            yield from all_nodes(inner)
        yield node


def all_graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and all its subgraphs."""
    yield graph
    for node in graph.node:
        for inner in subgraphs(node):
            yield from all_graphs(inner)
