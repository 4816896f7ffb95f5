"""Precision and average precision of ranked pictures, with bootstrap intervals."""

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

CUTOFFS = (1, 5, 10)
BLOCK = 512  # queries per matrix product; at 50,000 pictures similarities take 100 MB
RESAMPLES = 1000
SEED = 0

BoolArray = npt.NDArray[np.bool_]
Scores = dict[str, npt.NDArray[np.float64]]  # a measure's value for each query


def relevance(vectors: FloatArray, labels: npt.NDArray[np.str_], depth: int) -> BoolArray:
    """Return whether each query's nearest neighbours have its label, with each row as a query.

    Args:
        vectors: Unit vectors, float32 [N, D].
        labels: Their labels [N].
        depth: The number of neighbours.

    Returns:
        bool [N, depth], nearest first, ties in the order of the rows; False beyond the N - 1 other
        pictures.
    """
    count = len(vectors)
    relevant = np.zeros((count, depth), dtype=np.bool_)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        similarity = vectors[rows] @ vectors.T
        similarity[np.arange(len(rows)), rows] = -np.inf  # exclude the query itself
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, : min(depth, count - 1)]
        relevant[rows, : nearest.shape[1]] = labels[nearest] == labels[rows, None]
    return relevant


def score(relevant: BoolArray, labels: npt.NDArray[np.str_], queries: BoolArray, k: int) -> Scores:
    """Compute precision at each cutoff and average precision at k of every query.

    Precision at n divides by n even if fewer pictures are relevant. Average precision at k divides
    by min(k, relevant), so that a perfect ranking has 1 (Manning, Raghavan and Schütze,
    "Introduction to Information Retrieval", 2008, section 8.4, with the list truncated at k).

    Args:
        relevant: The result of `relevance` for the queries, bool [Q, depth].
        labels: The labels of all pictures [N].
        queries: Which pictures are queries, bool [N] with Q of them set.
        k: Depth of the average precision.

    Returns:
        "p@1", "p@5", "p@10", f"p@{k}" and "map", float64 [Q] each, 0 to 1.
    """
    hits = np.cumsum(relevant, axis=1)
    scores = {f"p@{n}": hits[:, n - 1] / n for n in sorted({*CUTOFFS, k})}
    precision = hits[:, :k] / np.arange(1, k + 1)
    names, counts = np.unique(labels, return_counts=True)
    others = counts[np.searchsorted(names, labels[queries])] - 1
    scores["map"] = (precision * relevant[:, :k]).sum(axis=1) / np.minimum(k, others)
    return scores


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % confidence interval of a mean by percentile bootstrap, with a fixed seed.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    generator = np.random.default_rng(SEED)
    means = [
        values[generator.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def has_relevant(labels: npt.NDArray[np.str_]) -> BoolArray:
    """Return which pictures share their label with another, bool [N]; only those can be queries."""
    names, counts = np.unique(labels, return_counts=True)
    is_shared: BoolArray = np.isin(labels, names[counts > 1])
    return is_shared
