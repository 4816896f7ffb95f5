"""The exact search of an index, which reads a quarter of the memory.

Comparing with 10,000 vectors of 1,280 numbers is reading 51 MB. Here candidates are found among
the same vectors with a byte a number, and only these are compared exactly. By the triangle
inequality no vector is nearer than its rounded form by more than the largest distance between the
two; so what is farther in its rounded form than that beyond the last hit can't be a hit. Where
that leaves doubts, as among very many equal pictures, all vectors are compared.
"""

from collections.abc import Mapping
from typing import Any

import faiss
import numpy as np

from searcher.types import FloatArray

LEAST_BYTES = 8 * 2**20  # of a segment's vectors: all those of a smaller one are compared at once
CANDIDATES = 8  # for each row that is asked for
SHARE = 0.25  # of all rows that may be candidates, at most
PART = 4096  # rows whose rounding is measured at a time
TOLERANCE = 1e-3  # of distances, which are computed in float32

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Found = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


class RoundedScan:
    """An index of Milvus Lite for Euclidean distances, and its vectors with a byte a number."""

    def __init__(self, index: Any, vectors: FloatArray) -> None:
        """Round the vectors: 10,000 x 1,280 take 30 ms.

        Args:
            index: Has the vectors; its `search` returns the rows and distances of the nearest.
            vectors: float32 [N, D].
        """
        self.index = index
        self._rounded = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_L2
        )
        self._rounded.train(vectors)
        self._rounded.add(vectors)
        parts = range(0, len(vectors), PART)
        self._error = max(
            self._largest_error(vectors[first : first + PART], first) for first in parts
        )

    def search(
        self,
        queries: FloatArray,
        top_k: int,
        mask: Mask | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Found:
        """Return the index's rows and distances of the nearest, int64 and float32 [1, top_k].

        Args:
            queries: float32 [1, D].
            top_k: The number of rows; less are filled up with -1.
            mask: Which rows may be hits; None for all.
            params: Parameters of the index's search.
        """
        count = CANDIDATES * top_k
        if mask is None and count <= SHARE * self._rounded.ntotal:
            # Of this thread: faiss would wait for others, which may wait for a processor.
            faiss.omp_set_num_threads(1)
            squares, rows = self._rounded.search(queries, count)
            chosen = np.zeros(self._rounded.ntotal, dtype=np.bool_)
            chosen[rows[0]] = True
            found: Found = self.index.search(queries, top_k, chosen, params)
            farthest = float(np.sqrt(squares[0, -1]))
            if found[1][0, -1] < farthest - self._error - TOLERANCE:
                return found
        exact: Found = self.index.search(queries, top_k, mask, params)
        return exact

    def _largest_error(self, vectors: FloatArray, first: int) -> float:
        rounded = self._rounded.reconstruct_n(first, len(vectors))
        return float(np.linalg.norm(rounded - vectors, axis=1).max())
