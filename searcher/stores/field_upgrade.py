"""Give a collection of an earlier version its fields, without embedding again.

Its vectors are copied, a page at a time, into a collection with fields, while it is searched and
written to as before. Then it gets another name, so that every process uses the copy from its next
call on; what was written meanwhile is copied, and it is dropped. After an interruption anywhere
nothing is lost, and the next call goes on; see `collection_names` for the states.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from pymilvus import MilvusClient

from searcher.stores.collection import (
    TIMEOUT_S,
    Index,
    create,
    has_fields,
    pages,
    read,
    read_ids,
)
from searcher.stores.collection_change import CollectionChange
from searcher.stores.collection_names import COPY, RETIRED
from searcher.stores.fields import Fields
from searcher.stores.milvus import MilvusConnection
from searcher.types import Collection

Describe = Callable[[Sequence[int]], Mapping[int, Fields]]
Progress = Callable[[int, int], None]

NO_FIELDS = Fields()


class FieldUpgrade(CollectionChange):
    """The upgrade of one collection. Safe for several processes at a time."""

    def __init__(
        self,
        connection: MilvusConnection,
        writing: Callable[[], AbstractContextManager[object]],
        index: Index,
        collection: Collection,
        describe: Describe,
    ) -> None:
        """Change nothing yet; see `CollectionChange`.

        Args:
            connection: The connection to Milvus.
            writing: Returns the lock that is held while the collection is changed.
            index: The index of the copy.
            collection: The model's collection.
            describe: Returns the fields of pictures by id, of those with a record.
        """
        super().__init__(connection, writing, index, collection)
        self._describe = describe
        self._old = collection.name
        self._copy = Collection(collection.name + COPY, collection.dim)
        self._retired = collection.name + RETIRED

    def is_due(self) -> bool:
        """Whether there is something to do; see `run` for errors."""
        return self._call(lambda c: self._needs_copy(c) or self._exists(c, self._retired))

    def run(self, progress: Progress, stop: Callable[[], bool]) -> bool:
        """Copy the vectors, and retire the old collection.

        Args:
            progress: Called with the numbers of vectors that are copied, and of all.
            stop: Asked after each page whether to end early.

        Returns:
            Whether the collection has fields now.

        Raises:
            StoreUnavailable: Milvus does not answer.
            DamagedCollection: Milvus can't use the collection.
        """
        if self._call(self._needs_copy) and not self._run_copy(progress, stop):
            return False
        with self._writing():
            self._call(self._settle)
        return True

    def _run_copy(self, progress: Progress, stop: Callable[[], bool]) -> bool:
        """Copy the vectors and rename the old collection; see `run`."""
        with self._writing():
            ids = self._call(self._begin)
        done = 0
        for page in pages(ids):
            with self._writing():
                self._call(partial(self._copy_missing, source=self._old, ids=page))
            done += len(page)
            progress(done, len(ids))
            if stop():
                return False
        self._call(lambda client: client.flush(self._copy.name, timeout=TIMEOUT_S))
        with self._writing():
            self._call(self._retire)
        self._forget()
        return True

    def _needs_copy(self, client: MilvusClient) -> bool:
        return self._exists(client, self._old) and not has_fields(client, self._old)

    def _begin(self, client: MilvusClient) -> list[int]:
        """Create the copy, and return the ids to copy; none if another process was faster."""
        if not self._needs_copy(client):
            return []
        create(client, self._copy, self._index)
        for name in (self._old, self._copy.name):
            client.load_collection(name, timeout=TIMEOUT_S)
        return read_ids(client, self._old)

    def _copy_missing(
        self, client: MilvusClient, source: str, ids: Sequence[int], recorded: bool = False
    ) -> None:
        """Copy those rows that the copy lacks; with `recorded` only those with a record."""
        if not ids or not self._exists(client, source):
            return  # another process was faster
        present = {int(row["id"]) for row in read(client, self._copy.name, ids, ["id"])}
        missing = [i for i in ids if i not in present]
        fields = self._describe(missing)
        if recorded:
            missing = [i for i in missing if i in fields]
        rows: list[dict[str, Any]] = [
            {**row, **fields.get(int(row["id"]), NO_FIELDS)._asdict()}
            for row in (read(client, source, missing, ["embedding"]) if missing else [])
        ]
        if rows:
            client.upsert(self._copy.name, rows, timeout=TIMEOUT_S)

    def _retire(self, client: MilvusClient) -> None:
        """Make the copy the same as the old collection, and give the latter another name."""
        if not self._needs_copy(client):
            return
        ids = read_ids(client, self._old)
        known = set(ids)
        surplus = [i for i in read_ids(client, self._copy.name) if i not in known]
        for page in pages(ids):
            self._copy_missing(client, self._old, page)
        for page in pages(surplus):
            client.delete(self._copy.name, ids=list(page), timeout=TIMEOUT_S)
        client.rename_collection(self._old, self._retired, timeout=TIMEOUT_S)

    def _settle(self, client: MilvusClient) -> None:
        """Copy what was written to the old collection in the meantime, and drop it."""
        if not self._exists(client, self._retired):
            return
        client.load_collection(self._retired, timeout=TIMEOUT_S)
        for page in pages(read_ids(client, self._retired)):
            # A vector without a record may have been deleted from the copy since.
            self._copy_missing(client, self._retired, page, recorded=True)
        client.drop_collection(self._retired, timeout=TIMEOUT_S)
