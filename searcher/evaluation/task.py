"""What models are measured on: queries, a gallery, and which of its pictures are relevant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from searcher.errors import NotEnoughLabels
from searcher.library.core import Library
from searcher.messages.message import Message
from searcher.metrics.ground_truth import GroundTruth, LabelTruth
from searcher.metrics.retrieval import has_relevant
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray

HASH_BITS = 128
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PictureTable:
    """Some pictures: ids [N], labels [N], names, and difference hashes, uint64 [N, 2].

    The hash is 0 where a record has none.
    """

    ids: IntArray
    labels: npt.NDArray[np.str_]
    names: list[str]
    hashes: npt.NDArray[np.uint64] = field(repr=False)

    @classmethod
    def of(cls, records: Sequence[Record]) -> "PictureTable":
        """Return the table of some records."""
        hashes = [int(record.fingerprint or "0", 16) for record in records]
        return cls(
            np.array([record.id for record in records], np.int64),
            np.array([record.label for record in records], np.str_),
            [record.name for record in records],
            np.array([(h >> 64, h & (2**64 - 1)) for h in hashes], np.uint64).reshape(-1, 2),
        )

    def take(self, rows: IntArray) -> "PictureTable":
        """Return the table of some rows."""
        names = [self.names[row] for row in rows]
        return PictureTable(self.ids[rows], self.labels[rows], names, self.hashes[rows])

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Task:
    """Queries, gallery and truth. Every query has at least one relevant picture.

    Attributes:
        queries: The queries.
        gallery: The pictures that are ranked.
        places: The rows of the queries in the gallery, -1 for those that are not in it [Q].
        truth: The relevance of the gallery to the queries.
        is_judged: Whether a file of judgements says what is relevant, instead of labels.
        vectors: The queries' unit vectors by model, where they are not in the library,
            float32 [Q, D].
        notes: What was left out, and why.
    """

    queries: PictureTable
    gallery: PictureTable
    places: IntArray
    truth: GroundTruth
    is_judged: bool = False
    vectors: Mapping[str, FloatArray] = field(default_factory=dict, repr=False)
    notes: Sequence[Message] = ()

    @property
    def has_single_labels(self) -> bool:
        """Whether each picture has one label, and those with a query's are relevant to it."""
        return isinstance(self.truth, LabelTruth)

    @property
    def are_stored(self) -> BoolArray:
        """Which queries are pictures of the library, bool [Q]."""
        return (self.places >= 0) | (not self.vectors)


def leave_one_out(library: Library, models: Sequence[Model]) -> Task:
    """Return the task in which each picture is searched for among all others.

    Those with the query's label are relevant. Only pictures that all models have a vector of are
    in the gallery, so that all get the same queries.

    Raises:
        NotEnoughLabels: No two pictures share a label.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    return leave_one_out_of(PictureTable.of(covered(library, models)))


def leave_one_out_of(gallery: PictureTable) -> Task:
    """Return the same task for some pictures. Raises NotEnoughLabels."""
    places = np.flatnonzero(has_relevant(gallery.labels))
    if not len(places):
        raise NotEnoughLabels("evaluation.no_labels")
    queries = gallery.take(places)
    return Task(queries, gallery, places, LabelTruth(queries.labels, gallery.labels, places))


def measurable(library: Library) -> list[Model]:
    """Return the ready models but those that will never have vectors of two pictures to compare.

    Of a model of vectors from elsewhere the library may have none of the pictures.
    """
    return [
        model
        for model in library.registry.ready()
        if model.embeds or library.vectors.count(model.collection) > 1
    ]


def covered(library: Library, models: Sequence[Model]) -> list[Record]:
    """Return the pictures that all models have a vector of."""
    ids = list(library.records.ids())
    for model in models:
        present = library.vectors.present(model.collection, ids)
        ids = [picture_id for picture_id in ids if picture_id in present]
    return [record for record in library.records.get(ids) if record is not None]
