"""Keep the fields in Milvus as the records are, also after an interruption."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from searcher.images.sources import Source
from searcher.indexing.prepare import Raw
from searcher.stores.fields import Fields
from searcher.stores.records import Record, RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection

PAGE = 1000  # pictures at a time


class FieldUpdates:
    """Copies fields from Redis to Milvus. Every method raises StoreUnavailable."""

    def __init__(self, records: RecordStore, vectors: VectorStore) -> None:
        self._records = records
        self._vectors = vectors

    def update(
        self,
        collections: Iterable[Collection],
        ids: Sequence[int],
        written: Mapping[str, Mapping[int, Fields]] = MappingProxyType({}),
    ) -> bool:
        """Write the fields of up to PAGE pictures wherever they differ.

        Args:
            collections: The collections of all ready models.
            ids: The pictures' ids.
            written: The fields that were just written, by collection and id.

        Returns:
            Whether all of them are up to date: a collection of an earlier version has no fields
            yet, so that its pictures stay marked.
        """
        marks = self._records.pending_fields.among(ids)
        fields = self._records.fields(ids)  # after the marks, which a later change replaces
        is_complete = True
        for collection in collections:
            present = written.get(collection.name, {})
            outdated = {i: value for i, value in fields.items() if present.get(i) != value}
            is_complete &= self._vectors.set_fields(collection, outdated)
        if is_complete:
            self._records.pending_fields.clear(marks)
        return is_complete

    def finish(self, collections: Sequence[Collection], before: float = math.inf) -> int:
        """Update the pictures whose records were changed by a process that ended too early.

        Args:
            collections: The collections of all ready models.
            before: Seconds since 1970: later changes may be in progress.

        Returns:
            The number of pictures that were marked and are up to date now.
        """
        count = 0
        while ids := list(self._records.pending_fields.oldest(PAGE, before)):
            if not self.update(collections, ids):
                break
            count += len(ids)
        return count


def changed_records(files: Iterable[Raw], stored: Mapping[int, Record | None]) -> list[Record]:
    """Return the new records of pictures whose original is missing, or with another label.

    The former get the path of their file here.

    Args:
        files: Files of pictures.
        stored: The records by picture id.
    """
    changed = []
    for raw in files:
        source, record = raw.source, stored[raw.id]
        if source.thumbnail_of or record is None or not record.path:
            continue
        current = record
        if not Source(record.path).exists():
            current = replace(record, path=source.path, name=source.name, label=source.label)
        elif source.is_labelled:
            current = replace(record, label=source.label)
        if current != record:
            changed.append(current)
    return changed
