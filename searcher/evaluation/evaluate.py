"""How well each model finds pictures of the same kind, measured on the library's own labels.

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
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray

CUTOFFS = (1, 5, 10)
BLOCK = 512  # queries searched at once; 50,000 pictures then need 100 MB of similarities
RESAMPLES = 1000
SEED = 0

BoolArray = npt.NDArray[np.bool_]
Scores = dict[str, npt.NDArray[np.float64]]  # a measure's value for each query


@dataclass(frozen=True)
class Quality:
    """What was measured of one model. Measures are means over the queries, 0 to 1.

    `milliseconds` for one picture are None where they were not measured yet. `ci95` are the ends
    of the 95 % bootstrap intervals, `queries` how many pictures share their label with another one.
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
    """Measure models on the pictures that all of them have a vector of.

    Args:
        library: Its labels say which pictures are relevant for each other.
        names: The names of models; all that are ready where none is named.
        k: The depth of the average precision.

    Raises:
        ModelNotReady: A name is of no model that is ready.
        NotEnoughLabels: No two pictures share a label.
    """
    with library.priority.query():
        return _evaluate(library, names, k)


def _evaluate(library: Library, names: Sequence[str], k: int) -> Evaluation:
    models = [
        library.registry.get(name) for name in dict.fromkeys(names)
    ] or library.registry.ready()
    records = _covered(library, models)
    labels = np.array([record.label for record in records])
    if not _has_relevant(labels).any():
        raise NotEnoughLabels(
            "Nothing can be measured yet: index folders with at least two pictures each, whose "
            "names are the labels."
        )
    ids = [record.id for record in records]
    return Evaluation(
        k=k,
        pictures=len(ids),
        labels=len(set(labels)),
        models=[_measure(library, model, ids, labels, k) for model in models],
    )


def _covered(library: Library, models: Sequence[Model]) -> list[Record]:
    """The pictures that every one of the models has a vector of: all are asked the same."""
    ids = list(library.records.ids())
    for model in models:
        present = library.vectors.present(model.collection, ids)
        ids = [picture_id for picture_id in ids if picture_id in present]
    return [record for record in library.records.get(ids) if record is not None]


def _measure(
    library: Library, model: Model, ids: list[int], labels: npt.NDArray[np.str_], k: int
) -> Quality:
    vectors = library.vectors.fetch(model.collection, ids)
    queries = _has_relevant(labels)
    scores = score(relevance(vectors, labels, max(k, *CUTOFFS))[queries], labels, queries, k)
    asked = labels[queries]
    return Quality(
        model=model,
        milliseconds=library.speeds.get(model),
        queries=int(queries.sum()),
        means={name: _rounded(values.mean()) for name, values in scores.items()},
        ci95={name: interval(values) for name, values in scores.items()},
        per_label={
            str(label): {name: _rounded(v[asked == label].mean()) for name, v in scores.items()}
            | {"pictures": int((labels == label).sum())}
            for label in np.unique(asked)
        },
    )


def relevance(vectors: FloatArray, labels: npt.NDArray[np.str_], depth: int) -> BoolArray:
    """For unit vectors [N, D]: whether each of the `depth` nearest others has the query's label.

    Returns [N, depth]; where there are fewer others, the rest is False. Equal distances keep the
    order of the rows.
    """
    count = len(vectors)
    found = np.zeros((count, depth), dtype=np.bool_)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        similarity = vectors[rows] @ vectors.T
        similarity[np.arange(len(rows)), rows] = -np.inf  # a picture is no answer to itself
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, : min(depth, count - 1)]
        found[rows, : nearest.shape[1]] = labels[nearest] == labels[rows, None]
    return found


def score(found: BoolArray, labels: npt.NDArray[np.str_], queries: BoolArray, k: int) -> Scores:
    """Turn ranked relevance [queries, depth] into each query's precision and average precision.

    Precision at n divides by n even where a label has fewer others. Average precision at k divides
    by min(k, relevant), so a perfect ranking has 1 (Manning, Raghavan and Schütze, "Introduction to
    Information Retrieval", 2008, section 8.4, with the list cut at k).
    """
    hits = np.cumsum(found, axis=1)
    scores = {f"p@{n}": hits[:, n - 1] / n for n in sorted({*CUTOFFS, k})}
    precision = hits[:, :k] / np.arange(1, k + 1)
    names, counts = np.unique(labels, return_counts=True)
    relevant = counts[np.searchsorted(names, labels[queries])] - 1
    scores["map"] = (precision * found[:, :k]).sum(axis=1) / np.minimum(k, relevant)
    return scores


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of a mean: percentile bootstrap (Efron and Tibshirani, 1993), seeded."""
    generator = np.random.default_rng(SEED)
    means = [
        values[generator.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return _rounded(low), _rounded(high)


def _has_relevant(labels: npt.NDArray[np.str_]) -> BoolArray:
    """Which pictures share their label with another; the others can't be asked for."""
    names, counts = np.unique(labels, return_counts=True)
    several: BoolArray = np.isin(labels, names[counts > 1])
    return several


def _rounded(value: float) -> float:
    return round(float(value), 4)
