"""Agreement of two rankings. Pure functions on ranked lists of ids, best first."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009
RBO_P = 0.9  # Webber, Moffat and Zobel, TOIS 2010: the top 10 then have 86 % of the weight
ROWS = 4096  # of pairs of rankings that are compared at a time

IntRows = npt.NDArray[np.int32]


def overlap(a: Sequence[int], b: Sequence[int]) -> float:
    """Return the size of the intersection over that of the longer list; 1 for two empty lists."""
    longer = max(len(a), len(b))
    return len(set(a) & set(b)) / longer if longer else 1.0


def rank_biased_overlap(a: Sequence[int], b: Sequence[int], p: float = RBO_P) -> float:
    """Return the extrapolated rank-biased overlap of two rankings without ties, 0 to 1.

    Equation 32 of Webber, Moffat and Zobel, "A similarity measure for indefinite rankings"
    (TOIS 2010), which also holds for lists of unequal length.

    Args:
        a: Ids, best first.
        b: Ids, best first.
        p: Persistence, 0 to 1: the smaller it is, the more the top ranks weigh.
    """
    short, long = sorted((list(a), list(b)), key=len)
    if not short:
        return 1.0 if not long else 0.0
    s, length = len(short), len(long)
    prefix_short: set[int] = set()
    prefix_long: set[int] = set()
    shared_at = [0]  # size of the intersection of the two prefixes, by depth
    for depth in range(1, length + 1):
        prefix_long.add(long[depth - 1])
        if depth <= s:
            prefix_short.add(short[depth - 1])
        shared_at.append(len(prefix_short & prefix_long))
    agreement = sum(shared_at[d] / d * p**d for d in range(1, length + 1))
    extension = sum(shared_at[s] * (d - s) / (s * d) * p**d for d in range(s + 1, length + 1))
    tail = ((shared_at[length] - shared_at[s]) / length + shared_at[s] / s) * p**length
    return (1 - p) / p * (agreement + extension) + tail


def rank_biased_overlaps(a: IntRows, b: IntRows, p: float = RBO_P) -> FloatArray:
    """Return the rank-biased overlap of many pairs of rankings; see `rank_biased_overlap`.

    Args:
        a: Ids, best first, and below 0 beyond the end of a ranking [Q, depth].
        b: The same of the other rankings, each as long as its counterpart.
        p: Persistence.

    Returns:
        Overlaps, 0 to 1, float32 [Q]; 1 for two empty rankings.
    """
    depth = a.shape[1]
    lengths = (a >= 0).sum(axis=1)
    overlaps = np.ones(len(a), np.float32)
    weights = p ** np.arange(1, depth + 1) / np.arange(1, depth + 1)
    place = np.maximum(*np.indices((depth, depth)))  # from which depth on a pair is shared
    for rows in (slice(start, start + ROWS) for start in range(0, len(a), ROWS)):
        found, first, second = lengths[rows], a[rows], b[rows]
        same = (first[:, :, None] == second[:, None, :]) & (first >= 0)[:, :, None]
        owners, i, j = np.nonzero(same)
        shared = np.zeros((len(first), depth))
        np.add.at(shared, (owners, place[i, j]), 1)
        shared = shared.cumsum(axis=1)
        within = np.arange(depth) < found[:, None]
        agreement = (shared * weights * within).sum(axis=1)
        tail = shared[:, -1] / np.maximum(found, 1) * p**found
        values = (1 - p) / p * agreement + tail
        overlaps[rows] = np.where(found > 0, values, 1)
    return overlaps


def kendall_tau(a: Sequence[int], b: Sequence[int]) -> float | None:
    """Return Kendall's tau over the shared ids, -1 to 1; None if there are fewer than two."""
    rank_in_b = {item: rank for rank, item in enumerate(b)}
    shared = [rank_in_b[item] for item in a if item in rank_in_b]
    if len(shared) < 2:
        return None
    signs = [1 if first < second else -1 for first, second in combinations(shared, 2)]
    return sum(signs) / len(signs)


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[int]], k: int = RRF_K
) -> list[tuple[int, float]]:
    """Fuse rankings: return (id, sum of 1 / (k + rank)), best first, ties by id."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
