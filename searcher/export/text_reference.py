"""The text side of an external network as it was brought: what a text file must equal."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import helper

from searcher.errors import CannotAdopt
from searcher.export.network_session import NetworkSession, batch_size
from searcher.export.onnx_graph import Tensor
from searcher.export.text_graph import TextEnds
from searcher.export.text_tokens import TextTokens
from searcher.types import FloatArray


class BroughtText:
    """The text side as it was brought, with all of its inputs."""

    def __init__(self, network: onnx.ModelProto, ends: TextEnds) -> None:
        self._session = NetworkSession(network, ends.tokens, ends.output)
        self._ends = ends
        self._size = batch_size(ends.tokens)

    def vectors(self, tokens: TextTokens, texts: Sequence[str]) -> np.ndarray:
        """Return the output for each text alone, padded only where that is fixed: [N, D]."""
        rows = tokens.rows(texts)
        fixed = tokens.format.padding == "fixed"
        lengths = [tokens.format.length if fixed else len(row) for row in rows]
        return np.stack([self._one(tokens, row, n) for row, n in zip(rows, lengths, strict=True)])

    def _one(self, tokens: TextTokens, row: list[int], length: int) -> np.ndarray:
        feed = {}
        pairs = [
            (self._ends.tokens, tokens.padded([row], length)),
            (self._ends.mask, tokens.mask([row], length)),
            (self._ends.types, np.zeros((1, length), np.int64)),
        ]
        for end, values in pairs:
            if end is not None:
                feed[end.name] = typed(values, end).repeat(self._size, 0)
        result = self._session.run_with(feed)
        if result.ndim != 2 or len(result) != self._size:
            raise CannotAdopt("words.no_output", outputs=self._ends.output)
        vector: np.ndarray = result[0]
        return vector


def typed(values: np.ndarray, end: Tensor) -> np.ndarray:
    """Return values in the type of an input."""
    return values.astype(helper.tensor_dtype_to_np_dtype(end.type))


def unit(vectors: np.ndarray) -> FloatArray:
    """Return vectors scaled to unit length; raise CannotAdopt if that can't be done."""
    values = vectors.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    if not np.isfinite(values).all() or not lengths.all():
        raise CannotAdopt("words.not_finite")
    vectors32: FloatArray = (values / lengths).astype(np.float32)
    return vectors32
