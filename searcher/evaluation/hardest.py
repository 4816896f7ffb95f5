"""The queries that a model answers worst, or that even the best ranking possible does."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import InvalidRequest
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.neighbours import Neighbour, Neighbours

THEN_BY = "map@all"  # it differs even where the chosen measure is the same
SHOWN = 6  # neighbours of each query in documents


@dataclass(frozen=True)
class HardQuery:
    """A query, its value of the measure, and the pictures nearest to it.

    `row` is its row in the evaluation's queries, `relevant` the number of its relevant pictures.
    """

    row: int
    id: int
    name: str
    label: str
    score: float
    relevant: int
    nearest: list[Neighbour]

    def document(self) -> dict[str, Any]:
        """The query as a JSON document."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "score": round(self.score, 4),
            "relevant": self.relevant,
            "nearest": [neighbour.document() for neighbour in self.nearest],
        }


class HardestQueries:
    """An evaluation's queries, those with the lowest value of a measure first."""

    def __init__(
        self, evaluation: Evaluation, model: str, measure: str = MAIN_MEASURE, label: str = ""
    ) -> None:
        """Sort the queries.

        Args:
            evaluation: That the model is part of.
            model: The model's name; "" for the best ranking possible, which puts what is relevant
                first.
            measure: The measure to sort by.
            label: Leaves out the queries of other labels; "" for none.

        Raises:
            InvalidRequest: The evaluation has no such measure.
        """
        self.model, self.measure = model, measure
        self._neighbours = Neighbours.of(evaluation)
        scores = evaluation.quality(model).scores if model else evaluation.ideal
        if measure not in scores:
            raise InvalidRequest("request.measure", measures=tuple(scores))
        self._scores = scores[measure]
        rows = np.lexsort((scores[THEN_BY], self._scores))
        if label:
            rows = rows[evaluation.task.queries.labels[rows] == label]
        self.rows: npt.NDArray[np.int64] = rows

    def take(self, start: int, count: int, shown: int = SHOWN) -> list[HardQuery]:
        """Return some of the queries, each with its `shown` nearest pictures."""
        found = self._neighbours
        queries = found.queries
        return [
            HardQuery(
                row,
                int(queries.ids[row]),
                queries.names[row],
                str(queries.labels[row]),
                float(self._scores[row]),
                len(found.relevant(row)),
                found.near(self.model, row, shown) if self.model else found.best(row, shown),
            )
            for row in self.rows[start : start + count].tolist()
        ]

    def document(self, count: int) -> dict[str, Any]:
        """The hardest queries as a JSON document."""
        return {
            "model": self.model,
            "measure": self.measure,
            "queries": [query.document() for query in self.take(0, count)],
        }
