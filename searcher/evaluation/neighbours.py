"""The nearest pictures of each picture in several models, with labels or without."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from searcher.errors import NotEnoughLabels
from searcher.evaluation.evaluate import MIN_DEPTH
from searcher.evaluation.evaluation_results import Evaluation
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.task import BoolArray, IntArray, PictureTable
from searcher.evaluation.vector_parts import fetch_vectors
from searcher.library.core import Library
from searcher.metrics.ground_truth import GroundTruth, OnlyItself
from searcher.metrics.relevant_ranks import RowArray, rank_in_blocks
from searcher.models.registry import Model


@dataclass(frozen=True)
class Neighbour:
    """A picture near a query; `is_right` is whether it is relevant, None if nothing says so."""

    id: int
    name: str
    label: str
    is_right: bool | None

    def document(self) -> dict[str, Any]:
        """The picture as a JSON document."""
        return {"id": self.id, "name": self.name, "label": self.label, "right": self.is_right}


@dataclass(frozen=True)
class Neighbours:
    """Queries, and the rows of the gallery nearest to each, by the model's name [Q, depth].

    `truth` says which are relevant, if that is known; `are_stored` are the queries that are
    pictures of the library, bool [Q], by default all.
    """

    queries: PictureTable
    gallery: PictureTable
    nearest: dict[str, RowArray] = field(repr=False)
    truth: GroundTruth | None = None
    are_stored: BoolArray | None = field(default=None, repr=False)

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Neighbours":
        """Return those of an evaluation."""
        task = evaluation.task
        nearest = {quality.model.name: quality.nearest for quality in evaluation.models}
        return cls(task.queries, task.gallery, nearest, task.truth, task.are_stored)

    def is_stored(self, row: int) -> bool:
        """Return whether a query is a picture of the library, and not only of a file."""
        return self.are_stored is None or bool(self.are_stored[row])

    def near(self, model: str, row: int, count: int) -> list[Neighbour]:
        """Return the pictures nearest to a query in a model."""
        rows = [place for place in self.nearest[model][row, :count].tolist() if place >= 0]
        return self._pictures(row, rows)

    def relevant(self, row: int) -> IntArray:
        """Return the rows of the pictures that are relevant to a query, the most relevant first."""
        gains = self.truth.gains(slice(row, row + 1))[0] if self.truth else np.empty(0)
        order: IntArray = np.argsort(-gains, kind="stable")
        return order[: np.count_nonzero(gains > 0)]

    def best(self, row: int, count: int) -> list[Neighbour]:
        """Return the first pictures of the best ranking possible for a query."""
        return self._pictures(row, self.relevant(row)[:count].tolist())

    def _pictures(self, row: int, rows: list[int]) -> list[Neighbour]:
        gains = self.truth.gains(slice(row, row + 1))[0] if self.truth else None
        return [
            Neighbour(
                int(self.gallery.ids[place]),
                self.gallery.names[place],
                str(self.gallery.labels[place]),
                None if gains is None else bool(gains[place] > 0),
            )
            for place in rows
        ]


def find_neighbours(
    library: Library,
    models: Sequence[Model],
    gallery: PictureTable,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
) -> Neighbours:
    """Return the nearest pictures of each picture among all others; no labels are needed.

    Args:
        library: The library.
        models: The models, all of which have a vector of each picture.
        gallery: The pictures.
        progress: Called with the completed share, 0 to 1.
        is_stopped: Whether to end early.

    Raises:
        NotEnoughLabels: There are fewer than two pictures, so none has a neighbour.
        EvaluationStopped: `is_stopped` has become true.
        StoreUnavailable: Milvus does not answer.
    """
    if len(gallery) < 2:
        raise NotEnoughLabels("evaluation.no_labels")
    nearest: dict[str, RowArray] = {}

    advance = asking(is_stopped, progress)

    def report(share: float) -> None:
        advance((len(nearest) + share) / len(models))

    for model in models:
        vectors = fetch_vectors(library, model, gallery.ids, lambda: report(0))
        ranked = rank_in_blocks(vectors, vectors, OnlyItself(len(gallery)), MIN_DEPTH, report)
        nearest[model.name] = np.concatenate([block for *_, block in ranked])
    return Neighbours(gallery, gallery, nearest)
