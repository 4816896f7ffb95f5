"""Keep the fields in Milvus as the records are, also after an interruption."""

import contextlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from searcher.errors import DamagedCollection
from searcher.stores.fields import Fields
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection

PAGE = 1000  # pictures at a time


class FieldUpdates:
    """Copies fields from Redis to Milvus. Every method raises StoreUnavailable."""

    def __init__(
        self, records: RecordStore, vectors: VectorStore, collections: Sequence[Collection]
    ) -> None:
        """Update nothing yet; `collections` are those of all ready models."""
        self._records = records
        self._vectors = vectors
        self._collections = collections
        # All keys from the start, as threads of a pipeline share it.
        self._unflushed = Counter(dict.fromkeys(collections, 0))

    def update(
        self, ids: Sequence[int], written: Mapping[str, Mapping[int, Fields]] = MappingProxyType({})
    ) -> bool:
        """Write the fields of up to PAGE pictures wherever they differ.

        Args:
            ids: The pictures' ids.
            written: The fields that were just written, by collection and id.

        Returns:
            Whether all of them are up to date: a collection of an earlier version has no fields
            yet, or one is damaged, so that its pictures stay marked.
        """
        marks = self._records.pending_fields.among(ids)
        fields = self._records.fields(ids)  # after the marks, which a later change replaces
        is_complete = True
        for collection in self._collections:
            present = written.get(collection.name, {})
            outdated = {i: value for i, value in fields.items() if present.get(i) != value}
            count = None
            with contextlib.suppress(DamagedCollection):
                count = self._vectors.set_fields(collection, outdated)
            is_complete &= count is not None
            self._unflushed[collection] += count or 0
        self.flush(self._vectors.flush_every)
        if is_complete:
            self._records.pending_fields.clear(marks)
        return is_complete

    def finish(self, before: float = math.inf) -> int:
        """Update the pictures whose records were changed by a process that ended too early.

        Args:
            before: Seconds since 1970: later changes may be in progress.

        Returns:
            The number of pictures that were marked and are up to date now.
        """
        count = 0
        while ids := list(self._records.pending_fields.oldest(PAGE, before)):
            if not self.update(ids):
                break
            count += len(ids)
        self.flush()
        return count

    def flush(self, at_least: int = 1) -> None:
        """Flush the collections with at least so many vectors that were written here."""
        for collection, count in self._unflushed.items():
            if count >= at_least:
                self._vectors.flush(collection)
                self._unflushed[collection] = 0
