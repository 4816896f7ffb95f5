"""The queries on which two models disagree."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from searcher.errors import InvalidRequest
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.paired import Difference

RIGHT = "p@1"  # a model is right where the nearest picture is relevant
SORTED_BY = "map@all"  # it differs even where both have found the same number
MAX_LISTED = 100  # queries of each side in the document


@dataclass(frozen=True)
class DisputedQuery:
    """A query that one of two models gets right: id, name, label, and both scores of SORTED_BY.

    `row` is its row in the evaluation's queries.
    """

    row: int
    id: int
    name: str
    label: str
    scores: tuple[float, float]

    def document(self) -> dict[str, Any]:
        """The query as a JSON document."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "scores": [round(score, 4) for score in self.scores],
        }


class ModelComparison:
    """Two of an evaluation's models, query by query."""

    def __init__(self, evaluation: Evaluation, a: str, b: str) -> None:
        """Compare two models.

        Args:
            evaluation: That both models are part of.
            a: The name of a model.
            b: The name of another one.
        """
        self.evaluation = evaluation
        self.names = a, b

    @property
    def differences(self) -> dict[str, Difference]:
        """The difference a - b in each measure."""
        return self.evaluation.comparison(*self.names).differences

    @cached_property
    def a_right(self) -> list[DisputedQuery]:
        """The queries that only a gets right, those with the greatest difference first."""
        return self._only_right(0)

    @cached_property
    def b_right(self) -> list[DisputedQuery]:
        """The queries that only b gets right, those with the greatest difference first."""
        return self._only_right(1)

    def document(self) -> dict[str, Any]:
        """The `--json` document of `compare-models`."""
        a, b = (self.evaluation.quality(name) for name in self.names)
        return {
            "models": list(self.names),
            "k": self.evaluation.k,
            "queries": len(self.evaluation.task.queries),
            "measures": {
                measure: {"a": a.means[measure], "b": b.means[measure], **difference.document()}
                for measure, difference in self.differences.items()
            },
            "verdict": self.evaluation.verdict_by(MAIN_MEASURE).document(),
            "a_right_count": len(self.a_right),
            "b_right_count": len(self.b_right),
            "a_right": [query.document() for query in self.a_right[:MAX_LISTED]],
            "b_right": [query.document() for query in self.b_right[:MAX_LISTED]],
            "sentences": self.evaluation.sentences(),
        }

    def _only_right(self, side: int) -> list[DisputedQuery]:
        a, b = (self.evaluation.quality(name).scores for name in self.names)
        winner, loser = (a, b) if side == 0 else (b, a)
        rows = np.flatnonzero((winner[RIGHT] > 0) & (loser[RIGHT] == 0))
        lead = winner[SORTED_BY][rows] - loser[SORTED_BY][rows]
        queries = self.evaluation.task.queries
        return [
            DisputedQuery(
                int(row),
                int(queries.ids[row]),
                queries.names[row],
                str(queries.labels[row]),
                (float(a[SORTED_BY][row]), float(b[SORTED_BY][row])),
            )
            for row in rows[np.argsort(-lead, kind="stable")]
        ]


def require_two(a: str, b: str) -> None:
    """Raise InvalidRequest unless the names of two models differ."""
    if a == b:
        raise InvalidRequest("request.same_model")
