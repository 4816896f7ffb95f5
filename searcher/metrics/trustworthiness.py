"""How far a map's neighbours are neighbours of the vectors too."""

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

CHUNK = 256  # rows whose distances to all others are in memory at the same time


def trustworthiness(
    vectors: FloatArray, points: FloatArray, k: int, rows: npt.NDArray[np.integer] | None = None
) -> float:
    """Return the trustworthiness of a map, 0 to 1.

    Venna and Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001, as in
    scikit-learn: T = 1 - 2 / (n k (2N - 3k - 1)) * sum of (r - k) over the k nearest on the map
    that have the rank r > k among the vectors.

    Args:
        vectors: float32 [N, D].
        points: Their positions, float32 [N, 2].
        k: Neighbours, less than N / 2.
        rows: Of the n vectors whose neighbours count, for an estimate at large N; all by default.

    Returns:
        The trustworthiness.
    """
    count = len(vectors)
    rows = np.arange(count) if rows is None else rows
    excess = 0
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        near = np.argpartition(_distances(points, chunk), k - 1, axis=1)[:, :k]
        distances = _distances(vectors, chunk)
        own = np.take_along_axis(distances, near, axis=1)
        ranks = (distances[:, None, :] < own[:, :, None]).sum(axis=2) + 1
        excess += int(np.maximum(ranks - k, 0).sum())
    return 1 - excess * 2 / (len(rows) * k * (2 * count - 3 * k - 1))


def _distances(points: FloatArray, rows: npt.NDArray[np.integer]) -> FloatArray:
    """Return squared Euclidean distances [rows, N], infinite to oneself."""
    squares = np.square(points).sum(axis=1)
    distances: FloatArray = squares[rows, None] + squares - 2 * points[rows] @ points.T
    distances[np.arange(len(rows)), rows] = np.inf
    return distances
