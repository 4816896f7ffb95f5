"""Whether differences between models that answered the same queries are more than chance."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
LEVEL = 0.95  # of intervals
ALPHA = 0.05  # models are told apart where the corrected p-value is below
SEED = 0
CELLS = 1 << 20  # of a block of resamples: 8 MB
MAX_EXACT = 13  # queries; all assignments of signs are then fewer than RESAMPLES
TOLERANCE = 1e-9  # relative; sums that are equal but for rounding

Matrix = npt.NDArray[np.float64]
Progress = Callable[[float], None]  # gets the completed share; it may raise to stop


@dataclass(frozen=True)
class Bootstrap:
    """Means of several columns over resampled queries, the same resamples for every column.

    The mean of a difference is the difference of the means, so one table answers for all pairs of
    columns. `means` are float64 [RESAMPLES, C].
    """

    means: Matrix

    def interval(self, column: int) -> tuple[float, float]:
        """Return the interval of a column's mean."""
        return _ends(self.means[:, column])

    def difference(self, a: int, b: int) -> tuple[float, float]:
        """Return the interval of the mean of a - b, paired by query."""
        return _ends(self.means[:, a] - self.means[:, b])


def bootstrap(values: Matrix, progress: Progress = lambda share: None) -> Bootstrap:
    """Resample queries with a fixed seed: percentile bootstrap.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 13.

    Args:
        values: A row for each query, a column for each model and measure [Q, C].
        progress: Called after each block of resamples.
    """
    count = len(values)
    generator = np.random.default_rng(SEED)
    means = np.empty((RESAMPLES, values.shape[1]))
    for rows in _blocks(count):
        draws = generator.integers(0, count, (rows.stop - rows.start, count), np.int32)
        draws += np.arange(len(draws), dtype=np.int32)[:, None] * np.int32(count)
        # How often each query was drawn; the sums over all columns are one product of matrices.
        weights = np.bincount(draws.ravel(), minlength=draws.size).reshape(draws.shape)
        means[rows] = weights.astype(np.float64) @ values
        progress(rows.stop / RESAMPLES)
    means /= count
    return Bootstrap(means)


def interval(values: Matrix) -> tuple[float, float]:
    """Return the 95 % confidence interval of a mean by percentile bootstrap; see `bootstrap`."""
    return bootstrap(np.asarray(values, np.float64)[:, None]).interval(0)


@dataclass(frozen=True)
class SignFlips:
    """Sums of several columns under random signs of the queries, the same for every column.

    `sums` are float64 [F, C]; the first row has positive signs only.
    """

    sums: Matrix
    exact: bool

    def p_value(self, a: int, b: int) -> float:
        """Return the two-sided p-value of the hypothesis that a and b have the same mean."""
        sums = np.abs(self.sums[:, a] - self.sums[:, b])
        scale = np.abs(self.sums[0, [a, b]]).max()
        return float((sums >= sums[0] - TOLERANCE * max(scale, 1)).mean())


def sign_flips(values: Matrix, progress: Progress = lambda share: None) -> SignFlips:
    """Prepare the paired randomisation test, also called Fisher's or permutation test.

    If two models were equally good, each query's difference could as well have the opposite sign.
    The p-value is the share of all assignments of signs, or of RESAMPLES random ones and the
    actual one, for which the difference is at least as great. Smucker, Allan and Carterette, "A
    comparison of statistical significance tests for information retrieval evaluation", CIKM 2007;
    Phipson and Smyth, "Permutation p-values should never be zero", SAGMB 9 (2010).

    Args:
        values: A row for each query, a column for each model and measure [Q, C].
        progress: Called after each block of assignments.
    """
    count = len(values)
    if count <= MAX_EXACT:
        codes = np.arange(2**count)[:, None] >> np.arange(count)
        return SignFlips((1.0 - 2 * (codes & 1)) @ values, True)
    generator = np.random.default_rng(SEED)
    total = values.sum(axis=0)
    sums = np.empty((RESAMPLES + 1, values.shape[1]))
    sums[0] = total
    for rows in _blocks(count):
        draws = generator.integers(0, 256, (rows.stop - rows.start, -(-count // 8)), np.uint8)
        negative = np.unpackbits(draws, axis=1, count=count).astype(np.float64)
        sums[rows.start + 1 : rows.stop + 1] = total - 2 * (negative @ values)
        progress(rows.stop / RESAMPLES)
    return SignFlips(sums, False)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for the number of tests, so that the chance of any false alarm stays below.

    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979).

    Returns:
        Adjusted p-values in the same order, at most 1.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for passed, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - passed) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def groups(names: Sequence[str], told_apart: set[frozenset[str]]) -> list[tuple[str, ...]]:
    """Return the groups of models that can't be told apart; a model may be in several.

    Piepho, "An algorithm for a letter-based representation of all-pairwise comparisons", Journal
    of Computational and Graphical Statistics 13 (2004), for groups without gaps.

    Args:
        names: Best first.
        told_apart: The pairs that differ.

    Returns:
        The longest runs of `names` in which no pair differs, best first.
    """
    runs: list[tuple[int, int]] = []
    for start in range(len(names)):
        stop = start + 1
        while stop < len(names) and not any(
            frozenset((names[stop], other)) in told_apart for other in names[start:stop]
        ):
            stop += 1
        if not runs or stop > runs[-1][1]:
            runs.append((start, stop))
    return [tuple(names[start:stop]) for start, stop in runs]


def _ends(means: Matrix) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _blocks(count: int) -> Iterator[slice]:
    size = max(1, CELLS // max(1, count))
    for start in range(0, RESAMPLES, size):
        yield slice(start, min(start + size, RESAMPLES))
