"""Interpret an external graph: which input takes pictures, which output has the features."""

from dataclasses import dataclass

import onnx
from onnx import TensorProto

from searcher.errors import CannotAdopt
from searcher.export.onnx_graph import (
    Shape,
    Tensor,
    all_graphs,
    all_nodes,
    constants,
    cut_out,
    describe,
    inputs,
    subgraphs,
)

FLOATS: tuple[int, ...] = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
WHOLE: tuple[int, ...] = (
    *(TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32),
    *(TensorProto.INT32, TensorProto.INT64),
)
PIXELS: tuple[int, ...] = (*FLOATS, *WHOLE)
# Operators that may stand between the pixels and the first convolution.
PASSING = {"Cast", "Identity", "Transpose", "Sub", "Mul", "Div", "Add", "Pad", "QuantizeLinear"}
PASSING |= {"DequantizeLinear", "DynamicQuantizeLinear", "Clip"}
# Operators that move or store values otherwise, and change none.
MOVING = {"Cast", "Identity", "Gather", "Slice", "Squeeze", "Unsqueeze", "Reshape", "Flatten"}
CONVOLUTIONS = {"Conv", "ConvInteger", "QLinearConv"}
# Outputs of the exports of transformers, the best first.
PREFERRED = ("image_embeds", "image_features", "pooler_output", "last_hidden_state")
MAX_EXTRA = 16  # tokens besides those of the patches: the class and registers
FEATURE_OPERATORS = {
    "Flatten",
    "GlobalAveragePool",
    "ReduceMean",
    "Gather",
    "LayerNormalization",
    "Relu",
}


@dataclass(frozen=True)
class Stem:
    """The first convolution: the channels of its input, its stride, and the pixels' layout."""

    channels: int
    stride: int
    layout: str


def find_stem(model: onnx.ModelProto, source: str) -> Stem | None:
    """Return the first convolution after an input, None where it can't be found."""
    values = {n: t for graph in all_graphs(model.graph) for n, t in constants(graph).items()}
    layout = "NCHW"
    for node in all_nodes(model.graph):  # in topological order
        if source not in node.input:
            continue
        if node.op_type in CONVOLUTIONS:
            index = 3 if node.op_type == "QLinearConv" else 1
            weights = values.get(node.input[index])
            dims = list(weights.dims) if weights is not None else _dims(model, node.input[index])
            if len(dims) != 4:
                return None
            strides = next((list(a.ints) for a in node.attribute if a.name == "strides"), [1])
            return Stem(dims[1], strides[0], layout)
        if node.op_type not in PASSING:
            continue  # another consumer of the pixels, such as Shape
        if node.op_type == "Transpose":
            perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), [])
            layout = "NHWC" if perm == [0, 3, 1, 2] else layout
        source = node.output[0]
    return None


def _dims(model: onnx.ModelProto, name: str) -> list[int]:
    """Return the shape of weights that are stored in another type and converted to floats."""
    values = constants(model.graph)
    producers = {output: node for node in model.graph.node for output in node.output}
    while name in producers and name not in values and producers[name].input:
        name = producers[name].input[0]
    return list(values[name].dims) if name in values else []


def find_input(
    model: onnx.ModelProto, layout: str | None = None, name: str | None = None
) -> tuple[Tensor, str, int]:
    """Find the input for pictures.

    Args:
        model: The model.
        layout: "NCHW", "NHWC", or None to infer it.
        name: The input's name, or None to find it.

    Returns:
        The input, its layout and its number of channels.

    Raises:
        CannotAdopt: No input fits, or several do.
    """
    descriptions = "; ".join(str(tensor) for tensor in inputs(model))
    matches = [
        (tensor, *fitting)
        for tensor in map(_with_rank, inputs(model))
        if name in (None, tensor.name) and (fitting := _match(model, tensor, layout))
    ]
    if not matches:
        raise CannotAdopt("adopt.no_input", inputs=descriptions)
    if len(matches) > 1:
        raise CannotAdopt("adopt.unclear_input", inputs=descriptions)
    return matches[0]


def _with_rank(tensor: Tensor) -> Tensor:
    """Return an input with four free dimensions if its shape is not known."""
    return tensor if tensor.shape else Tensor(tensor.name, tensor.type, ["?"] * 4)


def _match(model: onnx.ModelProto, tensor: Tensor, layout: str | None) -> tuple[str, int] | None:
    """Return layout and channels of an input if it can take pictures."""
    if tensor.type not in PIXELS or len(tensor.shape) != 4:
        return None
    for channels in (3, 1):
        for candidate in ("NCHW", "NHWC"):
            if layout in (None, candidate) and tensor.shape[candidate.index("C")] == channels:
                return candidate, channels
    stem = find_stem(model, tensor.name)
    free = [
        candidate
        for candidate in ("NCHW", "NHWC")
        if isinstance(tensor.shape[candidate.index("C")], str)
    ]
    if stem is not None and stem.channels in (1, 3):
        chosen = layout or stem.layout
        return (chosen, stem.channels) if chosen in free else None
    return (layout, 3) if layout in free else None


def find_output(model: onnx.ModelProto, source: str, name: str | None) -> str:
    """Find the tensor with the features.

    Args:
        model: The model.
        source: The name of the input for pictures.
        name: The name of an output or inner tensor, or None to choose an output.

    Returns:
        The tensor's name.

    Raises:
        CannotAdopt: No tensor fits, or several do.
    """
    producers = {output: node for node in model.graph.node for output in node.output}
    outputs = [describe(value) for value in model.graph.output]
    if name is not None:
        if name not in producers:
            raise CannotAdopt("adopt.no_tensor", name=name, outputs=_listed(outputs))
        return name
    kinds = FLOATS if len(outputs) > 1 else (*FLOATS, *WHOLE, TensorProto.INT8)
    shaped = [t for t in outputs if t.type in kinds and len(t.shape) in (0, 2, 3, 4)]
    fitting = [t for t in shaped if _depends_on_pictures_only(model, source, t.name)]
    names = [tensor.name for tensor in fitting]
    for preferred in PREFERRED:
        # BERT's pooler: trained for another task, or not at all.
        tanh = len(names) > 1 and _is_tanh(model.graph, preferred)
        if preferred in names and not tanh:
            return preferred
    if not fitting and shaped:
        cut_out(model, source, shaped[0].name)  # raises the reason
    if not fitting:
        raise CannotAdopt("adopt.no_output", outputs=_listed(outputs))
    if len(fitting) > 1:
        raise CannotAdopt("adopt.several_outputs", outputs=_listed(fitting))
    return fitting[0].name


def _is_tanh(graph: onnx.GraphProto, name: str) -> bool:
    """Whether a tensor is the result of Tanh, perhaps moved afterwards or made in a subgraph."""
    node = next((node for node in graph.node if name in node.output), None)
    if node is None or node.op_type == "Tanh":
        return node is not None
    if node.op_type in MOVING:
        return _is_tanh(graph, node.input[0])
    index = list(node.output).index(name) + (node.op_type == "Loop")  # its first is the condition
    return any(_is_tanh(inner, inner.output[index].name) for inner in subgraphs(node))


def _listed(tensors: list[Tensor]) -> str:
    return "; ".join(str(tensor) for tensor in tensors)


def _depends_on_pictures_only(model: onnx.ModelProto, source: str, target: str) -> bool:
    try:
        cut_out(model, source, target)
    except CannotAdopt:
        return False
    return True


def alternatives(model: onnx.ModelProto, target: str) -> list[str]:
    """Return other tensors that could serve as features, the last ones of the graph first."""
    producers = {output: node for node in model.graph.node for output in node.output}
    names = [value.name for value in model.graph.output if value.name != target]
    name = target
    for _ in range(12):
        node = producers.get(name)
        if node is None or not node.input:
            break
        if node.op_type in FEATURE_OPERATORS and name != target:
            names.append(name)
        name = node.input[0]
    return list(dict.fromkeys(names))[:5]


def fixed_sides(tensor: Tensor, layout: str) -> tuple[int | None, int | None]:
    """Return height and width, None where the graph leaves them free."""
    height, width = (tensor.shape[layout.index(axis)] for axis in "HW")
    return (
        height if isinstance(height, int) else None,
        width if isinstance(width, int) else None,
    )


def with_sides(tensor: Tensor, layout: str, channels: int, height: int, width: int) -> Tensor:
    """Return an input with only its batch free."""
    fixed = {"C": channels, "H": height, "W": width}
    sides: Shape = [tensor.shape[0], *(fixed[axis] for axis in layout[1:])]
    return Tensor(tensor.name, tensor.type, sides)
