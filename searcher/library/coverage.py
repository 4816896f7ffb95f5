"""Coverage: how many pictures have a vector of each model, and which lack one."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from searcher.errors import DamagedCollection
from searcher.images.presence import presence_of
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks
from searcher.models.registry import Model
from searcher.stores.records import Record, RecordStore
from searcher.stores.vectors import VectorStore

PAGE = 1000  # records that are read at a time


def count_vectors(vectors: VectorStore, models: list[Model]) -> dict[str, int]:
    """Return the number of vectors of each model; 0 where its collection can't be used.

    Raises:
        StoreUnavailable: Milvus does not answer.
    """
    counts = {}
    for model in models:
        counts[model.name] = 0
        with contextlib.suppress(DamagedCollection):
            counts[model.name] = vectors.count(model.collection)
    return counts


def incomplete_sources(
    records: RecordStore,
    vectors: VectorStore,
    models: list[Model],
    thumbnail_path: Callable[[int], Path],
) -> list[Source]:
    """Return the pictures that lack a vector of at least one model.

    Args:
        records: The records.
        vectors: The vectors.
        models: The models that need a vector of each picture.
        thumbnail_path: Returns the path of a picture's thumbnail, by id.

    Returns:
        The original of each, or its thumbnail where the original is missing: a thumbnail is as
        large as what models are given.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    ids = np.fromiter(records.ids(), np.int64)
    is_incomplete = np.zeros(len(ids), bool)
    for model in models:
        is_incomplete |= ~np.isin(ids, vectors.id_array(model.collection))
    pages = chunks(ids[is_incomplete].tolist(), PAGE)
    incomplete = (record for page in pages for record in records.get(page) if record is not None)
    return [_source(record, thumbnail_path(record.id)) for record in incomplete]


def original(record: Record) -> Source:
    """Return a file of a picture that exists, if there is one."""
    existing = (path for path in record.paths if presence_of(path).exists)
    return Source(next(existing, record.path))


def _source(record: Record, thumbnail: Path) -> Source:
    source = original(record)
    if presence_of(source.path).exists or not thumbnail.exists():
        return source
    return Source(str(thumbnail), title=record.name, thumbnail_of=record.id)
