"""Tasks: which pictures are queries, and what says which others are relevant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from searcher.datasets.label_sets import LabelSets
from searcher.datasets.picture_names import PictureNames
from searcher.datasets.qrels import Qrels
from searcher.errors import BadLabels, InvalidRequest, NotEnoughLabels
from searcher.evaluation.judging import judge
from searcher.evaluation.query_choice import QueryChoice
from searcher.evaluation.query_files import embed_files
from searcher.evaluation.task import IntArray, PictureTable, Task, covered, leave_one_out_of
from searcher.images.sources import Source
from searcher.library.core import Library
from searcher.messages.problems import Problems
from searcher.metrics.ground_truth import PROTOCOLS, GroundTruth, LabelSetTruth, LabelTruth
from searcher.models.registry import Model
from searcher.stores.records import Record

NO_CHOICE = QueryChoice()


@dataclass(frozen=True)
class Plan:
    """How a task is made; by default each picture is searched for among all others, by labels.

    Attributes:
        labels: Labels that replace those of the library where it names pictures; several of one
            picture count alike.
        qrels: Judgements that replace labels.
        protocol: How classes of the Revisited Oxford and Paris sets count, if `qrels` has them.
        files: Queries that are not in the library.
        choice: The pictures of the library that are queries and not in the gallery.
        has_paths: Whether judgements and lists may name pictures of the library by their paths,
            which visitors must not learn.
    """

    labels: LabelSets | None = None
    qrels: Qrels | None = None
    protocol: str = ""
    files: tuple[Source, ...] = ()
    choice: QueryChoice = NO_CHOICE
    has_paths: bool = True

    def __post_init__(self) -> None:
        if self.protocol and self.protocol not in PROTOCOLS:
            raise InvalidRequest("truth.protocol", names=tuple(PROTOCOLS))
        if self.protocol and self.qrels is None:
            raise InvalidRequest("truth.protocol_without_qrels")
        if self.labels and self.qrels:
            raise InvalidRequest("truth.one_truth")
        if self.files and self.choice.is_given:
            raise InvalidRequest("truth.one_choice")

    @property
    def is_default(self) -> bool:
        """Whether each picture is searched for among all others, by the library's labels."""
        return replace(self, has_paths=True) == Plan()


class _Pictures(NamedTuple):
    """Some pictures: records, how files may call them, and their labels, the record's first."""

    records: Sequence[Record]
    names: Sequence[PictureNames]
    labels: Sequence[tuple[str, ...]]

    @classmethod
    def of(
        cls, records: Sequence[Record], names: Sequence[PictureNames], sets: LabelSets | None
    ) -> "_Pictures":
        """Return pictures with the labels of a file where it names them, else with their own."""
        found = sets.of(names) if sets else {}
        labels = [found.get(row, (record.label,)) for row, record in enumerate(records)]
        pairs = zip(records, labels, strict=True)
        return cls([replace(record, label=texts[0]) for record, texts in pairs], names, labels)

    def take(self, rows: IntArray) -> "_Pictures":
        """Return the pictures of some rows."""
        return _Pictures(*([some[row] for row in rows] for some in self))


def make_task(
    library: Library,
    models: Sequence[Model],
    plan: Plan,
    advance: Callable[[], None] = lambda: None,
    records: Sequence[Record] | None = None,
) -> Task:
    """Make a task of the pictures that all models have a vector of, so that all get the same.

    Args:
        library: The library.
        models: The models.
        plan: How the task is made.
        advance: Called after each query is embedded; it may raise to stop.
        records: These pictures, if they have been looked up.

    Raises:
        NotEnoughLabels: No query has a relevant picture.
        BadLabels: The file of labels names no picture.
        InvalidRequest: There are no queries, or no gallery.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    if records is None:
        records = covered(library, models)
    if plan.is_default:
        return leave_one_out_of(PictureTable.of(records))
    problems = Problems()
    names = [_names(record, plan.has_paths) for record in records]
    gallery = _Pictures.of(records, names, plan.labels)
    rows = np.arange(len(records))
    places, vectors = rows, {}
    if plan.files:
        files = embed_files(library, models, plan.files, problems, advance)
        queries = _Pictures.of(files.records, files.names, plan.labels)
        vectors = files.vectors
        columns = {record.id: row for row, record in enumerate(records)}
        places = np.array([columns.get(record.id, -1) for record in files.records], np.int64)
    elif plan.choice.is_given:
        chosen = plan.choice.rows(gallery.records, names, problems)
        queries, gallery = gallery.take(chosen), gallery.take(np.setdiff1d(rows, chosen))
        places = np.full(len(chosen), -1)
    else:
        queries = gallery
    if plan.labels and not any(plan.labels.of(some.names) for some in (gallery, queries)):
        raise BadLabels("truth.no_labels", name=plan.labels.name)
    table = PictureTable.of(gallery.records)
    truth: GroundTruth
    if plan.qrels is None:
        kept, truth = _by_labels(queries, gallery, places, plan)
        notes = []
    else:
        arguments = queries.names, gallery.names, places, problems
        kept, truth = judge(plan.qrels, plan.protocol, *arguments)
        notes = list(plan.qrels.problems)
    return Task(
        PictureTable.of(queries.take(kept).records),
        table,
        places[kept],
        truth,
        plan.qrels is not None,
        {name: some[kept] for name, some in vectors.items()},
        [*notes, *problems.messages()],
    )


def _names(record: Record, has_path: bool) -> PictureNames:
    paths = record.paths if has_path else ()
    return PictureNames(record.id, (*paths, f"{record.label}/{record.name}"))


def _by_labels(
    queries: _Pictures, gallery: _Pictures, places: IntArray, plan: Plan
) -> tuple[IntArray, GroundTruth]:
    """Return the rows of the queries that share a label with another picture, and the truth."""

    def truth_of(asked: _Pictures, places: IntArray) -> GroundTruth:
        if plan.labels is not None:
            return LabelSetTruth(asked.labels, gallery.labels, places)
        mine, theirs = (PictureTable.of(some.records).labels for some in (asked, gallery))
        return LabelTruth(mine, theirs, places)

    kept = np.flatnonzero(truth_of(queries, places).has_relevant())
    if not len(kept):
        raise NotEnoughLabels("truth.no_shared_labels")
    return kept, truth_of(queries.take(kept), places[kept])
