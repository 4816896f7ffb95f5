"""Nearest neighbours of all vectors among each other, exactly, and how far two lists agree."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

Rows = npt.NDArray[np.int32]
DISTANCES = 2**22  # in memory at the same time, 16 MB
PAIRS = 2**20  # of neighbours that are compared at the same time


def nearest(
    vectors: FloatArray, k: int, step: Callable[[float], None] = lambda share: None
) -> tuple[Rows, FloatArray]:
    """Return the k nearest neighbours of each vector, itself not among them.

    Args:
        vectors: float32 [N, D], N > k.
        k: Neighbours.
        step: Called some 10 times a second with the share that is done. It may raise, to end early.

    Returns:
        Their rows [N, k], nearest first, and Euclidean distances [N, k].
    """
    count = len(vectors)
    squares = np.square(vectors).sum(axis=1)
    rows = np.empty((count, k), dtype=np.int32)
    distances = np.empty((count, k), dtype=np.float32)
    chunk = max(1, DISTANCES // count)
    for start in range(0, count, chunk):
        part = slice(start, min(start + chunk, count))
        own = np.arange(part.start, part.stop)
        squared = squares[part, None] + squares - 2 * vectors[part] @ vectors.T
        squared[own - start, own] = np.inf
        near = np.argpartition(squared, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(squared, near, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        rows[part] = np.take_along_axis(near, order, axis=1)
        distances[part] = np.sqrt(np.maximum(np.take_along_axis(values, order, axis=1), 0))
        step(part.stop / count)
    return rows, distances


def overlap(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> FloatArray:
    """Return the shares of the neighbours that two lists have in common, float32 [N], 0 to 1.

    Args:
        a: Ids of the neighbours of N pictures, [N, k], each id once in a row.
        b: Those of another model, [N, k].
    """
    count, k = a.shape
    shares = np.empty(count, dtype=np.float32)
    chunk = max(1, PAIRS // (k * k))
    for start in range(0, count, chunk):
        part = slice(start, start + chunk)
        same = a[part, :, None] == b[part, None, :]
        shares[part] = same.sum(axis=(1, 2)) / k
    return shares
