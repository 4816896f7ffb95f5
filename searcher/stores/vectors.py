"""Milvus: one collection of vectors per model file."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar

import numpy as np
from pymilvus import MilvusClient

from searcher.stores.collection import (
    FLAT,
    TIMEOUT_S,
    Index,
    create,
    has_fields,
    pages,
    read,
)
from searcher.stores.collection_copy import CollectionCopy
from searcher.stores.collection_names import ENDINGS, model_name
from searcher.stores.field_upgrade import Describe, FieldUpgrade
from searcher.stores.fields import Fields
from searcher.stores.milvus import MilvusConnection, Session, Stored
from searcher.stores.shrinking import Shrinking
from searcher.stores.vector_reader import VectorReader, to_fields
from searcher.types import Collection, FloatArray

T = TypeVar("T")

NO_FIELDS = Fields()
MARK = "twinlens_library_"
MARK_DIM = 8  # a collection needs a dimension; marks have no vectors


class VectorStore(VectorReader):
    """Collections of unit vectors, each created when it is first written to.

    Every method raises StoreUnavailable if Milvus does not answer, and DamagedCollection if it
    cannot use the collection.
    """

    def __init__(
        self,
        address: Callable[[], str],
        token: str | None = None,
        writing: Callable[[str], AbstractContextManager[object]] = nullcontext,
        flush_every: int = 2000,
        index: Index = FLAT,
        check: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """Open no connection yet.

        Args:
            address: Returns the server's URI, starting a private server first if need be.
            token: The server's token, None where it needs none.
            writing: Returns a lock on a collection, given by name, held during each change.
            flush_every: Callers flush a collection after this many new vectors.
            index: The index of new collections; existing ones keep theirs.
            check: Makes a private server test a collection, given by name, and move it aside if
                it is damaged; returns whether it was tested.
        """
        super().__init__(MilvusConnection(address, token, check), index)
        self.flush_every = flush_every
        self._writing = writing

    def upsert(
        self,
        collection: Collection,
        ids: Sequence[int],
        vectors: FloatArray,
        fields: Mapping[int, Fields] | None = None,
    ) -> None:
        """Write vectors, replacing existing ones.

        Args:
            collection: The collection, created if necessary.
            ids: N picture ids.
            vectors: float32 [N, D]; NaN becomes 0.
            fields: The pictures' fields by id; empty ones where there are none. Collections of
                earlier versions don't store them.
        """
        # A network may return NaN, which would crash Milvus Lite's process.
        vectors = np.clip(np.nan_to_num(vectors), -1, 1)
        described = fields or {}

        def write(client: MilvusClient, stored: Stored) -> None:
            # Asked each time, as another process may have made the collection anew.
            is_described = has_fields(client, stored.name)

            def rows(vectors: FloatArray) -> list[dict[str, Any]]:
                return [
                    {"id": i, "embedding": vector}
                    | (described.get(i, NO_FIELDS)._asdict() if is_described else {})
                    for i, vector in zip(ids, vectors, strict=True)
                ]

            if stored.full:  # first, so that it lacks no vector after an interruption
                client.upsert(stored.full, rows(vectors), timeout=TIMEOUT_S)
            client.upsert(stored.name, rows(stored.form.encode(vectors)), timeout=TIMEOUT_S)

        if len(ids):
            self._write(write, collection)

    def set_fields(self, collection: Collection, fields: Mapping[int, Fields]) -> int | None:
        """Write the fields of those pictures that have a vector, where they differ.

        Args:
            collection: The collection.
            fields: The fields of up to PAGE pictures, by id.

        Returns:
            The number of vectors whose fields differed; None for a collection of an earlier
            version, which can't store fields.
        """

        def write(client: MilvusClient, stored: Stored) -> int | None:
            # Full vectors beside shrunken ones get their fields when they are used again.
            if not has_fields(client, stored.name):
                return None
            rows = read(client, stored.name, list(fields), Fields._fields)
            changed = [int(r["id"]) for r in rows if to_fields(r) != fields[int(r["id"])]]
            rows = read(client, stored.name, changed, ["embedding"]) if changed else []
            rows = [{**row, **fields[int(row["id"])]._asdict()} for row in rows]
            if rows:
                client.upsert(stored.name, rows, timeout=TIMEOUT_S)
            return len(rows)

        if not fields:
            return 0
        unchanged: int | None = 0
        with self._writing(collection.name):  # a vector that is deleted meanwhile must not return
            return self._use(write, collection, unchanged)

    def add_fields(
        self,
        collection: Collection,
        describe: Describe,
        progress: Callable[[int, int], None] = lambda done, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Give a collection of an earlier version its fields; see `FieldUpgrade`.

        Args:
            collection: The collection.
            describe: Returns the fields of pictures by id, of those with a record.
            progress: Called with the numbers of vectors that are copied, and of all.
            stop: Asked after each page whether to end early; the next call goes on.

        Returns:
            Whether it has fields now.
        """
        return self._upgrade(collection, describe).run(progress, stop)

    def lacks_fields(self, collection: Collection) -> bool:
        """Whether `add_fields` has something to do, such as after an interruption."""
        return self._upgrade(collection).is_due()

    def shrinking(self, collection: Collection) -> Shrinking:
        """Return what makes the collection's vectors smaller, or full again."""
        writing = partial(self._writing, collection.name)
        return Shrinking(self._connection, writing, self._index, collection)

    def copy_to(self, target: "VectorStore", holds_int8: bool) -> CollectionCopy:
        """Return what copies collections to another store; see `CollectionCopy`."""
        connections = self._connection, target._connection
        return CollectionCopy(*connections, target._writing, target._index, holds_int8)

    def flush(self, collection: Collection) -> None:
        """Seal the vectors written so far: unflushed ones are searched many times slower."""

        def flush(client: MilvusClient, stored: Stored) -> None:
            for name in filter(None, (stored.full, stored.name)):
                client.flush(name, timeout=TIMEOUT_S)

        self._write(flush, collection)

    def delete(self, collection: Collection, ids: Sequence[int]) -> None:
        """Delete vectors; unknown ids are ignored."""
        for page in pages(ids):
            self._write(partial(_delete, ids=list(page)), collection)
            # Session consistency does not cover deletes (Milvus 2.3.5); a strong read waits.
            self._rows(collection, page, ["id"], "Strong")

    def names(self) -> list[str]:
        """Return the names of the models' collections on the server."""
        return sorted({model_name(name) for name in self._names() if not name.startswith(MARK)})

    def marks(self) -> list[str]:
        """Return the ids of the libraries that have marked the server as theirs."""
        return [name.removeprefix(MARK) for name in self._names() if name.startswith(MARK)]

    def mark(self, library_id: str) -> None:
        """Mark the server as a library's, with an empty collection: Milvus stores nothing else."""
        collection = Collection(MARK + library_id, MARK_DIM)
        with self._writing(collection.name):  # never loaded, which takes a server 3 s
            self._connection.call(
                lambda s: create(s.client, collection, self._index), collection.name
            )

    def unmark(self, library_id: str) -> None:
        """Remove a library's mark."""
        self.drop(MARK + library_id)

    def drop(self, name: str) -> None:
        """Delete a collection with all its vectors, and all that stands for it."""

        def act(session: Session) -> None:
            names = {name + ending for ending in ENDINGS}
            for stored in names.intersection(session.client.list_collections(timeout=TIMEOUT_S)):
                session.client.drop_collection(stored, timeout=TIMEOUT_S)
            session.client.drop_collection(name, timeout=TIMEOUT_S)
            session.forget(name)

        with self._writing(name):
            self._connection.call(act)

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._connection.close()

    def _names(self) -> list[str]:
        names = self._connection.call(lambda s: s.client.list_collections(timeout=TIMEOUT_S))
        return sorted(names)

    def _upgrade(self, collection: Collection, describe: Describe = lambda ids: {}) -> FieldUpgrade:
        writing = partial(self._writing, collection.name)
        return FieldUpgrade(self._connection, writing, self._index, collection, describe)

    def _write(self, action: Callable[[MilvusClient, Stored], T], collection: Collection) -> T:
        def act(session: Session) -> T:
            return action(session.client, session.create(collection, self._index))

        with self._writing(collection.name):
            return self._connection.call(act, collection.name)


def _delete(client: MilvusClient, stored: Stored, ids: list[Any]) -> None:
    for name in filter(None, (stored.name, stored.full)):
        client.delete(name, ids=ids, timeout=TIMEOUT_S)
