"""The ranks of the relevant pictures, from which all measures of a ranking follow."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from searcher.cores import cores
from searcher.metrics.ground_truth import GroundTruth
from searcher.types import FloatArray

BLOCK_CELLS = 1 << 23  # of a block of similarities: 32 MB
CACHE_CELLS = 1 << 16  # sorted at once: the integers fit in a core's cache of 1 MB
JUNK_KEY = np.iinfo(np.int32).max  # after all similarities that are numbers
FEW_EQUAL = 16  # pictures of a query, whose places are counted one by one
NOWHERE = -1  # beyond the end of a ranking

FloatVector = npt.NDArray[np.float64]
IntVector = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.int32]
KeyArray = npt.NDArray[np.int32]


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
    keys = _keys(similarity, gains)
    ordered = np.sort(keys, axis=1)
    owners, columns = np.divmod(np.flatnonzero(gains > 0), keys.shape[1])
    starts = np.searchsorted(owners, np.arange(len(keys) + 1))
    positions = _positions(keys, ordered, columns, starts)
    order = np.lexsort((positions, owners))
    found = gains[owners, columns][order]
    ranks = RelevantRanks(positions[order].astype(np.float64) + 1, found, starts)
    return ranks, _nearest(keys, ordered, depth)


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

    def ranked(first: int, rows: slice) -> tuple[RelevantRanks, RowArray]:
        some = slice(first, min(first + step, rows.stop))
        block = product[some.start - rows.start : some.stop - rows.start]
        return rank(block, truth.gains(some), depth)

    # NumPy multiplies matrices on all cores, but sorts on one.
    with ThreadPoolExecutor(cores(), "rank") as pool:
        for start in range(0, len(queries), size):
            rows = slice(start, min(start + size, len(queries)))
            np.matmul(queries[rows], gallery.T, out=product[: rows.stop - start])
            parts = list(pool.map(ranked, range(start, rows.stop, step), repeat(rows)))
            ranks, nearest = zip(*parts, strict=True)
            yield rows, _joined(ranks), np.concatenate(nearest)
            progress(rows.stop / len(queries))


def _joined(parts: Sequence[RelevantRanks]) -> RelevantRanks:
    counts = np.concatenate([part.counts for part in parts])
    return RelevantRanks(
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.gains for part in parts]),
        np.concatenate([[0], np.cumsum(counts)]),
    )


def _keys(similarity: FloatArray, gains: FloatArray) -> KeyArray:
    """Return integers that rise where similarities fall, and JUNK_KEY for junk [B, N].

    NumPy sorts integers of 32 bits twice as fast as ones of 64, in which a column would fit too.
    """
    bits = (similarity + np.float32(0)).view(np.int32)  # -0 becomes 0
    bits ^= (bits >> 31) & 0x7FFFFFFF  # now ordered like the numbers
    np.invert(bits, out=bits)
    bits[gains < 0] = JUNK_KEY
    return bits


def _positions(
    keys: KeyArray, ordered: KeyArray, columns: IntVector, starts: IntVector
) -> IntVector:
    """Return the places from 0 of some columns of each row, the earlier of equal ones first [S].

    Args:
        keys: Of all pictures [B, N].
        ordered: The same, sorted [B, N].
        columns: Those of row b from starts[b] to starts[b + 1] [S].
        starts: int64 [B + 1].
    """
    positions = np.empty(len(columns), np.int64)
    for row, sorted_row, start, stop in zip(keys, ordered, starts[:-1], starts[1:], strict=True):
        some = columns[start:stop]
        wanted = row[some]
        places = positions[start:stop]
        places[:] = np.searchsorted(sorted_row, wanted)
        following = np.minimum(places + 1, len(row) - 1)
        equal = np.flatnonzero((sorted_row[following] == wanted) & (following > places))
        if len(equal) > FEW_EQUAL:
            everywhere = np.empty(len(row), np.int64)
            everywhere[np.argsort(row, kind="stable")] = np.arange(len(row))
            places[:] = everywhere[some]
            continue
        for at in equal:
            places[at] += np.count_nonzero(row[: some[at]] == wanted[at])
    return positions


def _nearest(keys: KeyArray, ordered: KeyArray, depth: int) -> RowArray:
    """Return the columns of the least keys, the earlier of equal ones first; see `rank`."""
    count = keys.shape[1]
    nearest = np.full((len(keys), depth), NOWHERE, np.int32)
    last = min(depth, count) - 1
    if last < 0:
        return nearest
    limits = np.minimum(ordered[:, last : last + 1], JUNK_KEY - 1)
    owners, columns = np.divmod(np.flatnonzero(keys <= limits), count)
    starts = np.searchsorted(owners, np.arange(len(keys)))
    columns = columns[np.lexsort((keys[owners, columns], owners))]  # which keeps equal ones' order
    places = np.arange(len(owners)) - starts[owners]
    kept = places < depth
    nearest[owners[kept], places[kept]] = columns[kept]
    return nearest
