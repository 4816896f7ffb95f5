"""Projections of vectors on two dimensions, for a map of the library."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.metrics.descent import descend
from searcher.metrics.nearest_neighbours import Rows
from searcher.types import FloatArray

Matrix = npt.NDArray[np.float64]

PCA, TSNE = "pca", "tsne"
METHODS = (TSNE, PCA)
MAX_EXACT = 768  # up to this side a full eigendecomposition takes less than half a second
EXTRA, ROUNDS = 14, 12  # of the randomised one: columns beyond two, power iterations
MIN_VARIANCE = 1e-10  # as a share of the vectors' squared length; below it is only rounding
MIN_SECOND_AXIS = 1e-6  # as a share of the first axis' variance, in single precision; same reason
# Of each picture: those that t-SNE keeps near. As many, of equal weight, give as good a map as the
# 90 weighted ones of perplexity 30, in a sixth of the memory (benchmarks/RESULTS.md).
NEIGHBOURS = 15
MIN_POINTS = 2 * NEIGHBOURS + 2  # of t-SNE
START = 1e-4  # standard deviation of the longer axis of t-SNE's start, its authors' choice
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


def tsne(
    rows: Rows, start: FloatArray, step: Callable[[float], None] = lambda share: None
) -> Projection:
    """Place neighbours near to each other (t-SNE with uniform affinities), deterministically.

    Böhm, Berens and Kobak, "Attraction-Repulsion Spectrum in Neighbor Embeddings", JMLR 23 (2022);
    started from PCA, as in Kobak and Berens, "The art of using t-SNE", Nature Communications 10
    (2019), so that what lies where on the map means something.

    Args:
        rows: The nearest neighbours of each point, int32 [N, NEIGHBOURS], N >= MIN_POINTS.
        start: Positions by PCA, float32 [N, 2].
        step: Called several times a second with the share that is done. It may raise, to end early.

    Returns:
        Positions of the N points.
    """
    # Equal vectors would never part.
    noise = np.random.default_rng(SEED).standard_normal(start.shape) * 1e-3
    spread = start.astype(np.float64) - start.mean(axis=0)
    spread = spread / (float(spread.std(axis=0).max()) or 1.0) + noise
    return Projection(to_square(descend(rows, spread * START, step)), None)


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
