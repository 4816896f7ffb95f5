"""Precision and recall at every depth of the rankings, from 1 on."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from searcher.metrics.relevant_ranks import FloatVector, RelevantRanks


def _none() -> FloatVector:
    return np.empty(0)


@dataclass(frozen=True)
class DepthCurves:
    """Means over the queries at the depths 1, 2, …, 0 to 1: float64 [depth] each.

    The definitions are those of `retrieval.precision` and `retrieval.recall`.
    """

    precision: FloatVector = field(default_factory=_none)
    recall: FloatVector = field(default_factory=_none)

    def document(self) -> dict[str, Any]:
        """The curves as a JSON document."""
        return {name: getattr(self, name).round(4).tolist() for name in ("precision", "recall")}


class DepthTally:
    """Counts what is found at each rank, a block of queries after the other."""

    def __init__(self, depth: int) -> None:
        self._hits = np.zeros(depth)
        self._shares = np.zeros(depth)
        self._queries = 0

    def add(self, ranks: RelevantRanks) -> None:
        """Count the relevant pictures of some queries."""
        depth = len(self._hits)
        is_near = ranks.ranks <= depth
        places = ranks.ranks[is_near].astype(np.int64) - 1
        self._hits += np.bincount(places, minlength=depth)
        relevant = ranks.counts[ranks.owners[is_near]]
        self._shares += np.bincount(places, 1 / relevant, depth)
        self._queries += len(ranks.counts)

    def curves(self) -> DepthCurves:
        """Return the curves of all queries."""
        queries = max(self._queries, 1)
        depths = np.arange(1, len(self._hits) + 1)
        return DepthCurves(
            np.cumsum(self._hits) / depths / queries, np.cumsum(self._shares) / queries
        )
