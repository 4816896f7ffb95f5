"""Retrieval quality of each model, measured on the library's own labels.

Leave-one-out: every picture is a query once, all others are searched, and those with the query's
label count as relevant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import NotEnoughLabels
from searcher.library.core import Library
from searcher.metrics.retrieval import CUTOFFS, has_relevant, interval, relevance, score
from searcher.models.registry import Model
from searcher.stores.records import Record


@dataclass(frozen=True)
class Quality:
    """The measures of one model: means over the queries, 0 to 1.

    `milliseconds` per picture is None until it was measured. `ci95` has the ends of the 95 %
    bootstrap intervals, `queries` the number of pictures that share their label with another one.
    """

    model: Model
    milliseconds: float | None
    queries: int
    means: dict[str, float]
    ci95: dict[str, tuple[float, float]]
    per_label: dict[str, dict[str, float]]

    def document(self) -> dict[str, Any]:
        """The model's entry in the `--json` document of `evaluate`."""
        return {
            **self.means,
            "ci95": {name: list(ends) for name, ends in self.ci95.items()},
            "per_label": self.per_label,
            "queries": self.queries,
            "ms": self.milliseconds,
            "dim": self.model.dim,
            "mb": round(self.model.megabytes, 1),
        }


@dataclass(frozen=True)
class Evaluation:
    """Several models measured on the same pictures."""

    k: int
    pictures: int
    labels: int
    models: list[Quality]

    def document(self) -> dict[str, Any]:
        """The `--json` document of `evaluate`."""
        return {
            "k": self.k,
            "models": {quality.model.name: quality.document() for quality in self.models},
            "pictures": self.pictures,
            "labels": self.labels,
        }


def evaluate(library: Library, names: Sequence[str] = (), k: int = 10) -> Evaluation:
    """Measure models on the pictures that all of them have indexed.

    Args:
        library: Pictures with the same label are relevant to each other.
        names: Names of models; empty for all that are ready.
        k: Depth of the average precision.

    Returns:
        The measures of each model, in the order of `names`.

    Raises:
        ModelNotReady: A name is not that of a ready model.
        NotEnoughLabels: No two pictures share a label.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    with library.priority.query():
        return _evaluate(library, names, k)


def _evaluate(library: Library, names: Sequence[str], k: int) -> Evaluation:
    models = [
        library.registry.get(name) for name in dict.fromkeys(names)
    ] or library.registry.ready()
    records = _covered(library, models)
    labels = np.array([record.label for record in records])
    if not has_relevant(labels).any():
        raise NotEnoughLabels("evaluation.no_labels")
    ids = [record.id for record in records]
    return Evaluation(
        k=k,
        pictures=len(ids),
        labels=len(set(labels)),
        models=[_measure(library, model, ids, labels, k) for model in models],
    )


def _covered(library: Library, models: Sequence[Model]) -> list[Record]:
    """Return the pictures that all models have a vector of, so that they get the same queries."""
    ids = list(library.records.ids())
    for model in models:
        present = library.vectors.present(model.collection, ids)
        ids = [picture_id for picture_id in ids if picture_id in present]
    return [record for record in library.records.get(ids) if record is not None]


def _measure(
    library: Library, model: Model, ids: list[int], labels: npt.NDArray[np.str_], k: int
) -> Quality:
    vectors = library.vectors.fetch(model.collection, ids)
    queries = has_relevant(labels)
    scores = score(relevance(vectors, labels, max(k, *CUTOFFS))[queries], labels, queries, k)
    query_labels = labels[queries]
    return Quality(
        model=model,
        milliseconds=speed.ms if (speed := library.speeds.get(model)) else None,
        queries=int(queries.sum()),
        means={name: _rounded(values.mean()) for name, values in scores.items()},
        ci95={name: _rounded_ends(interval(values)) for name, values in scores.items()},
        per_label={
            str(label): {
                name: _rounded(v[query_labels == label].mean()) for name, v in scores.items()
            }
            | {"pictures": int((labels == label).sum())}
            for label in np.unique(query_labels)
        },
    )


def _rounded_ends(ends: tuple[float, float]) -> tuple[float, float]:
    return _rounded(ends[0]), _rounded(ends[1])


def _rounded(value: float) -> float:
    return round(float(value), 4)
