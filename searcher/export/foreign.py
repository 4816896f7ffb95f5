"""Read a third party's ONNX file into one form: sorted, without functions, weights inside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import onnx
from onnx import TensorProto, inliner

from searcher.errors import CannotAdopt

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
MAX_BYTES = 2**31 - 1  # what one protobuf message can hold
IR_VERSION = 8  # from 4 on, weights need not be inputs as well

Shape = list[int | str]


@dataclass(frozen=True)
class Tensor:
    """An input or output of a graph. Free dimensions are strings."""

    name: str
    type: int
    shape: Shape

    def __str__(self) -> str:
        """Such as `pixels [N, 3, 224, 224]`."""
        return f"{self.name} [{', '.join(str(side) for side in self.shape)}]"


def load(path: Path) -> onnx.ModelProto:
    """Read the file with the weights that lie beside it. Raises CannotAdopt with the reason."""
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise CannotAdopt(f"{path.name} can't be read ({error.strerror}).") from error
    except Exception as error:  # protobuf raises whatever its implementation likes
        raise CannotAdopt(f"{path.name} is not an ONNX file.") from error
    if not model.graph.node:
        raise CannotAdopt(f"{path.name} is not an ONNX file, or has no graph.")
    model = _inlined(model, path)
    _load_external(model, path)
    _drop_weights_from_inputs(model)
    _sort(model.graph)
    return model


def describe(value: onnx.ValueInfoProto) -> Tensor:
    """Return a value's name, type and shape."""
    tensor = value.type.tensor_type
    sides: Shape = [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else dim.dim_param or "?"
        for dim in tensor.shape.dim
    ]
    return Tensor(value.name, tensor.elem_type, sides)


def inputs(model: onnx.ModelProto) -> list[Tensor]:
    """What the graph takes."""
    return [describe(value) for value in model.graph.input]


def constants(graph: onnx.GraphProto) -> dict[str, onnx.TensorProto]:
    """The tensors that are written in the graph, by name: weights, and nodes with a value."""
    found = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = value_of(node)
            if value is not None:
                found[node.output[0]] = value
    return found


def value_of(node: onnx.NodeProto) -> onnx.TensorProto | None:
    """The tensor of a Constant node."""
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


def needs(node: onnx.NodeProto) -> set[str]:
    """The tensors that a node takes, those that its inner graphs take from outside included."""
    wanted = {name for name in node.input if name}
    for inner in inner_graphs(node):
        made = {value.name for value in [*inner.input, *inner.initializer]}
        for part in inner.node:
            wanted |= needs(part) - made
            made |= set(part.output)
        wanted |= {value.name for value in inner.output} - made
    return wanted


def cut_out(model: onnx.ModelProto, source: str, target: str) -> onnx.ModelProto:
    """Return the part of the graph between two tensors. Raises CannotAdopt where it needs more."""
    graph = model.graph
    makers = {name: number for number, node in enumerate(graph.node) for name in node.output}
    weights = {tensor.name for tensor in [*graph.initializer]}
    weights |= {tensor.values.name for tensor in graph.sparse_initializer}
    kept: set[int] = set()
    seen: set[str] = set()
    others: set[str] = set()
    waiting = [target]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in makers:
            if makers[name] not in kept:
                kept.add(makers[name])
                waiting += needs(graph.node[makers[name]])
        elif name != source and name not in weights:
            others.add(name)
    if others:
        raise CannotAdopt(
            f"{target} depends on more than the picture: {', '.join(sorted(others))}."
        )
    if source not in seen:
        raise CannotAdopt(f"{target} does not depend on the picture.")
    part = onnx.ModelProto()
    part.CopyFrom(model)
    keep(part.graph.node, [graph.node[number] for number in sorted(kept)])
    keep(part.graph.initializer, [t for t in graph.initializer if t.name in seen])
    keep(part.graph.input, [value for value in graph.input if value.name == source])
    outputs = [value for value in graph.output if value.name == target]
    keep(part.graph.output, outputs or [onnx.ValueInfoProto(name=target)])
    del part.graph.value_info[:]  # they may speak of a batch that is about to change
    return part


def rename(graph: onnx.GraphProto, name: Callable[[str], str]) -> None:
    """Give every tensor of a graph and of those inside it another name, in place."""
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = name(value.name)
    for sparse in graph.sparse_initializer:
        sparse.values.name = name(sparse.values.name)
    for node in graph.node:
        for field in (node.input, node.output):
            for place, own in enumerate(field):
                field[place] = own and name(own)
        for inner in inner_graphs(node):
            rename(inner, name)


def keep(field: Any, values: Sequence[Any]) -> None:
    """Replace the content of a repeated field, by parts of itself or others."""
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)


def _inlined(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    """Put the bodies of the model's own functions in the place of their calls."""
    if model.functions:
        try:
            model = inliner.inline_local_functions(model)
        except Exception as error:  # the C++ behind it has no common base
            raise CannotAdopt(f"The functions inside {path.name} can't be resolved.") from error
    foreign = sorted({n.op_type for n in model.graph.node if n.domain not in STANDARD_DOMAINS})
    if foreign:
        raise CannotAdopt(
            f"{path.name} uses operators that onnxruntime does not have: {', '.join(foreign)}."
        )
    used = {node.domain for graph in _graphs(model.graph) for node in graph.node} | {""}
    keep(model.opset_import, [opset for opset in model.opset_import if opset.domain in used])
    return model


def _load_external(model: onnx.ModelProto, path: Path) -> None:
    """Bring in what lies in files beside the model, links (of the Hub's cache) included."""
    outside = [tensor for tensor in _tensors(model.graph) if tensor.external_data]
    entries = [{entry.key: entry.value for entry in tensor.external_data} for tensor in outside]
    names = {entry.get("location", "") for entry in entries}
    for name in names:
        if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise CannotAdopt(f"The weights beside {path.name} can't be read.")
    missing = sorted(name for name in names if not (path.parent / name).is_file())
    if missing:
        raise CannotAdopt(
            f"{path.name} keeps its weights in files beside it, and these are missing: "
            f"{', '.join(missing)}."
        )
    sizes = [int(entry.get("length", 0)) for entry in entries]
    if model.ByteSize() + sum(sizes) > MAX_BYTES:
        raise CannotAdopt(f"{path.name} has more than 2 GB of weights, too many for one file.")
    for tensor, entry in zip(outside, entries, strict=True):
        with (path.parent / entry["location"]).open("rb") as file:
            file.seek(int(entry.get("offset", 0)))
            tensor.raw_data = file.read(int(entry["length"]) if "length" in entry else -1)
        del tensor.external_data[:]
        tensor.data_location = TensorProto.DEFAULT


def _drop_weights_from_inputs(model: onnx.ModelProto) -> None:
    """Before version 4 of the format, weights had to be inputs as well."""
    weights = {tensor.name for tensor in model.graph.initializer}
    keep(model.graph.input, [value for value in model.graph.input if value.name not in weights])
    model.ir_version = max(model.ir_version, IR_VERSION)


def _sort(graph: onnx.GraphProto) -> None:
    """Let every node stand behind those whose outputs it takes, as the format demands."""
    makers = {
        name: number for number, node in enumerate(graph.node) for name in node.output if name
    }
    before = [{makers[n] for n in needs(node) if n in makers} for node in graph.node]
    if all(number > max(others, default=-1) for number, others in enumerate(before)):
        return
    order: dict[int, None] = {}
    for start in range(len(before)):
        path = [start]
        entered = {start}
        while path:
            waiting = before[path[-1]] - order.keys()
            if not waiting:
                order[path.pop()] = None
            elif (following := min(waiting)) in entered and following in path:
                raise CannotAdopt("Its graph goes in a circle.")
            else:
                path.append(following)
                entered.add(following)
    keep(graph.node, [graph.node[number] for number in order])


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for inner in inner_graphs(node):
            yield from _graphs(inner)


def inner_graphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The graphs that a node runs: branches of an If, the body of a Loop or a Scan."""
    found = [a.g for a in node.attribute if a.type == onnx.AttributeProto.GRAPH]
    return found + [g for a in node.attribute for g in a.graphs]


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    for inner in _graphs(graph):
        yield from inner.initializer
        yield from (a.t for node in inner.node for a in node.attribute if a.HasField("t"))
