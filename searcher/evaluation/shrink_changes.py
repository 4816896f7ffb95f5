"""The pictures behind the cost of smaller vectors and of HNSW: queries whose first ten change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.errors import InvalidRequest
from searcher.evaluation.index_recall import IndexSample, indexed_vectors, read_ef
from searcher.evaluation.neighbours import Neighbour
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.variant_sample import K, VariantSample
from searcher.library.core import Library
from searcher.metrics.shrinkage import BINARY, Variant
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
    """What a variant of a model's vectors, or its index, changes.

    Attributes:
        model: The model.
        variant: The variant's name, or that of a search in HNSW such as ef-64.
        queries: The number of queries.
        changed: The number of those whose first ten have other pictures.
        worse: The number of those whose precision at 10 is lower; None without labels.
        better: The number of those whose precision at 10 is higher; None without labels.
        cases: The first of the changed ones: those that lose most precision, then most pictures.
    """

    model: Model
    variant: str
    queries: int
    changed: int
    worse: int | None
    better: int | None
    cases: list[ChangedQuery]

    def document(self) -> dict[str, Any]:
        """The changes as a JSON document."""
        return {
            "model": self.model.name,
            "variant": self.variant,
            "queries": self.queries,
            "changed": self.changed,
            "worse": self.worse,
            "better": self.better,
            "cases": [case.document() for case in self.cases],
        }


@dataclass(frozen=True)
class Rankings:
    """Queries, and the pictures nearest to each, as ids.

    Attributes:
        queries: The queries [Q].
        truth: The first ten by the full vectors, searched exactly.
        nearest: The first ten that are found instead.
        labels: Labels of all of these; what is missing has none.
        has_labels: Whether precision can be measured by them.
    """

    queries: list[int]
    truth: list[list[int]]
    nearest: list[list[int]]
    labels: Mapping[int, str]
    has_labels: bool


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
        variant_name: The name of a variant, also of one that `shrink` does not measure, or of a
            search in HNSW such as ef-64, which is compared with the exact search.
        count: The number of cases.
        is_stopped: Whether to end early.

    Raises:
        EvaluationStopped: `is_stopped` has become true.
        ModelNotReady: The model is not ready, or has vectors of too few pictures.
        NotAllowed: Searches are exact: there is no HNSW.
        InvalidRequest: There is no such variant.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    model, ef, ask = library.registry.get(name), read_ef(variant_name), asking(is_stopped)
    with library.priority.query():
        if ef is None:
            found = _by_variant(library, model, variant_name, ask)
        else:
            indexed_vectors(library.vectors, model)
            found = _by_index(library, model, ef, ask)
        return list_changes(library, model, variant_name, found, count)


def _by_variant(library: Library, model: Model, name: str, advance: Progress) -> Rankings:
    variant = Variant.parse(name, model.dim)
    if variant is None or (variant.type == BINARY and variant.method):  # which nobody measures
        raise InvalidRequest("shrink.unknown_variant", name=name[:40], dimension=model.dim)
    sample = VariantSample(library, model, advance)
    ids = np.array(sample.ids)
    nearest = sample.search(variant)[0].nearest(sample.rows, K)
    return Rankings(
        ids[sample.rows].tolist(),
        ids[sample.truth].tolist(),
        ids[nearest].tolist(),
        dict(zip(sample.ids, sample.labels.tolist(), strict=True)),
        sample.has_labels,
    )


def _by_index(library: Library, model: Model, ef: int, advance: Progress) -> Rankings:
    sample = IndexSample(library.vectors, model.collection, advance)
    nearest, _ = sample.search(ef)
    records = _records(library, {*sample.ids}.union(*sample.truth, *nearest))
    labels = {picture_id: record.label for picture_id, record in records.items()}
    return Rankings(sample.ids, sample.truth, nearest, labels, any(map(labels.get, sample.ids)))


def list_changes(library: Library, model: Model, name: str, found: Rankings, count: int) -> Changes:
    """Return the queries whose first ten are others.

    Args:
        library: Its records have the pictures' names.
        model: The model.
        name: What finds others.
        found: What was found.
        count: The number of cases.
    """
    pairs = list(zip(found.truth, found.nearest, strict=True))
    lost = [[i for i in true if i not in {*near}] for true, near in pairs]
    labels = [found.labels.get(query, "") for query in found.queries]
    kinds = [label if found.has_labels else "" for label in labels]

    def right(row: int, ids: list[int]) -> int:
        return sum(bool(kinds[row]) and found.labels.get(i, "") == kinds[row] for i in ids)

    gains = np.array(
        [(right(row, near) - right(row, true)) / K for row, (true, near) in enumerate(pairs)]
    )
    sizes = np.array([len(ids) for ids in lost])
    changed = [row for row in np.lexsort((-sizes, gains)).tolist() if sizes[row]]
    shown = changed[:count]
    new = {row: [i for i in pairs[row][1] if i not in {*pairs[row][0]}] for row in shown}
    records = _records(
        library, {i for row in shown for i in (found.queries[row], *lost[row], *new[row])}
    )

    def case(row: int) -> ChangedQuery:
        def near(ids: list[int]) -> list[Neighbour]:
            return [
                Neighbour(
                    other,
                    records[other].name if other in records else "",
                    found.labels.get(other, ""),
                    found.labels.get(other, "") == kinds[row] if kinds[row] else None,
                )
                for other in ids
            ]

        query = records.get(found.queries[row])
        return ChangedQuery(
            found.queries[row],
            query.name if query else "",
            labels[row],
            float(gains[row]) if kinds[row] else None,
            near(lost[row]),
            near(new[row]),
        )

    return Changes(
        model,
        name,
        len(pairs),
        len(changed),
        int((gains < 0).sum()) if found.has_labels else None,
        int((gains > 0).sum()) if found.has_labels else None,
        [case(row) for row in shown],
    )


def _records(library: Library, ids: Iterable[int]) -> Mapping[int, Record]:
    """Return the records of those pictures that are still in the library."""
    listed = sorted(ids)
    records = library.records.get(listed)
    return {i: record for i, record in zip(listed, records, strict=True) if record}
