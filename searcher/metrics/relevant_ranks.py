"""The ranks of the relevant pictures, from which all measures of a ranking follow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from searcher.metrics.ground_truth import GroundTruth
from searcher.types import FloatArray

BLOCK_CELLS = 1 << 21  # of a block of similarities: 8 MB
CACHE_CELLS = 1 << 16  # sorted at once: the integers fit in a core's cache of 1 MB
LAST = np.iinfo(np.int64).max
NOWHERE = -1  # beyond the end of a ranking

FloatVector = npt.NDArray[np.float64]
IntVector = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class RelevantRanks:
    """Where several queries' relevant pictures are in their rankings, without junk.

    `ranks` are from 1, ascending for each query, and infinite for pictures that were not retrieved;
    float64 [S]. `gains` are the gains of the same pictures, float32 [S]. Query q has the elements
    from starts[q] to starts[q + 1] of both; `starts` is int64 [Q + 1].
    """

    ranks: FloatVector
    gains: FloatArray
    starts: IntVector

    @cached_property
    def counts(self) -> IntVector:
        """The number of each query's relevant pictures [Q]."""
        return np.diff(self.starts)

    @cached_property
    def owners(self) -> IntVector:
        """The number of the query that each element belongs to [S]."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def places(self) -> FloatVector:
        """The place of each element among its query's relevant pictures, from 1 [S]."""
        return np.arange(1.0, len(self.ranks) + 1) - self.starts[self.owners]

    @cached_property
    def ideal(self) -> "RelevantRanks":
        """The best rankings possible: relevant pictures first, those of the highest gain first."""
        gains = self.gains
        if len(gains) and gains.min() < gains.max():
            gains = gains[np.lexsort((-gains, self.owners))]
        return RelevantRanks(self.places, gains, self.starts)

    def sums(self, values: FloatVector) -> FloatVector:
        """Sum a value of each element for each query [Q]."""
        return np.bincount(self.owners, values, len(self.counts)).astype(np.float64)


def from_lists(relevant: list[dict[int, float]], ranked: list[list[int]]) -> RelevantRanks:
    """Return the ranks in ranked lists, which need not contain every picture.

    Args:
        relevant: For each query the gains of pictures by id; JUNK and others below 0 are removed
            from the list, and those of 0 are not relevant.
        ranked: For each query the ids, best first.
    """
    ranks: list[float] = []
    gains: list[float] = []
    starts = [0]
    for judged, ids in zip(relevant, ranked, strict=True):
        kept = [picture for picture in ids if judged.get(picture, 0) >= 0]
        position = {picture: rank for rank, picture in enumerate(kept, start=1)}
        found = sorted(
            (position.get(picture, np.inf), -gain) for picture, gain in judged.items() if gain > 0
        )
        ranks += [rank for rank, _ in found]
        gains += [-gain for _, gain in found]
        starts.append(len(ranks))
    return RelevantRanks(np.array(ranks), np.array(gains, np.float32), np.array(starts))


def rank(similarity: FloatArray, gains: FloatArray, depth: int) -> tuple[RelevantRanks, RowArray]:
    """Rank a gallery for several queries.

    Args:
        similarity: float32 [B, N]; of equally similar pictures the earlier one comes first.
        gains: The gains of the same pictures, float32 [B, N].
        depth: How much of each ranking to return.

    Returns:
        The ranks of the relevant pictures, and the columns of the nearest ones, int32 [B, depth],
        with NOWHERE beyond the end of a ranking.
    """
    # One integer for each picture has, from the highest bit on, its similarity, its column and its
    # relevance. Sorting the integers is several times as fast as sorting their positions.
    bits = (similarity + np.float32(0)).view(np.int32)  # -0 becomes 0
    bits ^= (bits >> 31) & 0x7FFFFFFF  # now ordered like the numbers
    keys = np.invert(bits).astype(np.int64)
    keys <<= 32
    keys |= np.arange(0, 2 * similarity.shape[1], 2)
    keys |= gains > 0
    keys[gains < 0] = LAST & ~1
    keys.sort(axis=1)
    owners, positions = np.divmod(np.flatnonzero(keys & 1), keys.shape[1])
    starts = np.searchsorted(owners, np.arange(len(keys) + 1))
    found = gains[owners, _column(keys[owners, positions])]
    nearest = np.full((len(keys), depth), NOWHERE, np.int32)
    first = keys[:, :depth]
    nearest[:, : first.shape[1]] = np.where(first < LAST - 1, _column(first), NOWHERE)
    return RelevantRanks(positions.astype(np.float64) + 1, found, starts), nearest


def rank_in_blocks(
    queries: FloatArray,
    gallery: FloatArray,
    truth: GroundTruth,
    depth: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[tuple[slice, RelevantRanks, RowArray]]:
    """Rank a gallery for all queries, a block at a time; see `rank`.

    Args:
        queries: Unit vectors, float32 [Q, D].
        gallery: Unit vectors, float32 [N, D].
        truth: The relevance of the gallery to the queries.
        depth: How much of each ranking to return.
        progress: Called with the completed share after each block; it may raise to stop.

    Yields:
        The block's rows of `queries`, their relevant ranks, and the nearest rows of `gallery`.
    """
    size = max(1, BLOCK_CELLS // max(1, len(gallery)))
    step = max(1, CACHE_CELLS // max(1, len(gallery)))
    product = np.empty((min(size, len(queries)), len(gallery)), np.float32)
    for start in range(0, len(queries), size):
        rows = slice(start, min(start + size, len(queries)))
        similarity = product[: rows.stop - start]
        np.matmul(queries[rows], gallery.T, out=similarity)
        parts = []
        for first in range(start, rows.stop, step):
            some = slice(first, min(first + step, rows.stop))
            block = similarity[some.start - start : some.stop - start]
            parts.append(rank(block, truth.gains(some), depth))
        yield rows, _joined([ranks for ranks, _ in parts]), np.concatenate([n for _, n in parts])
        progress(rows.stop / len(queries))


def _joined(parts: Sequence[RelevantRanks]) -> RelevantRanks:
    counts = np.concatenate([part.counts for part in parts])
    return RelevantRanks(
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.gains for part in parts]),
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _column(keys: IntVector) -> IntVector:
    return (keys & 0xFFFFFFFF) >> 1
