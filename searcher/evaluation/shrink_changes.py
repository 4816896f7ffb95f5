"""The pictures behind the cost of smaller vectors: queries whose first ten are others with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.errors import InvalidRequest
from searcher.evaluation.neighbours import Neighbour
from searcher.evaluation.stopping import Stop, asking
from searcher.evaluation.variant_sample import K, VariantSample
from searcher.library.core import Library
from searcher.metrics.shrinkage import Variant
from searcher.models.registry import Model
from searcher.stores.records import Record


@dataclass(frozen=True)
class ChangedQuery:
    """A query, and the pictures that leave its first ten and come into it.

    `gain` is the difference in precision at 10, above 0 where the smaller vectors are better; None
    without labels.
    """

    id: int
    name: str
    label: str
    gain: float | None
    lost: list[Neighbour]
    found: list[Neighbour]

    def document(self) -> dict[str, Any]:
        """The query as a JSON document."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "gain": None if self.gain is None else round(self.gain, 4),
            "lost": [neighbour.document() for neighbour in self.lost],
            "found": [neighbour.document() for neighbour in self.found],
        }


@dataclass(frozen=True)
class Changes:
    """What a variant of a model's vectors changes.

    Attributes:
        model: The model.
        variant: The variant.
        queries: The number of queries.
        changed: The number of those whose first ten have other pictures.
        worse: The number of those whose precision at 10 is lower; None without labels.
        better: The number of those whose precision at 10 is higher; None without labels.
        cases: The first of the changed ones: those that lose most precision, then most pictures.
    """

    model: Model
    variant: Variant
    queries: int
    changed: int
    worse: int | None
    better: int | None
    cases: list[ChangedQuery]

    def document(self) -> dict[str, Any]:
        """The changes as a JSON document."""
        return {
            "model": self.model.name,
            "variant": self.variant.name,
            "queries": self.queries,
            "changed": self.changed,
            "worse": self.worse,
            "better": self.better,
            "cases": [case.document() for case in self.cases],
        }


def find_changes(
    library: Library,
    name: str,
    variant_name: str,
    count: int,
    is_stopped: Stop = lambda: False,
) -> Changes:
    """Return the queries of `shrink` whose first ten are others with a variant.

    Args:
        library: The library.
        name: The model's name.
        variant_name: The name of a variant that `shrink` measures.
        count: The number of cases.
        is_stopped: Whether to end early.

    Raises:
        EvaluationStopped: `is_stopped` has become true.
        ModelNotReady: The model is not ready, or has vectors of too few pictures.
        InvalidRequest: `shrink` measures no such variant.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    with library.priority.query():
        model = library.registry.get(name)
        sample = VariantSample(library, model, asking(is_stopped))
        variant = next((v for v in sample.variants if v.name == variant_name), None)
        if variant is None:
            raise InvalidRequest(
                "shrink.unknown_variant", name=variant_name[:40], dimension=model.dim
            )
        nearest = sample.search(variant)[0].nearest(sample.rows, K)
        pairs = list(zip(sample.truth.tolist(), nearest.tolist(), strict=True))
        lost = [[place for place in true if place not in {*near}] for true, near in pairs]
        gains = sample.precisions(nearest) - sample.precisions(sample.truth)
        if not sample.has_labels:
            gains[:] = 0
        sizes = np.array([len(places) for places in lost])
        changed = [row for row in np.lexsort((-sizes, gains)).tolist() if sizes[row]]
        shown = changed[:count]
        found = {row: [p for p in pairs[row][1] if p not in {*pairs[row][0]}] for row in shown}
        places = [place for row in shown for place in (sample.rows[row], *lost[row], *found[row])]
        records = _records(library, sample, {int(place) for place in places})

    def case(row: int) -> ChangedQuery:
        place = int(sample.rows[row])
        label = str(sample.labels[place])

        def near(places: list[int]) -> list[Neighbour]:
            return [
                Neighbour(
                    sample.ids[other],
                    records[other].name if other in records else "",
                    str(sample.labels[other]),
                    str(sample.labels[other]) == label if sample.has_labels else None,
                )
                for other in places
            ]

        query = records.get(place)
        gain = float(gains[row]) if sample.has_labels else None
        name = query.name if query else ""
        return ChangedQuery(sample.ids[place], name, label, gain, near(lost[row]), near(found[row]))

    return Changes(
        model,
        variant,
        len(sample.rows),
        len(changed),
        int((gains < 0).sum()) if sample.has_labels else None,
        int((gains > 0).sum()) if sample.has_labels else None,
        [case(row) for row in shown],
    )


def _records(library: Library, sample: VariantSample, places: set[int]) -> Mapping[int, Record]:
    """Return the records of some pictures of a sample, by their rows."""
    rows = sorted(places)
    records = library.records.get([sample.ids[row] for row in rows])
    return {row: record for row, record in zip(rows, records, strict=True) if record}
