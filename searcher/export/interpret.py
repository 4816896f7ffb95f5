"""What the ends of a foreign graph mean: which input takes pictures, which output is features."""

from dataclasses import dataclass

import onnx
from onnx import TensorProto

from searcher.errors import CannotAdopt
from searcher.export.foreign import Shape, Tensor, constants, cut_out, describe, inputs

FLOATS: tuple[int, ...] = (TensorProto.FLOAT, TensorProto.FLOAT16)
PIXELS: tuple[int, ...] = (*FLOATS, TensorProto.UINT8)
# What leaves a map of pixels one: looked through to find the first convolution.
PASSING = {"Cast", "Identity", "Transpose", "Sub", "Mul", "Div", "Add", "Pad", "QuantizeLinear"}
PASSING |= {"DequantizeLinear", "DynamicQuantizeLinear", "Clip"}
CONVOLUTIONS = {"Conv", "ConvInteger", "QLinearConv"}
# Outputs of transformers' exports, the best first.
PREFERRED = ("image_embeds", "image_features", "pooler_output", "last_hidden_state")
MOST_EXTRA = 16  # tokens beside those of the patches: the class and registers
TELLING = {"Flatten", "GlobalAveragePool", "ReduceMean", "Gather", "LayerNormalization", "Relu"}


@dataclass(frozen=True)
class Stem:
    """The first convolution: how many channels it takes, its step, and how pixels reach it."""

    channels: int
    stride: int
    layout: str


def find_stem(model: onnx.ModelProto, source: str) -> Stem | None:
    """The convolution that sees the pixels first, if it can be found."""
    known = constants(model.graph)
    layout = "NCHW"
    for node in model.graph.node:  # sorted: every producer stands before its consumers
        if source not in node.input:
            continue
        if node.op_type in CONVOLUTIONS:
            place = 3 if node.op_type == "QLinearConv" else 1
            weights = known.get(node.input[place])
            dims = list(weights.dims) if weights is not None else _dims(model, node.input[place])
            if len(dims) != 4:
                return None
            strides = next((list(a.ints) for a in node.attribute if a.name == "strides"), [1])
            return Stem(dims[1], strides[0], layout)
        if node.op_type not in PASSING:
            continue  # another reader of the pixels, such as Shape
        if node.op_type == "Transpose":
            perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), [])
            layout = "NHWC" if perm == [0, 3, 1, 2] else layout
        source = node.output[0]
    return None


def _dims(model: onnx.ModelProto, name: str) -> list[int]:
    """The sides of weights that are stored in another type and turned into floats."""
    known = constants(model.graph)
    makers = {output: node for node in model.graph.node for output in node.output}
    while name in makers and name not in known and makers[name].input:
        name = makers[name].input[0]
    return list(known[name].dims) if name in known else []


def find_input(
    model: onnx.ModelProto, layout: str | None = None, name: str | None = None
) -> tuple[Tensor, str, int]:
    """Return the input that takes pictures, its layout (NCHW or NHWC) and number of channels.

    Raises CannotAdopt.
    """
    listed = "; ".join(str(tensor) for tensor in inputs(model))
    found = [
        (tensor, *fitting)
        for tensor in inputs(model)
        if name in (None, tensor.name) and (fitting := _reading(model, tensor, layout))
    ]
    if not found:
        raise CannotAdopt(
            "It has no input that looks like pictures, [N, 3, H, W] or [N, H, W, 3]. "
            f"Its inputs: {listed}. Name it with --input, and the layout with --layout where "
            "sides are free."
        )
    if len(found) > 1:
        raise CannotAdopt(
            f"It is not clear which input takes the pictures: choose with --input from {listed}."
        )
    return found[0]


def _reading(model: onnx.ModelProto, tensor: Tensor, wish: str | None) -> tuple[str, int] | None:
    if tensor.type not in PIXELS or len(tensor.shape) != 4:
        return None
    for channels in (3, 1):
        for layout in ("NCHW", "NHWC"):
            if wish in (None, layout) and tensor.shape[layout.index("C")] == channels:
                return layout, channels
    stem = find_stem(model, tensor.name)
    free = [
        layout for layout in ("NCHW", "NHWC") if isinstance(tensor.shape[layout.index("C")], str)
    ]
    if stem is not None and stem.channels in (1, 3):
        layout = wish or stem.layout
        return (layout, stem.channels) if layout in free else None
    return (wish, 3) if wish in free else None


def find_output(model: onnx.ModelProto, source: str, name: str | None) -> str:
    """Return the tensor that holds the features; `name` may be an inner one. Raises CannotAdopt."""
    makers = {output: node for node in model.graph.node for output in node.output}
    outputs = [describe(value) for value in model.graph.output]
    listed = "; ".join(str(tensor) for tensor in outputs)
    if name is not None:
        if name not in makers:
            raise CannotAdopt(
                f"It has no tensor {name}; its outputs: {listed}. --list shows all tensors."
            )
        return name
    fitting = [
        tensor
        for tensor in outputs
        if tensor.type in FLOATS
        and len(tensor.shape) in (0, 2, 3, 4)
        and _depends_on_nothing_else(model, source, tensor.name)
    ]
    names = [tensor.name for tensor in fitting]
    for preferred in PREFERRED:
        # BERT's way of pooling: its weights were trained for another task, or not at all.
        tanh = preferred in makers and makers[preferred].op_type == "Tanh"
        if preferred in names and not (tanh and len(names) > 1):
            return preferred
    if len(fitting) != 1:
        what = "several outputs that could be the features" if fitting else "no output of features"
        listed = "; ".join(str(tensor) for tensor in fitting) or listed
        raise CannotAdopt(f"It has {what}; choose with --output. Its outputs: {listed}.")
    return fitting[0].name


def _depends_on_nothing_else(model: onnx.ModelProto, source: str, target: str) -> bool:
    try:
        cut_out(model, source, target)
    except CannotAdopt:
        return False
    return True


def alternatives(model: onnx.ModelProto, target: str) -> list[str]:
    """The tensors on the way to `target` that could serve as features too, the last first."""
    makers = {output: node for node in model.graph.node for output in node.output}
    found = [value.name for value in model.graph.output if value.name != target]
    name = target
    for _ in range(12):
        node = makers.get(name)
        if node is None or not node.input:
            break
        if node.op_type in TELLING and name != target:
            found.append(name)
        name = node.input[0]
    return list(dict.fromkeys(found))[:5]


def layout_of_map(shape: tuple[int, ...], sides: tuple[int, int], wish: str | None) -> str:
    """The layout of features [N, a, b, c], from their own shape. Raises CannotAdopt."""
    if wish:
        return wish
    fits = {
        layout: _is_scaled(shape[layout.index("H")], shape[layout.index("W")], sides)
        for layout in ("NCHW", "NHWC")
    }
    if fits["NCHW"] == fits["NHWC"]:
        said = " x ".join(str(side) for side in shape[1:])
        raise CannotAdopt(
            f"It is not clear which side of its features, {said}, is the channels: say "
            "--output-layout NCHW or NHWC."
        )
    return "NCHW" if fits["NCHW"] else "NHWC"


def _is_scaled(height: int, width: int, sides: tuple[int, int]) -> bool:
    """Whether a map has the picture's proportions, but for rounding."""
    return abs(height - width * sides[0] / sides[1]) < 1


def pooling_of_tokens(shape: tuple[int, ...], sides: tuple[int, int], stem: Stem | None) -> str:
    """How tokens [N, T, D] are pooled: "cls" where one stands before the patches'.

    Raises CannotAdopt where the number of tokens tells nothing.
    """
    if stem is not None and stem.stride > 1:
        patches = (sides[0] // stem.stride) * (sides[1] // stem.stride)
        if 1 <= shape[1] - patches <= MOST_EXTRA:
            return "cls"
        while patches:
            if shape[1] == patches:
                return "mean"
            patches = patches // 4 if patches % 4 == 0 else 0
    raise CannotAdopt(
        f"Its features have 3 dimensions, N x {shape[1]} x {shape[2]}: say how they are pooled, "
        "--pool cls, mean or max, or choose another tensor with --output."
    )


def fixed_sides(tensor: Tensor, layout: str) -> tuple[int | None, int | None]:
    """Height and width where the graph fixes them."""
    height, width = (tensor.shape[layout.index(axis)] for axis in "HW")
    return (
        height if isinstance(height, int) else None,
        width if isinstance(width, int) else None,
    )


def with_sides(tensor: Tensor, layout: str, channels: int, height: int, width: int) -> Tensor:
    """The same input with no side free but the batch."""
    known = {"C": channels, "H": height, "W": width}
    sides: Shape = [tensor.shape[0], *(known[axis] for axis in layout[1:])]
    return Tensor(tensor.name, tensor.type, sides)
