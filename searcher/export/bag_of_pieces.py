"""The network of a text file that averages one vector for each piece of a word."""

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto

from searcher.export.graph import Graph
from searcher.types import FloatArray

PAD, UNKNOWN = 0, 1  # tokens; the special tokens of the tokenizer
INT8_MAX = 127
FLOAT = TensorProto.FLOAT

Int8Array = npt.NDArray[np.int8]


def bag_of_pieces(table: Int8Array, scales: FloatArray) -> onnx.ModelProto:
    """Return the graph. Padding counts for nothing, and a text without pieces is unknown.

    The sum of the vectors, scaled to unit length, points where their mean does.

    Args:
        table: The vectors of the pieces, int8 [pieces, D].
        scales: What each is multiplied by, float32 [pieces, 1].
    """
    g = Graph.of_tokens("bag_of_pieces")
    pieces = g.add("Cast", g.add("Gather", g.constant(table, np.int8), "tokens"), to=FLOAT)
    pieces = g.add("Mul", pieces, g.add("Gather", g.constant(scales), "tokens"))
    padding = g.add("Equal", "tokens", g.constant(PAD, np.int64))
    kept = g.add("Cast", g.add("Not", padding), to=FLOAT)
    pieces = g.add("Mul", pieces, g.add("Unsqueeze", kept, g.constant([2], np.int64)))
    total = g.sum(pieces, 1)
    is_empty = g.add("Equal", g.add("ReduceMax", kept, axes=[1], keepdims=1), g.constant(0))
    unknown = g.constant(table[UNKNOWN] * scales[UNKNOWN])
    return g.finish(g.add("Where", is_empty, unknown, total), table.shape[1])


def quantise(vectors: FloatArray) -> tuple[Int8Array, FloatArray]:
    """Store vectors, float32 [N, D], in a byte a number with one scale a vector, float32 [N, 1]."""
    scales = np.abs(vectors).max(axis=1, keepdims=True) / INT8_MAX
    scales = np.maximum(scales, 1e-12).astype(np.float32)
    return np.rint(vectors / scales).astype(np.int8), scales
