"""t-SNE of points whose neighbours are known, all of equal weight."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from searcher.metrics.nearest_neighbours import Rows
from searcher.metrics.repulsion import Matrix, Repulsion

EXAGGERATION = 12.0  # of the attraction in the first iterations, its authors' choice
EXAGGERATED, FURTHER = 100, 250  # iterations; twice as many make the map no better
EVERY = 5  # iterations between two calls of `step`
MOMENTUM = 0.8
# By how much a coordinate's learning rate grows while the gradient keeps its sign, and shrinks
# where it changes: Jacobs, "Increased rates of convergence through learning rate adaptation",
# Neural Networks 1 (1988).
GROWTH, DECAY, LEAST_GAIN = 0.2, 0.8, 0.01
LONGEST = 5.0  # step of a point, so that none is thrown far out


def descend(rows: Rows, start: Matrix, step: Callable[[float], None]) -> Matrix:
    """Move points by gradient descent, until neighbours are near to each other.

    The learning rate is that of Belkina et al., "Automated optimized parameters for t-distributed
    stochastic neighbor embedding", Nature Communications 10 (2019).

    Args:
        rows: The nearest neighbours of each point, int32 [N, K].
        start: Positions, float64 [N, 2], much smaller than 1.
        step: Called after each few iterations with the share that is done. It may raise.

    Returns:
        Positions, float64 [N, 2].
    """
    points: Matrix = start - start.mean(axis=0)
    ends = pairs(rows)
    repulsion = Repulsion()
    update, gains = np.zeros_like(points), np.ones_like(points)
    for iteration in range(EXAGGERATED + FURTHER):
        exaggeration = EXAGGERATION if iteration < EXAGGERATED else 1.0
        pushes, total = repulsion(points)
        pulls = _pulls(points, *ends)
        gradient = exaggeration / (2 * len(ends[0])) * pulls - pushes / total
        is_steady = np.sign(update) != np.sign(gradient)
        gains = np.where(is_steady, gains + GROWTH, gains * DECAY + LEAST_GAIN)
        update = MOMENTUM * update - len(points) / exaggeration * gains * gradient
        lengths = np.hypot(update[:, 0], update[:, 1])
        update *= np.minimum(1, LONGEST / np.maximum(lengths, LONGEST))[:, None]
        points += update
        points -= points.mean(axis=0)
        if (iteration + 1) % EVERY == 0:
            step((iteration + 1) / (EXAGGERATED + FURTHER))
    return points


def pairs(rows: Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the pairs of points of which at least one is a neighbour of the other, each once."""
    count = len(rows)
    own = np.repeat(np.arange(count), rows.shape[1])
    others = rows.ravel().astype(np.int64)
    keys = np.unique(np.minimum(own, others) * count + np.maximum(own, others))
    return keys // count, keys % count


def _pulls(points: Matrix, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Matrix:
    """Return the sums of w (y_i - y_j) over the pairs of each point, [N, 2]; w as in repulsion."""
    apart = points[first] - points[second]
    apart /= 1 + np.square(apart).sum(axis=1)[:, None]
    count = len(points)
    columns = [
        np.bincount(first, column, count) - np.bincount(second, column, count) for column in apart.T
    ]
    return np.stack(columns, axis=1)
