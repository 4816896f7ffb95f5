"""Milvus: copy the collections of a model to another server, and compare them there.

Page by page, without embedding and whatever kinds of Milvus the two are. What the other has already
is not copied again, so that an interrupted copy goes on.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from pymilvus import MilvusClient

from searcher.metrics.shrinkage import INT8
from searcher.stores.collection import (
    CONSISTENCY,
    FLAT,
    PAGE,
    TIMEOUT_S,
    Index,
    create,
    parts_of_ids,
    read,
)
from searcher.stores.collection_names import AXES, ENDINGS, FULL
from searcher.stores.fields import Fields
from searcher.stores.milvus import MilvusConnection, Session
from searcher.types import Collection, Int64Array

FLUSH_EVERY = 50_000  # vectors; a server may take longer than TIMEOUT_S to flush very many
SAMPLE = 100  # rows that are compared whole
WHOLE = (*Fields._fields, "embedding")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """One collection to copy: its name there and here, its dimension, and its index here."""

    source: str
    target: Collection
    index: Index


class CollectionCopy:
    """Copies collections between two servers, of which only the second is changed.

    Methods raise StoreUnavailable if one of them does not answer, and DamagedCollection if it can't
    use a collection.
    """

    def __init__(
        self,
        source: MilvusConnection,
        target: MilvusConnection,
        writing: Callable[[str], AbstractContextManager[object]],
        index: Index,
        holds_int8: bool,
    ) -> None:
        """Copy nothing yet.

        Args:
            source: The connection to the Milvus that has the collections.
            target: The connection to the other one.
            writing: Returns the lock that is held while a collection of the target is changed.
            index: The target's index of float32 vectors.
            holds_int8: Whether the target can search vectors of a byte a number.
        """
        self._source = source
        self._target = target
        self._writing = writing
        self._index = index
        self._holds_int8 = holds_int8

    def parts(self, collection: Collection) -> list[Part]:
        """Return what to copy of a model: the full vectors where the target holds no shrunken."""
        name = collection.name
        stored = self._source.call(lambda session: session.load(collection), name)
        if stored is None:
            return []
        if not stored.full or (stored.form.variant.type == INT8 and not self._holds_int8):
            return [Part(stored.full or stored.name, collection, self._index)]
        small = Collection(stored.name, stored.form.variant.dim)
        parts = [
            Part(stored.full, Collection(stored.full, collection.dim), self._index),
            Part(stored.name, small, stored.form.index_or(self._index)),
        ]
        if stored.form.axes is not None:
            parts.append(Part(name + AXES, Collection(name + AXES, collection.dim), FLAT))
        return parts

    def is_one_server(self, name: str) -> bool:
        """Whether both have one and the same collection of a name: two addresses of one server.

        The embedded Milvus gives no ids to collections; its address is no other's.
        """

        def identify(session: Session) -> int:
            if not session.client.has_collection(name, timeout=TIMEOUT_S):
                return 0
            described = session.client.describe_collection(name, timeout=TIMEOUT_S)
            return int(described.get("collection_id") or 0)

        source, target = (store.call(identify) for store in (self._source, self._target))
        return source == target != 0 or self._source.address() == self._target.address()

    def drop_others(self, collection: Collection, parts: Sequence[Part] = ()) -> None:
        """Drop what the target has of a model, but for the collections of some parts."""
        kept = {part.target.name for part in parts}
        names = {collection.name, *(collection.name + ending for ending in ENDINGS)} - kept

        def drop(client: MilvusClient) -> None:
            for name in names.intersection(client.list_collections(timeout=TIMEOUT_S)):
                client.drop_collection(name, timeout=TIMEOUT_S)

        with self._writing(collection.name):
            self._target.call(lambda session: drop(session.client), collection.name)

    def run(self, part: Part, progress: Progress = lambda done, total: None) -> int:
        """Copy the rows that the target lacks or has with other fields; delete those it has more.

        Args:
            part: One of `parts`.
            progress: Called with the numbers of rows that are done, and of all.

        Returns:
            The number of rows that were written or deleted.
        """
        name = part.target.name
        with self._writing(name), self._opened(part):
            ids, present = _ids(self._source, part.source), _ids(self._target, name)
            surplus = np.setdiff1d(present, ids)
            for page in _pages(surplus):
                self._target.call(partial(_delete, name=name, ids=page), name)
            changes = done = 0
            missing = np.setdiff1d(ids, present, assume_unique=True)
            for page in _pages(missing):
                self._write(part, page)
                changes += len(page)
                if changes % FLUSH_EVERY == 0:
                    self._flush(name)
                progress(done := done + len(page), len(ids))
            for page in _pages(np.intersect1d(ids, present, assume_unique=True)):
                differing = self._differing(part, page)
                self._write(part, differing)
                changes += len(differing)
                progress(done := done + len(page), len(ids))
            self._flush(name)
        return changes + len(surplus)

    def differs(self, part: Part) -> bool:
        """Whether a copy has other ids, or SAMPLE random rows have other vectors or fields."""
        name = part.target.name
        with self._opened(part):
            ids, present = _ids(self._source, part.source), _ids(self._target, name)
            if not np.array_equal(ids, present):
                return True
            drawn = random.sample(range(len(ids)), min(SAMPLE, len(ids)))
            chosen = ids[drawn].tolist()
            return _whole(self._source, part.source, chosen) != _whole(self._target, name, chosen)

    def _differing(self, part: Part, ids: list[int]) -> list[int]:
        """Return those of `ids` whose fields differ."""
        old, new = (
            {int(row["id"]): dict(row) for row in _read(store, name, ids, Fields._fields)}
            for store, name in ((self._target, part.target.name), (self._source, part.source))
        )
        return [i for i, row in new.items() if old.get(i) != row]

    def _write(self, part: Part, ids: list[int]) -> None:
        if ids:
            name = part.target.name
            rows = _read(self._source, part.source, ids, WHOLE)
            if len(rows) < len(ids):  # a server that has not all yet of what another wrote
                rows = _read(self._source, part.source, ids, WHOLE, "Strong")
            self._change(name, lambda client: client.upsert(name, rows, timeout=TIMEOUT_S))

    def _flush(self, name: str) -> None:
        self._change(name, lambda client: client.flush(name, timeout=TIMEOUT_S))

    def _change(self, name: str, action: Callable[[MilvusClient], object]) -> None:
        self._target.call(lambda session: action(session.client), name)

    @contextmanager
    def _opened(self, part: Part) -> Iterator[None]:
        """Load both collections, the target's after creating it, and release what is not searched.

        Full vectors beside shrunken ones, and axes, are only read and written.
        """

        def open_target(client: MilvusClient) -> None:
            create(client, part.target, part.index)
            client.load_collection(part.target.name, timeout=TIMEOUT_S)

        self._change(part.target.name, open_target)
        self._source.call(partial(_load, name=part.source), part.source)
        yield
        for store, name in ((self._source, part.source), (self._target, part.target.name)):
            if name.endswith((FULL, AXES)):
                store.call(partial(_release, name=name), name)


def _load(session: Session, name: str) -> None:
    session.client.load_collection(name, timeout=TIMEOUT_S)


def _delete(session: Session, name: str, ids: list[Any]) -> None:
    session.client.delete(name, ids=ids, timeout=TIMEOUT_S)


def _release(session: Session, name: str) -> None:
    session.client.release_collection(name, timeout=TIMEOUT_S)


def _pages(ids: Int64Array) -> Iterator[list[int]]:
    return (ids[start : start + PAGE].tolist() for start in range(0, len(ids), PAGE))


def _ids(store: MilvusConnection, name: str) -> Int64Array:
    """Return all ids in a collection, ascending: 8 bytes each."""

    def read_all(session: Session) -> Int64Array:
        parts = chain.from_iterable(parts_of_ids(session.client, name))
        return np.sort(np.fromiter(parts, np.int64))

    return store.call(read_all, name)


def _read(
    store: MilvusConnection,
    name: str,
    ids: list[int],
    fields: Sequence[str],
    consistency: str = CONSISTENCY,
) -> list[dict[str, Any]]:
    return store.call(lambda session: read(session.client, name, ids, fields, consistency), name)


def _whole(store: MilvusConnection, name: str, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return whole rows by id, with vectors as bytes."""
    return {
        int(row["id"]): {**row, "embedding": np.float32(row["embedding"]).tobytes()}
        for row in _read(store, name, ids, WHOLE)
    }
