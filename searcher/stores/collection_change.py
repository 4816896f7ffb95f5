"""What the changes of a whole collection have in common: `FieldUpgrade` and `Shrinking`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from pymilvus import MilvusClient

from searcher.stores.collection import TIMEOUT_S, Index
from searcher.stores.milvus import MilvusConnection
from searcher.types import Collection

T = TypeVar("T")


class CollectionChange:
    """A change that makes another collection beside one, a page at a time, and then renames them.

    Methods raise StoreUnavailable if Milvus does not answer, and DamagedCollection if it cannot use
    the collection.
    """

    def __init__(
        self,
        connection: MilvusConnection,
        writing: Callable[[], AbstractContextManager[object]],
        index: Index,
        collection: Collection,
    ) -> None:
        """Change nothing yet.

        Args:
            connection: The connection to Milvus.
            writing: Returns the lock that is held while the collection is changed.
            index: The index of float32 vectors.
            collection: The model's collection.
        """
        self._connection = connection
        self._writing = writing
        self._index = index
        self._collection = collection

    def _exists(self, client: MilvusClient, name: str) -> bool:
        return bool(client.has_collection(name, timeout=TIMEOUT_S))

    def _forget(self) -> None:
        """Look the collection up anew at the next call."""
        self._connection.call(lambda session: session.forget(self._collection.name))

    def _call(self, action: Callable[[MilvusClient], T]) -> T:
        return self._connection.call(lambda session: action(session.client), self._collection.name)
