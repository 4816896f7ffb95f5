"""Reading from Milvus: searches, vectors, ids and fields."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from searcher.errors import InvalidRequest
from searcher.stores.collection import (
    CONSISTENCY,
    TIMEOUT_S,
    Index,
    count_rows,
    has_fields,
    pages,
    parts_of_ids,
    read,
    read_ids,
)
from searcher.stores.fields import Fields
from searcher.stores.forms import Form, full_form
from searcher.stores.milvus import MilvusConnection, Session, Stored
from searcher.types import Collection, FloatArray, Int64Array

T = TypeVar("T")

# The number of rows that a search requests, of which it returns at most half. The surplus makes a
# short result a prefix of a longer one, whichever of several equal distances the server leaves
# out. A row costs 0.04 ms, hence two steps: for the page's usual results beside the query's own
# copies, and for the most allowed.
FETCH = (28, 80)
UNSUPPORTED = "unsupported pattern"  # with a code that says nothing


class VectorReader:
    """Collections of unit vectors, searched by Euclidean distance.

    Every method raises StoreUnavailable if Milvus does not answer, and DamagedCollection if it
    cannot use the collection. Collections that do not exist are empty.
    """

    def __init__(self, connection: MilvusConnection, index: Index) -> None:
        self._connection = connection
        self._index = index

    def prepare(self, collection: Collection) -> None:
        """Connect and load the collection now, so that the first search need not."""
        self._read(lambda client, name: None, collection, None)

    def search(
        self,
        collection: Collection,
        vector: FloatArray,
        k: int,
        where: str = "",
        ef: int | None = None,
    ) -> list[tuple[int, float]]:
        """Find the nearest vectors.

        Args:
            collection: The collection.
            vector: A unit vector, float32 [D].
            k: The maximal number of hits.
            where: A condition on the fields in Milvus' language; all vectors meet "". The
                collection must have fields then.
            ef: The number of candidates of a search in HNSW, instead of the index's.

        Returns:
            Pairs of id and Euclidean distance, nearest first, ties by id.

        Raises:
            InvalidRequest: Milvus does not know a pattern in the condition.
        """
        params = {} if ef is None else {"ef": ef}

        def find(client: MilvusClient, stored: Stored) -> list[dict[str, Any]]:
            index = stored.form.index_or(self._index)
            try:
                results: list[list[dict[str, Any]]] = client.search(
                    stored.name,
                    data=list(stored.form.encode(vector[None])),
                    filter=where,
                    limit=next((step for step in FETCH if k <= step / 2), max(k, FETCH[-1])),
                    output_fields=["id"],  # an empty list would return the vectors as well
                    search_params={"metric_type": "L2", "params": index.search | params},
                    consistency_level=CONSISTENCY,
                    timeout=TIMEOUT_S,
                )
            except MilvusException as error:
                if where and UNSUPPORTED in str(error):  # Milvus 2.3
                    raise InvalidRequest("filter.pattern") from error
                raise
            return results[0]

        hits: list[dict[str, Any]] = self._use(find, collection, [])
        # Milvus returns squared distances for L2, which rounding can make slightly negative.
        pairs = [(int(hit["id"]), math.sqrt(max(0.0, hit["distance"]))) for hit in hits]
        return sorted(pairs, key=lambda pair: (pair[1], pair[0]))[:k]

    def has_fields(self, collection: Collection) -> bool:
        """Whether the collection's searches can be filtered; those of earlier versions can't."""
        return self._read(has_fields, collection, True)

    def fields(self, collection: Collection, ids: Sequence[int]) -> dict[int, Fields]:
        """Return the fields of those of `ids` that have a vector; the collection must have them."""
        rows = self._rows(collection, ids, Fields._fields)
        return {int(row["id"]): to_fields(row) for row in rows}

    def get(self, collection: Collection, picture_id: int) -> FloatArray | None:
        """Return a stored vector, float32 [D], None if there is none."""
        vectors = self.fetch(collection, [picture_id])
        return vectors[0] if vectors.any() or self.present(collection, [picture_id]) else None

    def fetch(self, collection: Collection, ids: Sequence[int]) -> FloatArray:
        """Return stored vectors in the order of `ids`.

        Args:
            collection: The collection.
            ids: N picture ids.

        Returns:
            float32 [N, D], zeros for missing ones; of a shrunken collection, vectors with the same
            distances as the stored ones.
        """
        positions = {picture_id: row for row, picture_id in enumerate(ids)}
        vectors = np.zeros((len(ids), collection.dim), dtype=np.float32)

        def fetch_page(client: MilvusClient, stored: Stored, page: Sequence[int]) -> None:
            rows = read(client, stored.name, page, ["embedding"])
            decoded = stored.form.decode([row["embedding"] for row in rows])
            for row, vector in zip(rows, decoded, strict=True):
                vectors[positions[int(row["id"])]] = vector

        for page in pages(ids):
            self._use(partial(fetch_page, page=page), collection, None)
        return vectors

    def form(self, collection: Collection) -> Form:
        """Return the form in which the vectors are stored now, whoever has changed it."""

        def find(session: Session) -> Form:
            stored = session.load(collection)
            if stored and not session.client.has_collection(stored.name, timeout=TIMEOUT_S):
                session.forget(collection.name)
                stored = session.load(collection)
            return stored.form if stored else full_form(collection.dim)

        return self._connection.call(find, collection.name)

    def index_state(self, collection: Collection) -> tuple[str, int]:
        """Return the type of the collection's index, "" without one, and the rows in it."""

        def describe(client: MilvusClient, name: str) -> tuple[str, int]:
            state = client.describe_index(name, "embedding", timeout=TIMEOUT_S)
            return str(state["index_type"]), int(state["indexed_rows"])

        return self._read(describe, collection, ("", 0))

    def present(self, collection: Collection, ids: Sequence[int]) -> set[int]:
        """Return those of `ids` that have a vector."""
        return {
            int(row["id"]) for page in pages(ids) for row in self._rows(collection, page, ["id"])
        }

    def count(self, collection: Collection) -> int:
        """Return the number of vectors in the collection."""
        return self._read(count_rows, collection, 0)

    def ids(self, collection: Collection) -> list[int]:
        """Return the ids of all vectors."""
        return self._read(read_ids, collection, [])

    def id_array(self, collection: Collection) -> Int64Array:
        """Return the ids of all vectors, int64 [N], ascending: 8 bytes each."""

        def read_all(client: MilvusClient, name: str) -> Int64Array:
            parts = chain.from_iterable(parts_of_ids(client, name))
            return np.sort(np.fromiter(parts, np.int64))

        return self._read(read_all, collection, np.zeros(0, np.int64))

    def _read(
        self, action: Callable[[MilvusClient, str], T], collection: Collection, default: T
    ) -> T:
        """Call `action` with Milvus' name of the collection; `default` if it does not exist."""
        return self._use(lambda client, stored: action(client, stored.name), collection, default)

    def _use(
        self, action: Callable[[MilvusClient, Stored], T], collection: Collection, default: T
    ) -> T:
        """Call `action` with what Milvus has of the collection; `default` if there is none."""
        return self._connection.call(
            lambda session: (
                action(session.client, stored) if (stored := session.load(collection)) else default
            ),
            collection.name,
        )

    def _rows(
        self,
        collection: Collection,
        ids: Sequence[int],
        fields: Sequence[str],
        consistency: str = CONSISTENCY,
    ) -> list[dict[str, Any]]:
        return self._read(
            lambda client, name: read(client, name, ids, fields, consistency), collection, []
        )


def to_fields(row: dict[str, Any]) -> Fields:
    """Return the fields of a row of Milvus."""
    return Fields(**{name: row[name] for name in Fields._fields})
