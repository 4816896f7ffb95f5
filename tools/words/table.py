"""A table of vectors whose means point where a text's vector points, fitted in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam (Kingma and Ba, ICLR 2015)
LAST_RATE = 1e-5

Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fitting:
    """How long and how fast a table learns; the rate falls linearly."""

    passes: int = 18
    batch: int = 1024
    rate: float = 1e-3
    seed: int = 0


class Bags:
    """Texts as lists of pieces, one after the other."""

    def __init__(self, texts: Sequence[Sequence[int]]) -> None:
        """Store the pieces of each text, of which none is empty."""
        self.lengths = np.array([len(text) for text in texts])
        self.pieces = np.concatenate([np.asarray(text, np.int64) for text in texts])
        self._starts = np.cumsum(self.lengths) - self.lengths

    def take(self, numbers: Indexes) -> tuple[Indexes, Indexes, Indexes]:
        """Return the pieces of some texts, where each text begins, and the lengths."""
        lengths = self.lengths[numbers]
        starts = np.cumsum(lengths) - lengths
        offsets = np.repeat(self._starts[numbers] - starts, lengths)
        return self.pieces[np.arange(lengths.sum()) + offsets], starts, lengths


def fit(table: FloatArray, bags: Bags, targets: FloatArray, fitting: Fitting) -> list[float]:
    """Turn the mean of each text's vectors towards the text's target, in place.

    The loss is 1 minus the cosine, minimised by Adam.

    Args:
        table: The first vectors of the pieces, float32 [pieces, D].
        bags: The texts.
        targets: Where they should point, float32 [texts, D], of unit length.
        fitting: How long and how fast.

    Returns:
        The mean loss of each pass.
    """
    generator = np.random.default_rng(fitting.seed)
    moments = np.zeros_like(table), np.zeros_like(table)
    losses, step = [], 0
    for number in range(fitting.passes):
        rate = fitting.rate * (1 - number / fitting.passes) + LAST_RATE
        order, total = generator.permutation(len(targets)), 0.0
        for start in range(0, len(order), fitting.batch):
            batch = order[start : start + fitting.batch]
            gradient, loss = _gradient(table, *bags.take(batch), targets[batch])
            step, total = step + 1, total + loss * len(batch)
            _adam(table, gradient, moments, rate, step)
        losses.append(total / len(targets))
    return losses


def _gradient(
    table: FloatArray, pieces: Indexes, starts: Indexes, lengths: Indexes, targets: FloatArray
) -> tuple[FloatArray, float]:
    """Return the gradient of the mean loss of a batch, and that loss."""
    means = np.add.reduceat(table[pieces], starts) / lengths[:, None]
    norms = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    cosines = np.sum(means * targets, axis=1, keepdims=True) / norms
    slopes = (cosines * means / norms - targets) / (norms * lengths[:, None] * len(targets))
    gradient = np.zeros_like(table)
    np.add.at(gradient, pieces, np.repeat(slopes, lengths, axis=0).astype(np.float32))
    return gradient, float(1 - cosines.mean())


def _adam(
    table: FloatArray,
    gradient: FloatArray,
    moments: tuple[FloatArray, FloatArray],
    rate: float,
    step: int,
) -> None:
    for moment, beta, value in zip(moments, BETAS, (gradient, gradient * gradient), strict=True):
        moment *= beta
        moment += (1 - beta) * value
    mean, square = (m / (1 - beta**step) for m, beta in zip(moments, BETAS, strict=True))
    table -= rate * mean / (np.sqrt(square) + EPSILON)
