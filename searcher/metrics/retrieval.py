"""Precision and average precision of ranked pictures, with bootstrap intervals."""

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

CUTOFFS = (1, 5, 10)
BLOCK = 512  # queries searched at once; 50,000 pictures then need 100 MB of similarities
RESAMPLES = 1000
SEED = 0

BoolArray = npt.NDArray[np.bool_]
Scores = dict[str, npt.NDArray[np.float64]]  # a measure's value for each query


def relevance(vectors: FloatArray, labels: npt.NDArray[np.str_], depth: int) -> BoolArray:
    """Whether each of a query's nearest neighbours has the query's label, each row a query once.

    Args:
        vectors: unit vectors, float32 [N, D].
        labels: their labels [N].
        depth: how many neighbours are looked at.

    Returns:
        bool [N, depth], nearest first; False where there are fewer others. Equal distances keep
        the order of the rows.
    """
    count = len(vectors)
    relevant = np.zeros((count, depth), dtype=np.bool_)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        similarity = vectors[rows] @ vectors.T
        similarity[np.arange(len(rows)), rows] = -np.inf  # a picture is no answer to itself
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, : min(depth, count - 1)]
        relevant[rows, : nearest.shape[1]] = labels[nearest] == labels[rows, None]
    return relevant


def score(relevant: BoolArray, labels: npt.NDArray[np.str_], queries: BoolArray, k: int) -> Scores:
    """Precision at each cutoff and average precision at k of every query.

    Precision at n divides by n even where a label has fewer others. Average precision at k divides
    by min(k, relevant), so a perfect ranking has 1 (Manning, Raghavan and Schütze, "Introduction to
    Information Retrieval", 2008, section 8.4, with the list cut at k).

    Args:
        relevant: what `relevance` gives for the queries, bool [Q, depth].
        labels: the labels of all pictures [N].
        queries: which pictures are queries, bool [N] with Q of them set.
        k: depth of the average precision.

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
    """The 95 % confidence interval of a mean by percentile bootstrap, from a fixed seed.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    generator = np.random.default_rng(SEED)
    means = [
        values[generator.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def has_relevant(labels: npt.NDArray[np.str_]) -> BoolArray:
    """Which pictures share their label with another one, bool [N]; only those can be queries."""
    names, counts = np.unique(labels, return_counts=True)
    several: BoolArray = np.isin(labels, names[counts > 1])
    return several
