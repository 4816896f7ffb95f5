"""The text side of an external graph: its tokens, its output, and the ends of a text file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.errors import CannotAdopt
from searcher.export.interpret import FLOATS
from searcher.export.onnx_graph import Tensor, cut_out, describe, inputs, rename, replace
from searcher.export.wrap import PREFIX

TOKENS = ("input_ids", "text", "tokens")  # of transformers, of open_clip, and others
MASK, TYPES = "attention_mask", "token_type_ids"
INTEGERS: tuple[int, ...] = (TensorProto.INT64, TensorProto.INT32)
# The only outputs in the exports of transformers that are named as if they were of one tower.
POOLED, HIDDEN = "pooler_output", "last_hidden_state"
MASK_OPSET = 11  # of CumSum


@dataclass(frozen=True)
class TextEnds:
    """The inputs of a text side (`mask` and `types` are None where it has none), its output."""

    tokens: Tensor
    mask: Tensor | None
    types: Tensor | None
    output: str

    @property
    def length(self) -> int | None:
        """The fixed length of a text in tokens, None where it is free."""
        side = self.tokens.shape[1]
        return side if isinstance(side, int) else None


@dataclass(frozen=True)
class Padding:
    """The token of padding, and whether texts end with that token themselves, as CLIP's do."""

    token: int
    ends_texts: bool


def counterparts(image_output: str, image_outputs: list[str], siglip: bool) -> list[str]:
    """Return which outputs of a text side lie in the space of an output of the image side.

    Args:
        image_output: The tensor with the features of pictures.
        image_outputs: All outputs of that graph.
        siglip: Whether it is a SigLIP, whose pooled output is that of the space.

    Returns:
        Names, the best first; "" stands for an only output of any name.

    Raises:
        CannotAdopt: The image side's features are in a space of their own.
    """
    if "image" in image_output and image_output in image_outputs:
        name = image_output.replace("image", "text")
        return [name, POOLED] if siglip else [name, ""]
    if siglip and image_output == POOLED:
        return [POOLED, "text_embeds"]
    if image_outputs == [image_output] and image_output not in (POOLED, HIDDEN):
        return ["", "text_embeds"]  # as the towers of open_clip
    raise CannotAdopt("words.tensor", tensor=image_output)


def find_ends(model: onnx.ModelProto, candidates: list[str]) -> TextEnds:
    """Find the inputs and the output of the text side.

    Args:
        model: A graph that has a text side.
        candidates: Names of outputs, see `counterparts`.

    Raises:
        CannotAdopt: It has no text side, or none of these outputs.
    """
    flat = {tensor.name: tensor for tensor in inputs(model) if len(tensor.shape) == 2}
    whole = {name: tensor for name, tensor in flat.items() if tensor.type in INTEGERS}
    names = [name for name in TOKENS if name in whole] or list(whole)
    if not names or (names[0] not in TOKENS and len(inputs(model)) > 1):
        raise CannotAdopt("words.no_input", inputs=_listed(inputs(model)))
    output = _find_output(model, candidates)
    return TextEnds(whole[names[0]], flat.get(MASK), whole.get(TYPES), output)


def cut_text(model: onnx.ModelProto, ends: TextEnds) -> onnx.ModelProto:
    """Return the part of a graph between the inputs and the output of its text side.

    Raises:
        CannotAdopt: The output needs other inputs as well, or not the tokens.
    """
    names = [end.name for end in (ends.mask, ends.types) if end is not None]
    try:
        return cut_out(model, ends.tokens.name, ends.output, names)
    except CannotAdopt as error:
        raise CannotAdopt("words.inputs", tensor=ends.output) from error


def with_tokens_only(network: onnx.ModelProto, ends: TextEnds, padding: Padding | None) -> None:
    """Compute the other inputs of a text side from its tokens, in place.

    Args:
        network: The result of `cut_text`.
        ends: Its ends.
        padding: What the mask leaves out; None for a mask of ones.

    Raises:
        CannotAdopt: Its operators are too old.
    """
    present = {value.name for value in network.graph.input}
    build = _Builder(network.graph, ends.tokens)
    if ends.mask is not None and ends.mask.name in present:
        opset = next((o.version for o in network.opset_import if o.domain in ("", "ai.onnx")), 0)
        if padding is not None and opset < MASK_OPSET:
            raise CannotAdopt("adopt.old_operators", opset=opset)
        build.mask(ends.mask, padding)
    if ends.types is not None and ends.types.name in present:
        build.zeros(ends.types)
    replace(network.graph.node, [*build.nodes, *network.graph.node])
    tokens = [value for value in network.graph.input if value.name == ends.tokens.name]
    replace(network.graph.input, tokens)


def wrap_text(network: onnx.ModelProto, kind: int, length: int | None, dim: int) -> None:
    """Give a text side the ends of a text file, in place.

    Args:
        network: A graph with one input and one output, [N, L] and [N, dim].
        kind: The type of its input, of TensorProto.
        length: The fixed length of a text in tokens, None where it is free.
        dim: The vectors' length.
    """
    graph = network.graph
    rename(graph, lambda name: PREFIX + name)
    source, target, vector = graph.input[0].name, graph.output[0].name, "ends/vector"
    first = helper.make_node("Cast", ["tokens"], [source], "ends/tokens", to=kind)
    cast = helper.make_node("Cast", [target], [vector], vector, to=TensorProto.FLOAT)
    unit = helper.make_node("LpNormalization", [vector], ["embedding"], "ends/unit", axis=1, p=2)
    replace(graph.node, [first, *graph.node, cast, unit])
    sides = ["N", "L" if length is None else length]
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, sides)
    replace(graph.input, [tokens])
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", dim])
    replace(graph.output, [embedding])


class _Builder:
    """Collects the nodes that make other inputs from the tokens."""

    def __init__(self, graph: onnx.GraphProto, tokens: Tensor) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._graph = graph
        self._tokens = tokens

    def mask(self, mask: Tensor, padding: Padding | None) -> None:
        """Make the mask: 1 for tokens, 0 for the padding behind them."""
        tokens = self._tokens.name
        if padding is None:
            self._cast(self._add("Equal", tokens, tokens), mask)
            return
        kind = helper.tensor_dtype_to_np_dtype(self._tokens.type)
        is_pad = self._add("Equal", tokens, self._constant(np.asarray(padding.token, kind)))
        axis, zero = self._constant(np.array(1)), self._constant(np.array(0))
        if padding.ends_texts:  # the first one is the text's own
            number = self._add("Cast", is_pad, to=TensorProto.INT64)
            before = self._add("CumSum", number, axis, exclusive=1)
            self._cast(self._add("Equal", before, zero), mask)
        else:  # a text may have the token inside
            number = self._add("Cast", self._add("Not", is_pad), to=TensorProto.INT64)
            following = self._add("CumSum", number, axis, reverse=1)
            self._cast(self._add("Greater", following, zero), mask)

    def zeros(self, end: Tensor) -> None:
        """Make an input of zeros in the shape of the tokens."""
        self._cast(self._add("Sub", self._tokens.name, self._tokens.name), end)

    def _cast(self, name: str, end: Tensor) -> None:
        self.nodes.append(helper.make_node("Cast", [name], [end.name], to=end.type))

    def _add(self, operator: str, *names: str, **attributes: Any) -> str:
        output = f"mask/{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(names), [output], **attributes))
        return output

    def _constant(self, value: np.ndarray) -> str:
        name = f"mask/constant{len(self._graph.initializer)}"
        self._graph.initializer.append(numpy_helper.from_array(value, name))
        return name


def _find_output(model: onnx.ModelProto, candidates: list[str]) -> str:
    outputs = [describe(value) for value in model.graph.output]
    names = [t.name for t in outputs if t.type in FLOATS and len(t.shape) in (0, 2)]
    only = len(outputs) == 1 and not {POOLED, HIDDEN} & {tensor.name for tensor in outputs}
    for name in candidates:
        if name in names:
            return name
        if not name and only and names:
            return names[0]
    raise CannotAdopt("words.no_output", outputs=_listed(outputs))


def _listed(tensors: list[Tensor]) -> str:
    return "; ".join(str(tensor) for tensor in tensors)
