"""Brute-force search of shrunken vectors with faiss, by which Milvus Lite searches, too."""

import time
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from searcher.metrics.shrinkage import BINARY, FLOAT16, FLOAT32, INT8, PCA, Variant, reduce
from searcher.types import FloatArray

IntArray = npt.NDArray[np.int64]

FACTOR = 4  # times k: the first hits of a search of binary vectors, which are rescored
QUANTIZERS = {FLOAT16: faiss.ScalarQuantizer.QT_fp16, INT8: faiss.ScalarQuantizer.QT_8bit}
TIMED = 20  # searches, one by one, of which the median counts
TRIED = 100  # queries that choose between binary vectors with and without centring


class VariantSearch:
    """The pictures of a library in one variant, searched by their full vectors."""

    def __init__(
        self,
        variant: Variant,
        vectors: FloatArray,
        axes: FloatArray | None = None,
        centre: FloatArray | None = None,
    ) -> None:
        """Shrink the vectors.

        Args:
            variant: The variant.
            vectors: The full vectors, float32 [N, D].
            axes: Principal axes, at least as many as a variant with PCA has dimensions.
            centre: What is subtracted before the signs of binary vectors are taken [D].
        """
        self.variant = variant
        self._axes = axes[: variant.dim] if axes is not None and variant.method == PCA else None
        self._vectors = vectors
        self._centre = np.zeros(variant.dim, np.float32) if centre is None else centre
        reduced = reduce(vectors, variant.dim, self._axes)
        self._index: Any
        if variant.type == BINARY:
            self._index = faiss.IndexBinaryFlat(-(-variant.dim // 8) * 8)
            self._index.add(self._signs(reduced))
        elif variant.type == FLOAT32:
            self._index = faiss.IndexFlatL2(variant.dim)
            self._index.add(reduced)
        else:
            # int8 has 256 steps between the least and the largest value of each dimension.
            quantizer = QUANTIZERS[variant.type]
            self._index = faiss.IndexScalarQuantizer(variant.dim, quantizer, faiss.METRIC_L2)
            self._index.train(reduced)
            self._index.add(reduced)

    def nearest(self, rows: IntArray, k: int) -> IntArray:
        """Return each query's nearest other pictures, int64 [Q, k], -1 beyond the last.

        Args:
            rows: The queries, as rows of the vectors.
            k: The number of neighbours.
        """
        found = self._search(self._vectors[rows], k + 1)
        nearest = np.full((len(rows), k), -1, dtype=np.int64)
        for query, (row, hits) in enumerate(zip(rows, found, strict=True)):
            others = hits[(hits != row) & (hits >= 0)][:k]
            nearest[query, : len(others)] = others
        return nearest

    def milliseconds(self, rows: IntArray, k: int) -> float:
        """Return the median time of a search for one query, reduction and rescoring included."""
        faiss.omp_set_num_threads(1)  # of this thread: starting others takes longer than a search
        times = []
        for row in np.resize(rows, TIMED):
            start = time.perf_counter()
            self._search(self._vectors[row : row + 1], k)
            times.append((time.perf_counter() - start) * 1000)
        return float(np.median(times))

    def _search(self, queries: FloatArray, k: int) -> IntArray:
        reduced = np.ascontiguousarray(reduce(queries, self.variant.dim, self._axes))
        count = len(self._vectors)
        found: IntArray
        if self.variant.type != BINARY:
            _, found = self._index.search(reduced, min(k, count))
            return found
        _, found = self._index.search(self._signs(reduced), min(FACTOR * k, count))
        return np.array(
            [
                hits[np.argsort(-(self._vectors[hits] @ query), kind="stable")][:k]
                for query, hits in zip(queries, found, strict=True)
            ]
        )

    def _signs(self, reduced: FloatArray) -> npt.NDArray[np.uint8]:
        return np.packbits(reduced > self._centre, axis=1)


def overlap(nearest: IntArray, truth: IntArray) -> float:
    """Return the mean share of the true neighbours [Q, k] that were found [Q, k], 0 to 1."""
    expected = np.count_nonzero(truth >= 0)
    hits = sum(len({*found} & {*true} - {-1}) for found, true in zip(nearest, truth, strict=True))
    return hits / expected if expected else 1.0


def best_binary(
    variant: Variant, vectors: FloatArray, rows: IntArray, truth: IntArray
) -> tuple[VariantSearch, bool]:
    """Return the binary search with or without centring, whichever finds more, and which it is."""
    plain = VariantSearch(variant, vectors)
    centred = VariantSearch(variant, vectors, centre=vectors.mean(axis=0))
    found = [
        overlap(search.nearest(rows[:TRIED], truth.shape[1]), truth[:TRIED])
        for search in (plain, centred)
    ]
    is_centred = found[1] > found[0]
    return (centred if is_centred else plain), is_centred
