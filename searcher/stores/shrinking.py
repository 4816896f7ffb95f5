"""Make the vectors of a collection smaller, and full again, without embedding pictures again.

The shrunken copy is made beside the full vectors, a page at a time, while these are searched and
written to as before. Renaming them is the switch: every process uses the copy from its next call
on. They stay on the disk, released from memory, and get what is added and lose what is deleted, so
that renaming them back is all that `restore` needs. After an interruption anywhere one of the two
is complete and used; see `collection_names` for the states.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from pymilvus import MilvusClient

from searcher.stores.collection import PAGE, TIMEOUT_S, Index, find, pages, read, read_ids
from searcher.stores.collection_change import CollectionChange
from searcher.stores.collection_names import AXES, COPY, FULL, SHRUNKEN
from searcher.stores.fields import Fields
from searcher.stores.forms import Form, create_shrunken
from searcher.stores.milvus import MilvusConnection, Session
from searcher.types import Collection, FloatArray

COPIES = (*SHRUNKEN, AXES)  # endings of names

Progress = Callable[[int, int], None]


class Shrinking(CollectionChange):
    """The change of one collection. Callers see to it that only one process makes it at a time."""

    def __init__(
        self,
        connection: MilvusConnection,
        writing: Callable[[], AbstractContextManager[object]],
        index: Index,
        collection: Collection,
    ) -> None:
        """Change nothing yet; the collection has fields. See `CollectionChange`."""
        super().__init__(connection, writing, index, collection)
        self._full = collection.name + FULL

    def fetch_full(
        self, ids: Sequence[int], progress: Progress = lambda done, total: None
    ) -> FloatArray:
        """Return the full vectors, float32 [N, D], in the order of `ids`; zeros for missing ones.

        Those beside shrunken ones are loaded for this, and released again. `progress` is called
        with the numbers of vectors before each page, and may raise to end early.
        """
        positions = {picture_id: row for row, picture_id in enumerate(ids)}
        vectors = np.zeros((len(ids), self._collection.dim), dtype=np.float32)

        def fetch(session: Session) -> None:
            stored = session.load(self._collection)
            if stored is None:
                return
            name = stored.full or stored.name
            session.client.load_collection(name, timeout=TIMEOUT_S)
            try:
                for number, page in enumerate(pages(ids)):
                    progress(number * PAGE, len(ids))
                    for row in read(session.client, name, page, ["embedding"]):
                        vectors[positions[int(row["id"])]] = row["embedding"]
            finally:
                if stored.full:
                    session.client.release_collection(name, timeout=TIMEOUT_S)

        self._connection.call(fetch, self._collection.name)
        return vectors

    def apply(
        self,
        form: Form,
        progress: Progress = lambda done, total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Replace the full vectors by shrunken ones in searches.

        Args:
            form: The form to store.
            progress: Called with the numbers of vectors that are shrunk, and of all.
            stop: Asked after each page whether to end early, which leaves all as it was.

        Returns:
            Whether the shrunken vectors are used now.
        """
        self.restore()
        with self._writing():
            # Without the collection's name, which is not at fault if Milvus can't hold the form.
            copy = self._connection.call(lambda session: self._create(session.client, form))
            ids = self._call(self._read_ids)
        done = 0
        for page in pages(ids):
            with self._writing():
                self._call(partial(self._add_missing, copy=copy, form=form, ids=page))
            done += len(page)
            progress(done, len(ids))
            if stop():
                self._call(self._drop_copies)
                return False
        self._call(lambda client: client.flush(copy, timeout=TIMEOUT_S))
        with self._writing():
            self._call(partial(self._switch, copy=copy, form=form))
        self._forget()
        return True

    def is_left_over(self) -> bool:
        """Whether there is a shrunken copy that is not used, such as after an interruption."""
        return self._call(
            lambda client: (
                not self._exists(client, self._full)
                and any(self._exists(client, self._collection.name + e) for e in COPIES)
            )
        )

    def restore(self) -> None:
        """Use the full vectors again, and drop the shrunken ones, if there are any."""
        with self._writing():
            self._call(self._restore)
        self._forget()

    def _create(self, client: MilvusClient, form: Form) -> str:
        return create_shrunken(client, self._collection.name, form, self._index)

    def _read_ids(self, client: MilvusClient) -> list[int]:
        source = self._source(client)
        client.load_collection(source, timeout=TIMEOUT_S)  # Milvus Lite releases what it renames
        return read_ids(client, source)

    def _add_missing(self, client: MilvusClient, copy: str, form: Form, ids: Sequence[int]) -> None:
        """Write the shrunken vectors that a copy lacks, and those whose fields have changed."""
        rows = _differing(client, self._source(client), copy, ids)
        if not rows:
            return
        full = np.array([row["embedding"] for row in rows], dtype=np.float32)
        for row, vector in zip(rows, form.encode(full), strict=True):
            row["embedding"] = vector
        client.upsert(copy, rows, timeout=TIMEOUT_S)

    def _switch(self, client: MilvusClient, copy: str, form: Form) -> None:
        """Make the copy complete, and rename the full collection."""
        ids = self._read_ids(client)
        for page in pages(ids):
            self._add_missing(client, copy, form, page)
        for page in pages([*{*read_ids(client, copy)}.difference(ids)]):
            client.delete(copy, ids=list(page), timeout=TIMEOUT_S)
        client.flush(copy, timeout=TIMEOUT_S)
        source = self._source(client)
        if source != self._full:  # not yet by an attempt whose answer was lost
            client.rename_collection(source, self._full, timeout=TIMEOUT_S)
        # Other processes may have written to a server meanwhile.
        for page in pages([*{*self._read_ids(client)}.difference(ids)]):
            self._add_missing(client, copy, form, page)
        client.release_collection(self._full, timeout=TIMEOUT_S)

    def _restore(self, client: MilvusClient) -> None:
        name = self._collection.name
        if self._exists(client, self._full):
            client.load_collection(self._full, timeout=TIMEOUT_S)
            self._update_fields(client)
            for other in (name, name + COPY):  # created while the full collection was renamed
                self._drop(client, other)
            client.rename_collection(self._full, name, timeout=TIMEOUT_S)
            client.load_collection(name, timeout=TIMEOUT_S)
            # Session consistency goes by the name; a strong read waits for the latest changes.
            read(client, name, [0], ["id"], "Strong")
        self._drop_copies(client)

    def _update_fields(self, client: MilvusClient) -> None:
        """Write fields that were set in the shrunken collection only."""
        shrunken = find(client, self._collection.name)
        if shrunken == self._full:
            return
        for page in pages(read_ids(client, shrunken)):
            fields = _read_fields(client, shrunken, page)
            rows: list[dict[str, Any]] = [
                {"embedding": row["embedding"], **fields[int(row["id"])]}
                for row in _differing(client, self._full, shrunken, page)
            ]
            if rows:
                client.upsert(self._full, rows, timeout=TIMEOUT_S)

    def _drop_copies(self, client: MilvusClient) -> None:
        """Drop shrunken copies that are not used."""
        if not self._exists(client, self._full):
            for ending in COPIES:
                self._drop(client, self._collection.name + ending)

    def _drop(self, client: MilvusClient, name: str) -> None:
        if self._exists(client, name):
            client.drop_collection(name, timeout=TIMEOUT_S)

    def _source(self, client: MilvusClient) -> str:
        """Return the name of the collection with the full vectors."""
        return (
            self._full if self._exists(client, self._full) else find(client, self._collection.name)
        )


def _differing(
    client: MilvusClient, source: str, other: str, ids: Sequence[int]
) -> list[dict[str, Any]]:
    """Return whole rows of those of `ids` that another collection lacks, or has other fields of."""
    present = _read_fields(client, other, ids)
    fields = _read_fields(client, source, ids)
    differing = [i for i, row in fields.items() if present.get(i) != row]
    if not differing:
        return []
    return read(client, source, differing, [*Fields._fields, "embedding"], "Strong")


def _read_fields(client: MilvusClient, name: str, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = read(client, name, ids, Fields._fields, "Strong")
    return {int(row["id"]): dict(row) for row in rows}
