"""The stores of a library: Redis, Milvus and the sidecars, private servers or others."""

import threading

from searcher.config.settings import Settings
from searcher.errors import LibraryClosed
from searcher.files import disk_errors
from searcher.messages.message import Message, message
from searcher.stores.collection import HNSW, ONE_LIST
from searcher.stores.paths import DataPaths
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.recovery import Recovery
from searcher.stores.records import RecordStore
from searcher.stores.sidecars import Sidecars
from searcher.stores.vectors import VectorStore

# Milvus Lite searches each vector that is not flushed yet in 0.13 ms (2,048 dimensions): 2,000 of
# them would make a search take 270 ms. Flushing 256 takes 80 ms.
FLUSH_EMBEDDED = 256
# Pictures for which it does; see docs/scale.md.
MOST_EMBEDDED = 200_000


def size_problems(settings: Settings, pictures: int) -> list[Message]:
    """Return a sentence if the embedded Milvus has more pictures than it is quick with."""
    if settings.milvus_uri or pictures <= MOST_EMBEDDED:
        return []
    return [message("store.too_large", total=pictures, limit=MOST_EMBEDDED)]


class LibraryStores:
    """Opens stores when they are first used. Safe to use from several threads."""

    def __init__(self, settings: Settings, embedded: EmbeddedStores | None = None) -> None:
        """Open nothing yet; can't fail. `embedded` are the private servers if they are starting."""
        self._settings = settings
        self._closed = threading.Event()
        self._embedded = embedded = embedded or EmbeddedStores(settings.stores)
        paths = DataPaths(settings.data, settings.samples_dir)
        self.sidecars = Sidecars(settings.sidecars, paths)
        self.records = RecordStore(self._redis_url, paths, self.sidecars.write)
        if settings.milvus_uri:
            self.vectors = VectorStore(self._milvus_uri, settings.milvus_token, index=HNSW)
        else:
            self.vectors = VectorStore(
                self._milvus_uri, None, embedded.writing, FLUSH_EMBEDDED, ONE_LIST, embedded.check
            )

    @property
    def is_closed(self) -> bool:
        """Whether the stores were closed; they can't be opened again."""
        return self._closed.is_set()

    def close(self) -> None:
        """Close all connections and release the private servers, for good."""
        self._closed.set()
        self.vectors.close()
        self.records.close()
        self._embedded.release()

    def recoveries(self) -> list[Recovery]:
        """Return the repairs of the private stores that are in use, the oldest first.

        Those that were acknowledged are left out.
        """
        settings = self._settings
        return [
            recovery
            for recovery in self._embedded.recoveries()
            if not (settings.redis_url if recovery.of_records else settings.milvus_uri)
        ]

    def acknowledge_recoveries(self) -> None:
        """Report the repairs no longer. Raises DiskFull, CannotWrite."""
        if self.recoveries():
            with disk_errors():
                self._embedded.acknowledge()

    def _redis_url(self) -> str:
        self._require_open()
        return self._settings.redis_url or self._embedded.addresses().redis

    def _milvus_uri(self) -> str:
        self._require_open()
        return self._settings.milvus_uri or self._embedded.addresses().milvus

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise LibraryClosed("library.closed")
