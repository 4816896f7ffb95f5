"""Write chunks of pictures whose vectors are there.

Order of writes: sidecar, thumbnail, record, vectors with their fields; then the paths of pictures
whose file has another content.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from searcher.indexing.chunk import EmbeddedChunk
from searcher.indexing.field_updates import FieldUpdates
from searcher.indexing.path_claims import PathClaims
from searcher.indexing.prefetch import gather
from searcher.indexing.priority import PriorityGate
from searcher.indexing.report import Report
from searcher.indexing.unfinished import UnfinishedFiles
from searcher.stores.fields import Fields
from searcher.stores.records import Record, RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray

# Files that are written together, at most: a request to a store costs the same however many it has.
GROUP = 256
GROUP_S = 1.0  # how long what is embedded waits for more


class Writer:
    """Writes the pictures of one run. `write` and `finish` are for one thread at a time."""

    def __init__(
        self,
        records: RecordStore,
        vectors: VectorStore,
        unfinished: UnfinishedFiles,
        collections: Sequence[Collection],
        report: Report,
    ) -> None:
        """Write nothing yet.

        Args:
            records: The records.
            vectors: The vectors.
            unfinished: The pictures' files, which are put in place.
            collections: Those of all models, whose fields are kept up to date.
            report: Gets the number of changed labels.
        """
        self._records = records
        self._vectors = vectors
        self._unfinished = unfinished
        self._report = report
        self._fields = FieldUpdates(records, vectors, collections)
        self._claims = PathClaims(records)
        self._unflushed = dict.fromkeys(collections, 0)

    def groups(
        self, chunks: Iterable[EmbeddedChunk], priority: PriorityGate
    ) -> Iterator[list[EmbeddedChunk]]:
        """Yield the chunks that are to be written together; single ones while somebody searches."""

        def size(chunk: EmbeddedChunk) -> int:
            return len(chunk.plan.files)

        return gather(chunks, size, GROUP, GROUP_S, lambda: priority.has_queries)

    def write(self, group: Sequence[EmbeddedChunk]) -> None:
        """Write all that was made of some chunks, and flush what is due.

        Raises:
            StoreUnavailable: A store does not answer.
            DiskFull, CannotWrite: A file can't be written.
        """
        new = {record.id: record for chunk in group for record in chunk.new}
        for prepared in (prepared for chunk in group for prepared in chunk.prepared):
            self._unfinished.finish(prepared.record.id, prepared.files)
        self._records.put(new.values(), have_sidecars=True)
        located = {record.id: record for chunk in group for record in chunk.located}
        self._records.put(located.values())
        # What is stored by now, unless another process has changed it meanwhile.
        stored = {i: record for chunk in group for i, record in chunk.plan.stored.items()}
        stored |= new | located
        fields = self._write_vectors(group, stored)
        files = [raw for chunk in group for raw in chunk.plan.files if raw]
        changes = self._claims.settle(files, stored)
        self._report.relabelled += sum(old.label != new.label for old, new in changes)
        updated = {*new, *located}.union(*fields.values())
        updated.update(new.id for _, new in changes)
        self._fields.update(list(updated), fields)
        self._flush(at_least=self._vectors.flush_every)

    def finish(self) -> list[int]:
        """Flush everything; return the ids of pictures whose files all have another content now.

        Raises:
            StoreUnavailable: A store does not answer.
        """
        displaced = list(self._claims.displaced())
        self._flush(at_least=1)
        self._fields.finish()
        return displaced

    def _write_vectors(
        self, group: Sequence[EmbeddedChunk], stored: dict[int, Record | None]
    ) -> dict[str, dict[int, Fields]]:
        """Return the fields that were written, by collection and id."""
        ids: dict[Collection, list[int]] = {}
        vectors: dict[Collection, list[FloatArray]] = {}
        for chunk in group:
            for model, part, rows in chunk.vectors:
                ids.setdefault(model.collection, []).extend(part)
                vectors.setdefault(model.collection, []).append(rows)
        fields = {}
        for collection, own in ids.items():
            described = self._records.describe(r for i in own if (r := stored[i]))
            self._vectors.upsert(collection, own, np.concatenate(vectors[collection]), described)
            fields[collection.name] = described
            self._unflushed[collection] += len(own)
        return fields

    def _flush(self, at_least: int) -> None:
        for collection, count in self._unflushed.items():
            if count >= at_least:
                self._vectors.flush(collection)
                self._unflushed[collection] = 0
