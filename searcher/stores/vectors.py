"""Milvus: one collection of vectors per model file."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar

import numpy as np
from pymilvus import MilvusClient

from searcher.stores.collection import CONSISTENCY, FLAT, TIMEOUT_S, Index, create
from searcher.stores.milvus import MilvusConnection, Session
from searcher.types import Collection, FloatArray

T = TypeVar("T")

# The number of rows that a search requests, of which it returns at most half. The surplus makes a
# short result a prefix of a longer one, whichever of several equal distances the server leaves
# out. A row costs 0.04 ms, hence two steps: for the page's usual results, and for the most allowed.
FETCH = (24, 64)
PAGE = 1000  # ids per call
MARK = "twinlens_library_"
MARK_DIM = 8  # a collection needs a dimension; marks have no vectors


class VectorStore:
    """Collections of unit vectors, searched by Euclidean distance.

    A collection is created when it is first written to. Every method raises StoreUnavailable if
    Milvus does not answer, and DamagedCollection if it cannot use the collection.
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
        self.flush_every = flush_every
        self._index = index
        self._writing = writing
        self._connection = MilvusConnection(address, token, check)

    def prepare(self, collection: Collection) -> None:
        """Connect and load the collection now, so that the first search need not."""
        self._read(lambda client: None, collection, None)

    def upsert(self, collection: Collection, ids: Sequence[int], vectors: FloatArray) -> None:
        """Write vectors, replacing existing ones.

        Args:
            collection: The collection, created if necessary.
            ids: N picture ids.
            vectors: float32 [N, D]; NaN becomes 0.
        """
        # A network may return NaN, which would crash Milvus Lite's process.
        vectors = np.clip(np.nan_to_num(vectors), -1, 1)
        rows: list[dict[str, Any]] = [
            {"id": i, "embedding": vector} for i, vector in zip(ids, vectors, strict=True)
        ]
        if rows:
            self._write(lambda c: c.upsert(collection.name, rows, timeout=TIMEOUT_S), collection)

    def flush(self, collection: Collection) -> None:
        """Seal the vectors written so far: unflushed ones are searched many times slower."""
        self._write(lambda c: c.flush(collection.name, timeout=TIMEOUT_S), collection)

    def search(self, collection: Collection, vector: FloatArray, k: int) -> list[tuple[int, float]]:
        """Find the nearest vectors.

        Args:
            collection: The collection.
            vector: A unit vector, float32 [D].
            k: The maximal number of hits.

        Returns:
            Pairs of id and Euclidean distance, nearest first, ties by id; empty if the collection
            does not exist.
        """

        def find(client: MilvusClient) -> list[dict[str, Any]]:
            results: list[list[dict[str, Any]]] = client.search(
                collection.name,
                data=[vector],
                limit=next((step for step in FETCH if k <= step / 2), max(k, FETCH[-1])),
                output_fields=["id"],  # an empty list would return the vectors as well
                search_params={"metric_type": "L2", "params": self._index.search},
                consistency_level=CONSISTENCY,
                timeout=TIMEOUT_S,
            )
            return results[0]

        hits: list[dict[str, Any]] = self._read(find, collection, [])
        # Milvus returns squared distances for L2, which rounding can make slightly negative.
        pairs = [(int(hit["id"]), math.sqrt(max(0.0, hit["distance"]))) for hit in hits]
        return sorted(pairs, key=lambda pair: (pair[1], pair[0]))[:k]

    def get(self, collection: Collection, picture_id: int) -> FloatArray | None:
        """Return a stored vector, float32 [D], None if there is none."""
        rows = self._get(collection, [picture_id], "embedding")
        return np.asarray(rows[0]["embedding"], dtype=np.float32) if rows else None

    def fetch(self, collection: Collection, ids: Sequence[int]) -> FloatArray:
        """Return stored vectors, float32 [N, D], in the order of `ids`; zeros for missing ones."""
        rows = {picture_id: row for row, picture_id in enumerate(ids)}
        vectors = np.zeros((len(ids), collection.dim), dtype=np.float32)
        for start in range(0, len(ids), PAGE):
            for entity in self._get(collection, ids[start : start + PAGE], "embedding"):
                vectors[rows[int(entity["id"])]] = entity["embedding"]
        return vectors

    def present(self, collection: Collection, ids: Sequence[int]) -> set[int]:
        """Return those of `ids` that have a vector."""
        pages = (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
        return {int(row["id"]) for page in pages for row in self._get(collection, page, "id")}

    def count(self, collection: Collection) -> int:
        """Return the number of vectors in the collection."""
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
        """Return the ids of all vectors."""

        def find(client: MilvusClient) -> list[int]:
            iterator = client.query_iterator(
                collection.name,
                batch_size=PAGE,
                output_fields=["id"],
                consistency_level="Strong",  # includes what other processes wrote
                timeout=TIMEOUT_S,
            )
            ids = []
            while rows := iterator.next():
                ids += [int(row["id"]) for row in rows]
            iterator.close()
            return ids

        return self._read(find, collection, [])

    def delete(self, collection: Collection, ids: Sequence[int]) -> None:
        """Delete vectors; unknown ids are ignored."""
        for start in range(0, len(ids), PAGE):
            page = list(ids[start : start + PAGE])
            self._write(partial(_delete, collection.name, page), collection)
            # Session consistency does not cover deletes (Milvus 2.3.5); a strong read waits.
            self._get(collection, page, "id", "Strong")

    def names(self) -> list[str]:
        """Return the names of all collections of vectors on the server."""
        return [name for name in self._names() if not name.startswith(MARK)]

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
        """Delete a collection with all its vectors."""

        def act(session: Session) -> None:
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

    def _write(self, action: Callable[[MilvusClient], T], collection: Collection) -> T:
        def act(session: Session) -> T:
            session.create(collection, self._index)
            return action(session.client)

        with self._writing(collection.name):
            return self._connection.call(act, collection.name)

    def _read(self, action: Callable[[MilvusClient], T], collection: Collection, default: T) -> T:
        """Call `action`, or return `default` if the collection does not exist."""
        return self._connection.call(
            lambda session: action(session.client) if session.load(collection) else default,
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
