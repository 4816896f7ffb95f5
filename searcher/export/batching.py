"""Let an external network take any number of pictures, with the same results as for each alone.

In this order: the graph as it is, with the batch size freed in shapes, and one picture at a time.
"""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import helper, numpy_helper, version_converter

from searcher.errors import CannotAdopt
from searcher.export.network_session import NetworkSession, batch_size
from searcher.export.onnx_graph import Tensor, constants, rename, replace
from searcher.messages.message import Message, message

# Relative difference that is allowed between the features of a picture alone and in a batch, where
# sums have another order. Mixing pictures changes those of a dark one by more.
TOLERANCE, TOLERANCE_FLOAT16 = 1e-3, 2e-2
SCAN_OPSET = 9  # before, Scan had a batch dimension


def free(
    network: onnx.ModelProto, source: Tensor, target: str, pixels: np.ndarray, alone: np.ndarray
) -> tuple[onnx.ModelProto, Message]:
    """Make the batch size free.

    Args:
        network: The graph.
        source: Its input.
        target: Its output.
        pixels: Some pictures.
        alone: The output for each of them alone.

    Returns:
        A graph with the same output for all of them in one batch, and how that was reached.

    Raises:
        CannotAdopt: No method works.
    """
    freed = Tensor(source.name, source.type, ["N", *source.shape[1:]])
    methods: list[tuple[str, Callable[[], onnx.ModelProto]]] = [
        ("batch.free", lambda: _named(network)),
        ("batch.freed", lambda: _rewritten(network, source)),
        ("batch.one_by_one", lambda: _one_by_one(network, source, alone)),
    ]
    is_free = isinstance(source.shape[0], str)
    for code, make in methods if is_free else methods[1:]:
        try:
            candidate = make()
            together = NetworkSession(candidate, freed, target).run(pixels)
        except CannotAdopt:
            continue
        if same(together, alone):
            return candidate, message(code)
    raise CannotAdopt("adopt.batch")


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two sets of features agree for every picture."""
    if a.shape != b.shape:
        return False
    x, y = (np.asarray(values, np.float64).reshape(len(values), -1) for values in (a, b))
    limit = TOLERANCE_FLOAT16 if a.dtype == np.float16 else TOLERANCE
    near = np.linalg.norm(x - y, axis=1) <= limit * np.linalg.norm(y, axis=1)
    return bool(near.all())


def _named(network: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with a free batch in its input and output."""
    named = onnx.ModelProto()
    named.CopyFrom(network)
    for value in (*named.graph.input, *named.graph.output):
        shape = value.type.tensor_type.shape
        if shape.dim:
            shape.dim[0].Clear()
            shape.dim[0].dim_param = "N"
    return named


def _rewritten(network: onnx.ModelProto, source: Tensor) -> onnx.ModelProto:
    """Free the batch size in the shapes of Reshape, Expand and Concat."""
    freed = _named(network)
    graph, size = freed.graph, batch_size(source)
    values = constants(graph)
    shapes: list[onnx.NodeProto] = []
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        shape = values.get(node.input[1]) if len(node.input) > 1 else None
        if node.op_type == "Reshape" and shape is not None:
            sides = _freed_sides(numpy_helper.to_array(shape), size, _allows_zero(node))
            if sides is not None:
                node.input[1] = _add_constant(graph, sides)
                replace(node.attribute, [a for a in node.attribute if a.name != "allowzero"])
        elif node.op_type == "Expand" and shape is not None:
            sides = numpy_helper.to_array(shape)
            if sides.size and sides[0] == size:
                node.input[1] = _batched_shape(graph, shapes, source.name, sides[1:])
        elif node.op_type == "Concat" and _axis(node) != 0:
            for index, name in enumerate(node.input):
                if name in values and values[name].dims and values[name].dims[0] == size:
                    sides = np.array(values[name].dims[1:], np.int64)
                    batched = _batched_shape(graph, shapes, source.name, sides)
                    first = name
                    if size > 1:  # all are the same
                        first = f"first_of/{len(shapes)}"
                        rows = numpy_helper.to_array(values[name])[:1]
                        graph.initializer.append(numpy_helper.from_array(rows.copy(), first))
                    expanded = f"batch/{len(shapes)}"
                    nodes.append(helper.make_node("Expand", [first, batched], [expanded]))
                    node.input[index] = expanded
        nodes.append(node)
    replace(graph.node, [*shapes, *nodes])
    return freed


def _freed_sides(sides: np.ndarray, size: int, allows_zero: bool) -> np.ndarray | None:
    """Return a Reshape's shape with its first side, a multiple of the batch, left free."""
    if sides.size < 2 or sides[0] < 1 or sides[0] % size or (allows_zero and not sides.all()):
        return None
    freed = sides.copy()
    if (sides == -1).any() or (sides == 0).any():
        if sides[0] != size:
            return None
        freed[0] = 0  # the same as in the input
    else:
        freed[0] = -1
    return freed


def _allows_zero(node: onnx.NodeProto) -> bool:
    return any(a.name == "allowzero" and a.i for a in node.attribute)


def _axis(node: onnx.NodeProto) -> int:
    return next((a.i for a in node.attribute if a.name == "axis"), 0)


def _batched_shape(
    graph: onnx.GraphProto, nodes: list[onnx.NodeProto], source: str, sides: np.ndarray
) -> str:
    """Add nodes that compute the shape [N, *sides], and return its name."""
    name = f"batched/{len(nodes)}"
    count = f"{name}/count"
    zero = _add_constant(graph, np.array([0], np.int64))
    rest = _add_constant(graph, np.asarray(sides, np.int64))
    nodes.append(helper.make_node("Shape", [source], [f"{name}/shape"]))
    nodes.append(helper.make_node("Gather", [f"{name}/shape", zero], [count]))
    nodes.append(helper.make_node("Concat", [count, rest], [name], axis=0))
    return name


def _add_constant(graph: onnx.GraphProto, value: np.ndarray) -> str:
    name = f"sides/{len(graph.initializer)}"
    graph.initializer.append(numpy_helper.from_array(value, name))
    return name


def _one_by_one(network: onnx.ModelProto, source: Tensor, alone: np.ndarray) -> onnx.ModelProto:
    """Run the graph in a Scan over the pictures, in batches of its own size."""
    opset = next((o.version for o in network.opset_import if o.domain in ("", "ai.onnx")), 0)
    if opset < SCAN_OPSET:
        try:
            network = version_converter.convert_version(network, 13)
        except Exception as error:
            raise CannotAdopt("adopt.old_operators", opset=opset) from error
    outer = _named(network)
    graph = outer.graph
    target, size = graph.output[0].name, batch_size(source)
    # At most one side is free: the length of texts.
    sides = [side if isinstance(side, int) else -1 for side in (1, *source.shape[1:])]
    picture, single = "scan/picture", "scan/single"
    shape = _add_constant(graph, np.array(sides, np.int64))
    first = _add_constant(graph, np.array(0, np.int64))
    before = [helper.make_node("Reshape", [picture, shape], [single if size > 1 else source.name])]
    if size > 1:
        before.append(helper.make_node("Concat", [single] * size, [source.name], axis=0))
    row = "scan/row"
    after = helper.make_node("Gather", [target, first], [row], axis=0)
    kind = helper.np_dtype_to_tensor_dtype(alone.dtype)
    body = helper.make_graph(
        [*before, *graph.node, after],
        "one_picture",
        [helper.make_tensor_value_info(picture, source.type, source.shape[1:])],
        [helper.make_tensor_value_info(row, kind, alone.shape[1:])],
    )
    scan = helper.make_node(
        "Scan", ["scan/all"], ["scan/rows"], body=body, num_scan_inputs=1, name="one_by_one"
    )
    del graph.node[:]
    graph.node.extend(
        [
            helper.make_node("Identity", [source.name], ["scan/all"]),
            scan,
            helper.make_node("Identity", ["scan/rows"], [target]),
        ]
    )
    # Names in the subgraph must differ from those outside.
    inside = next(a.g for a in graph.node[1].attribute if a.name == "body")
    ends = {source.name: "scan/input", target: "scan/output"}
    rename(inside, lambda name: ends.get(name, name))
    return outer
