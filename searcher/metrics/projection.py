"""Projections of vectors on two dimensions, for a map of the library."""

import importlib
import importlib.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

Matrix = npt.NDArray[np.float64]

PCA, UMAP = "pca", "umap"
MAX_EXACT = 768  # up to this side a full eigendecomposition takes less than half a second
EXTRA, ROUNDS = 14, 12  # of the randomised one: columns beyond two, power iterations
MIN_VARIANCE = 1e-10  # as a share of the vectors' squared length; below it is only rounding
MIN_SECOND_AXIS = 1e-6  # as a share of the first axis' variance, in single precision; same reason
NEIGHBOURS = 15  # UMAP's own default
SEED = 0


@dataclass(frozen=True)
class Projection:
    """Positions of vectors on a map.

    `points` are float32 [N, 2] in the unit square, both axes on the same scale and the middle of
    their extent at (0.5, 0.5). `explained` is the share of the variance on the two axes, 0 to 1,
    None if the method does not define it.
    """

    points: FloatArray
    explained: float | None


def methods() -> list[str]:
    """Return the available methods: UMAP only if its package is installed."""
    return [PCA, UMAP] if importlib.util.find_spec("umap") else [PCA]


def project(vectors: FloatArray, method: str = PCA) -> Projection:
    """Project vectors on two dimensions, deterministically.

    Args:
        vectors: float32 [N, D].
        method: One of `methods()`.

    Returns:
        Positions of the N vectors.

    Raises:
        ValueError: The method is not available.
    """
    if method not in methods():
        raise ValueError(f"{method} is not one of {', '.join(methods())}")
    # UMAP needs more points than neighbours.
    if method == UMAP and len(vectors) > NEIGHBOURS:
        network = importlib.import_module("umap").UMAP(n_neighbors=NEIGHBOURS, random_state=SEED)
        return Projection(to_square(np.asarray(network.fit_transform(vectors))), None)
    return pca(vectors)


def pca(vectors: FloatArray) -> Projection:
    """Project on the two directions of the greatest variance (principal component analysis).

    The sign of each axis is such that its largest loading is positive. Equal vectors, or a single
    one, are in the middle, with all of their variance explained.

    Args:
        vectors: float32 [N, D].

    Returns:
        Positions of the N vectors.
    """
    points = np.zeros((len(vectors), 2))
    if not len(vectors):
        return Projection(points.astype(np.float32), 1.0)
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    total = float(np.square(centred, dtype=np.float64).sum())
    if total <= MIN_VARIANCE * float(np.square(vectors, dtype=np.float64).sum()):
        return Projection(to_square(points), 1.0)
    axes = _principal(centred)
    axes *= np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0))
    points[:, : axes.shape[1]] = centred @ axes
    return Projection(to_square(points), min(1.0, float(np.square(points).sum()) / total))


def to_square(points: Matrix) -> FloatArray:
    """Move and scale points [N, 2] to fill the unit square with the longer side of their extent."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max()) or 1.0
    square: FloatArray = ((points - (low + high) / 2) / extent + 0.5).astype(np.float32)
    return square.clip(0, 1)


def _principal(centred: FloatArray) -> Matrix:
    """Return the first two right singular vectors of [N, D] as columns [D, 2 or fewer]."""
    count, dim = centred.shape
    if min(count, dim) > MAX_EXACT:
        return _randomised(centred)
    if dim <= count:
        values, vectors = np.linalg.eigh(_product(centred.T, centred))
        return np.ascontiguousarray(vectors[:, ::-1][:, :2])
    # With fewer rows than columns, eigenvectors of the rows' products are cheaper to compute.
    values, rows = np.linalg.eigh(_product(centred, centred.T))
    axes: Matrix = centred.T @ rows[:, ::-1][:, :2]
    # Two points define only one direction: the second axis would be rounding.
    axes = axes[:, values[::-1][:2] > MIN_SECOND_AXIS * values[-1]]
    axes /= np.linalg.norm(axes, axis=0)
    return axes


def _randomised(centred: FloatArray) -> Matrix:
    """Return the same by subspace iteration from a seeded random start.

    Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53 (2011),
    algorithm 4.4.
    """
    start = np.random.default_rng(SEED).standard_normal((centred.shape[1], 2 + EXTRA))
    basis = np.linalg.qr(start.astype(np.float32))[0]
    for _ in range(ROUNDS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    _, _, rotation = np.linalg.svd(_product(centred, basis), full_matrices=False)
    axes: Matrix = basis @ rotation[:2].T
    return axes


def _product(a: FloatArray, b: FloatArray) -> Matrix:
    return (a @ b).astype(np.float64)
