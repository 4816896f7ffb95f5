"""Milvus: one collection of vectors per model file."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar

import numpy as np
from pymilvus import MilvusClient

from searcher.stores.collection import CONSISTENCY, FLAT, TIMEOUT_S, Index
from searcher.stores.milvus import MilvusConnection, Session
from searcher.types import Collection, FloatArray

T = TypeVar("T")

# Asking for more and cutting afterwards makes a short result the start of a long one, whatever the
# server does with equal distances at its own cut. Every further row costs 0.04 ms, so there are
# two steps: a page's usual results, and all that can be asked for.
FETCH = (24, 64)
PAGE = 1000
MARK = "twinlens_library_"
MARK_DIM = 8  # of vectors that nobody writes


class VectorStore:
    """Collections of unit vectors, searched by Euclidean distance.

    A collection is made when it is first written to. Every method raises StoreUnavailable where
    Milvus does not answer, and DamagedCollection where it can't use the collection.
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
        """`address` returns the server's URI, starting a private server first if need be.

        `writing` is held, with the collection's name, around every call that changes it. A
        collection is to be flushed after `flush_every` new vectors. New collections get `index`;
        others keep the one they were made with. `check` has a private server try a collection that
        it can't use.
        """
        self.flush_every = flush_every
        self._index = index
        self._writing = writing
        self._connection = MilvusConnection(address, token, check)

    def prepare(self, collection: Collection) -> None:
        """Connect and load the collection now, rather than with the first call that needs it."""
        self._read(lambda client: None, collection, None)

    def upsert(self, collection: Collection, ids: Sequence[int], vectors: FloatArray) -> None:
        """Write vectors [N, D] under their ids; one that is there is replaced."""
        # Networks may answer NaN, of which Milvus Lite's process would end.
        vectors = np.clip(np.nan_to_num(vectors), -1, 1)
        rows: list[dict[str, Any]] = [
            {"id": i, "embedding": vector} for i, vector in zip(ids, vectors, strict=True)
        ]
        if rows:
            self._write(lambda c: c.upsert(collection.name, rows, timeout=TIMEOUT_S), collection)

    def flush(self, collection: Collection) -> None:
        """Seal what was written: unflushed rows are searched many times slower."""
        self._write(lambda c: c.flush(collection.name, timeout=TIMEOUT_S), collection)

    def search(self, collection: Collection, vector: FloatArray, k: int) -> list[tuple[int, float]]:
        """Return the k nearest as (id, Euclidean distance), nearest first, ties by id."""

        def find(client: MilvusClient) -> list[dict[str, Any]]:
            found: list[list[dict[str, Any]]] = client.search(
                collection.name,
                data=[vector],
                limit=next((step for step in FETCH if k <= step / 2), max(k, FETCH[-1])),
                output_fields=["id"],  # an empty list would send the vectors back as well
                search_params={"metric_type": "L2", "params": self._index.asked},
                consistency_level=CONSISTENCY,
                timeout=TIMEOUT_S,
            )
            return found[0]

        hits: list[dict[str, Any]] = self._read(find, collection, [])
        # Milvus answers L2 with the squared distance; rounding can make it slightly negative.
        pairs = [(int(hit["id"]), math.sqrt(max(0.0, hit["distance"]))) for hit in hits]
        return sorted(pairs, key=lambda pair: (pair[1], pair[0]))[:k]

    def get(self, collection: Collection, picture_id: int) -> FloatArray | None:
        """Return one stored vector [D], None where there is none."""
        rows = self._get(collection, [picture_id], "embedding")
        return np.asarray(rows[0]["embedding"], dtype=np.float32) if rows else None

    def fetch(self, collection: Collection, ids: Sequence[int]) -> FloatArray:
        """Return stored vectors [N, D] in the order of `ids`, zeros for those that are gone."""
        place = {picture_id: row for row, picture_id in enumerate(ids)}
        vectors = np.zeros((len(ids), collection.dim), dtype=np.float32)
        for start in range(0, len(ids), PAGE):
            for row in self._get(collection, ids[start : start + PAGE], "embedding"):
                vectors[place[int(row["id"])]] = row["embedding"]
        return vectors

    def present(self, collection: Collection, ids: Sequence[int]) -> set[int]:
        """Return those of `ids` that have a vector."""
        pages = (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
        return {int(row["id"]) for page in pages for row in self._get(collection, page, "id")}

    def count(self, collection: Collection) -> int:
        """How many vectors the collection has."""
        rows = self._read(
            lambda c: c.query(
                collection.name,
                output_fields=["count(*)"],
                consistency_level=CONSISTENCY,
                timeout=TIMEOUT_S,
            ),
            collection,
            [{"count(*)": 0}],
        )
        return int(rows[0]["count(*)"])

    def ids(self, collection: Collection) -> list[int]:
        """The ids of all vectors."""

        def find(client: MilvusClient) -> list[int]:
            iterator = client.query_iterator(
                collection.name,
                batch_size=PAGE,
                output_fields=["id"],
                consistency_level="Strong",  # what other processes wrote must be listed too
                timeout=TIMEOUT_S,
            )
            found = []
            while rows := iterator.next():
                found += [int(row["id"]) for row in rows]
            iterator.close()
            return found

        return self._read(find, collection, [])

    def delete(self, collection: Collection, ids: Sequence[int]) -> None:
        """Delete vectors; ids that are not there are passed over."""
        for start in range(0, len(ids), PAGE):
            page = list(ids[start : start + PAGE])
            self._write(partial(_delete, collection.name, page), collection)
            # Session does not cover deletes (Milvus 2.3.5): wait until this one is in force.
            self._get(collection, page, "id", "Strong")

    def names(self) -> list[str]:
        """The names of all collections of vectors on the server."""
        return [name for name in self._names() if not name.startswith(MARK)]

    def marks(self) -> list[str]:
        """The ids of the libraries that have marked the server as theirs."""
        return [name.removeprefix(MARK) for name in self._names() if name.startswith(MARK)]

    def mark(self, library_id: str) -> None:
        """Mark the server as a library's, by an empty collection: Milvus keeps nothing else."""
        self._write(lambda client: None, Collection(MARK + library_id, MARK_DIM))

    def unmark(self, library_id: str) -> None:
        """Take a library's mark away."""
        self.drop(MARK + library_id)

    def drop(self, name: str) -> None:
        """Delete a collection with all its vectors."""

        def act(session: Session) -> None:
            session.client.drop_collection(name, timeout=TIMEOUT_S)
            session.forget(name)

        with self._writing(name):
            self._connection.call(act)

    def close(self) -> None:
        """Let the connection go; the next call opens a new one."""
        self._connection.close()

    def _names(self) -> list[str]:
        found = self._connection.call(lambda s: s.client.list_collections(timeout=TIMEOUT_S))
        return sorted(found)

    def _write(self, action: Callable[[MilvusClient], T], collection: Collection) -> T:
        def act(session: Session) -> T:
            session.make(collection, self._index)
            return action(session.client)

        with self._writing(collection.name):
            return self._connection.call(act, collection.name)

    def _read(self, action: Callable[[MilvusClient], T], collection: Collection, nothing: T) -> T:
        """Call `action`; return `nothing` where the collection is not there, and leave it so."""
        return self._connection.call(
            lambda session: action(session.client) if session.load(collection) else nothing,
            collection.name,
        )

    def _get(
        self, collection: Collection, ids: Sequence[int], field: str, consistency: str = CONSISTENCY
    ) -> list[dict[str, Any]]:
        return self._read(
            lambda c: c.get(
                collection.name,
                ids=list(ids),
                output_fields=[field],
                consistency_level=consistency,
                timeout=TIMEOUT_S,
            ),
            collection,
            [],
        )


def _delete(name: str, ids: list[int], client: MilvusClient) -> None:
    client.delete(name, ids=ids, timeout=TIMEOUT_S)
