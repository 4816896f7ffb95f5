"""Read an external ONNX file into a plain form: sorted, without functions, with its weights."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import onnx
from onnx import TensorProto, inliner

from searcher.errors import CannotAdopt
from searcher.export.onnx_form import normalise
from searcher.export.onnx_graph import all_graphs, inputs_of, replace
from searcher.messages.system import os_reason

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
MAX_BYTES = 2**31 - 1  # of one protobuf message


def load(path: Path) -> onnx.ModelProto:
    """Read an ONNX file with its external weights.

    Args:
        path: The file; external weights are in the same folder.

    Returns:
        The model: nodes in topological order, all weights in it, no functions.

    Raises:
        CannotAdopt: It cannot be read, or has operators that onnxruntime lacks.
    """
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise CannotAdopt("file.unreadable", name=path.name, reason=os_reason(error)) from error
    except Exception as error:  # what protobuf raises depends on its implementation
        raise CannotAdopt("adopt.not_onnx", name=path.name) from error
    if not model.graph.node:
        raise CannotAdopt("adopt.no_graph", name=path.name)
    model = _inlined(model, path)
    _load_external(model, path)
    _sort(model.graph)
    return normalise(model)


def _inlined(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    """Replace the calls of model-local functions by their bodies."""
    if model.functions:
        try:
            model = inliner.inline_local_functions(model)
        except Exception as error:  # the errors of its C++ have no common base class
            raise CannotAdopt("adopt.functions", name=path.name) from error
    nodes = [node for graph in all_graphs(model.graph) for node in graph.node]
    unknown = sorted({node.op_type for node in nodes if node.domain not in STANDARD_DOMAINS})
    if unknown:
        raise CannotAdopt("adopt.operators", name=path.name, names=", ".join(unknown))
    domains = {node.domain for node in nodes} | {""}
    replace(model.opset_import, [opset for opset in model.opset_import if opset.domain in domains])
    return model


def _load_external(model: onnx.ModelProto, path: Path) -> None:
    """Read external weights; the files may be symbolic links, as in the Hub's cache."""
    external = [tensor for tensor in _tensors(model.graph) if tensor.external_data]
    entries = [{entry.key: entry.value for entry in tensor.external_data} for tensor in external]
    names = {entry.get("location", "") for entry in entries}
    for name in names:
        if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise CannotAdopt("adopt.weights_unreadable", name=path.name)
    missing = sorted(name for name in names if not (path.parent / name).is_file())
    if missing:
        raise CannotAdopt("adopt.weights_missing", name=path.name, names=", ".join(missing))
    try:
        contents = [path.parent / entry["location"] for entry in entries]
        sizes = [_length(entry, file) for entry, file in zip(entries, contents, strict=True)]
        if model.ByteSize() + sum(sizes) > MAX_BYTES:
            raise CannotAdopt("adopt.too_large", name=path.name)
        for tensor, entry, source, size in zip(external, entries, contents, sizes, strict=True):
            with source.open("rb") as file:
                file.seek(int(entry.get("offset", 0)))
                tensor.raw_data = file.read(size)
            if len(tensor.raw_data) != size:
                raise CannotAdopt("adopt.weights_unreadable", name=path.name)
            del tensor.external_data[:]
            tensor.data_location = TensorProto.DEFAULT
    except (OSError, ValueError) as error:
        raise CannotAdopt("adopt.weights_unreadable", name=path.name) from error


def _length(entry: dict[str, str], file: Path) -> int:
    """Return the bytes of a tensor in a file of weights; raise ValueError if that is no number."""
    size = file.stat().st_size
    length = int(entry["length"]) if "length" in entry else size - int(entry.get("offset", 0))
    if length < 0:
        raise ValueError(length)
    return length


def _sort(graph: onnx.GraphProto) -> None:
    """Sort the nodes in topological order, as the format requires."""
    producers = {
        name: number for number, node in enumerate(graph.node) for name in node.output if name
    }
    required = [{producers[n] for n in inputs_of(node) if n in producers} for node in graph.node]
    if all(number > max(others, default=-1) for number, others in enumerate(required)):
        return
    order: dict[int, None] = {}
    for start in range(len(required)):
        path = [start]
        entered = {start}
        while path:
            waiting = required[path[-1]] - order.keys()
            if not waiting:
                order[path.pop()] = None
            elif (following := min(waiting)) in entered and following in path:
                raise CannotAdopt("adopt.cycle")
            else:
                path.append(following)
                entered.add(following)
    replace(graph.node, [graph.node[number] for number in order])


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    for inner in all_graphs(graph):
        yield from inner.initializer
        yield from (a.t for node in inner.node for a in node.attribute if a.HasField("t"))
