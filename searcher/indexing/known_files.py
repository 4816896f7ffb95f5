"""Find the files of a run that the library knows completely, many at a time.

Such a file is as it was when it was read, it is the only one of its picture, and the picture has a
thumbnail, a record and a vector of every model. It needs nothing, so it does not go through the
pipeline. Whatever is doubtful does.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from searcher.images.sources import Source
from searcher.images.stamps import is_unchanged, stamp_of
from searcher.indexing.report import Shard
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, Int64Array

PART = 2048  # files that are compared at a time
# Look-ups of single vectors, as a share of a collection, after which all its ids are read at once:
# that takes as long as looking up a tenth of them, in Milvus Lite and on a server.
BULK = 0.1


class KnownFiles:
    """The known files of one indexing run. For one thread."""

    def __init__(
        self,
        records: RecordStore,
        vectors: VectorStore,
        thumbnail_path: Callable[[int], Path],
        collections: Iterable[Collection],
        shard: Shard,
    ) -> None:
        """Compare nothing yet.

        Args:
            records: The records.
            vectors: The vectors.
            thumbnail_path: Returns the path of a picture's thumbnail, by id.
            collections: Those that need a vector of each picture.
            shard: Which share of the pictures the run takes.
        """
        self._records = records
        self._thumbnail_path = thumbnail_path
        self._stored = [_StoredIds(vectors, collection) for collection in collections]
        self._shard = shard

    def sort_out(self, sources: Iterable[Source]) -> Iterator[Source | list[int]]:
        """Yield the files that need something, and the picture ids of the others in parts.

        The picture of another shard has the id 0. They need nothing, so they are divided by these
        ids, for which no file is read.
        """
        part: list[Source] = []
        for source in sources:
            is_decided = source.refusal or source.is_own is not None
            if source.content or is_decided or source.thumbnail_of or source.is_labelled:
                yield source  # not kept here: its content may be in memory
                continue
            part.append(source)
            if len(part) == PART:
                yield from self._sort_out(part)
                part = []
        yield from self._sort_out(part)

    def _sort_out(self, part: list[Source]) -> Iterator[Source | list[int]]:
        entries = self._records.at_paths([source.path for source in part])
        paths = {
            entry.ids[0]: source.path
            for source, entry in zip(part, entries, strict=True)
            if len(entry.ids) == 1 and is_unchanged(entry.stamp, stamp_of(source.path))
        }
        complete = self._complete(paths)
        known = []
        number, count = self._shard
        for source, entry in zip(part, entries, strict=True):
            picture_id = entry.ids[0] if len(entry.ids) == 1 else 0
            if paths.get(picture_id) != source.path or picture_id not in complete:
                yield source
            else:
                known.append(picture_id if picture_id % count == number - 1 else 0)
        if known:
            yield known

    def _complete(self, paths: dict[int, str]) -> set[int]:
        """Return the pictures that lack nothing, and have no other path than these."""
        alone = self._records.have_only(paths)
        ids = [i for i, is_alone in zip(paths, alone, strict=True) if is_alone]
        for stored in self._stored:
            ids = stored.among(ids)
        return {i for i in ids if self._thumbnail_path(i).exists()}


class _StoredIds:
    """The ids of a collection: looked up at first, and read as a whole once these are many."""

    def __init__(self, vectors: VectorStore, collection: Collection) -> None:
        self._vectors = vectors
        self._collection = collection
        self._budget: float | None = None  # of look-ups
        self._all: Int64Array | None = None

    def among(self, ids: list[int]) -> list[int]:
        """Return those of `ids` that have a vector."""
        if not ids:
            return []
        if self._budget is None:
            self._budget = self._vectors.count(self._collection) * BULK
        self._budget -= len(ids)
        if self._all is None and self._budget > 0:
            present = self._vectors.present(self._collection, ids)
            return [i for i in ids if i in present]
        if self._all is None:
            self._all = self._vectors.id_array(self._collection)
        # Sorted, so that each part costs what its own ids cost, however many there are.
        ends = np.searchsorted(self._all, [ids, [i + 1 for i in ids]])
        return [i for i, start, end in zip(ids, *ends, strict=True) if start < end]
