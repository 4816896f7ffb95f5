"""The queries for which two models find the most different pictures; no labels are needed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.evaluation.hardest import SHOWN
from searcher.evaluation.neighbours import Neighbour, Neighbours
from searcher.metrics.ranking import rank_biased_overlaps


@dataclass(frozen=True)
class Disagreement:
    """A query, the rank-biased overlap of both rankings, and the nearest pictures in each."""

    row: int
    id: int
    name: str
    label: str
    overlap: float
    nearest: tuple[list[Neighbour], list[Neighbour]]

    def document(self) -> dict[str, Any]:
        """The query as a JSON document."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "rbo": round(self.overlap, 4),
            "nearest": [[near.document() for near in side] for side in self.nearest],
        }


class RankDisagreements:
    """Queries sorted by how little two models agree on what is nearest."""

    def __init__(self, neighbours: Neighbours, a: str, b: str) -> None:
        """Compare the rankings of two models, by their names."""
        self.names = a, b
        self._neighbours = neighbours
        self._overlaps = rank_biased_overlaps(neighbours.nearest[a], neighbours.nearest[b])
        self.rows: npt.NDArray[np.int64] = np.argsort(self._overlaps, kind="stable")

    @property
    def mean(self) -> float:
        """The mean rank-biased overlap."""
        return float(self._overlaps.mean())

    def take(self, start: int, count: int, shown: int = SHOWN) -> list[Disagreement]:
        """Return some of the queries, each with its `shown` nearest pictures in each model."""
        queries, near = self._neighbours.queries, self._neighbours.near
        a, b = self.names
        return [
            Disagreement(
                row,
                int(queries.ids[row]),
                queries.names[row],
                str(queries.labels[row]),
                float(self._overlaps[row]),
                (near(a, row, shown), near(b, row, shown)),
            )
            for row in self.rows[start : start + count].tolist()
        ]

    def document(self, count: int) -> dict[str, Any]:
        """The `--json` document of `compare-models` where no labels are shared."""
        return {
            "models": list(self.names),
            "queries": len(self.rows),
            "mean_rbo": round(self.mean, 4),
            "disagreements": [query.document() for query in self.take(0, count)],
        }
