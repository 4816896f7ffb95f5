"""Whose stores these are: one id in the data folder, in Redis and in Milvus."""

import itertools
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from searcher.config.settings import Settings
from searcher.errors import EmptyStores, ForeignStores, StrangeStores
from searcher.file_locks import acquire
from searcher.files import disk_errors, picture_ids, write_whole
from searcher.models.registry import ModelRegistry
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore

FORMAT = 2  # of the data folder: sidecars, paths relative to it
NOTE = "library"  # the note in Redis that has the id
SAMPLE = 1000  # pictures of the folder that are looked for in stores which have no id yet


class Identity:
    """Compares the ids, and marks what is new. Safe to use from several threads and processes.

    Every method raises StoreUnavailable, and DiskFull or CannotWrite where it marks something.
    """

    def __init__(
        self,
        settings: Settings,
        registry: ModelRegistry,
        records: RecordStore,
        vectors: VectorStore,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._records = records
        self._vectors = vectors
        self._path = settings.data / "library.json"

    def require(self, vectors: bool = True) -> None:
        """Call before any change. Raises ForeignStores and EmptyStores where it is not allowed.

        Without `vectors`, Milvus is not asked: for changes that concern Redis only.
        """
        own = self._read().get("id")
        if own and self._redis() == own and (not vectors or self._vectors.marks() == [own]):
            return
        with self._settling():
            own = self._folder_or_store_id(vectors)
            if strange := self._strangers(own, vectors):
                raise strange[0]
            self._mark(own, vectors)

    def adopt(self) -> None:
        """Take the stores as this folder's, whatever they hold; the folder takes their id."""
        with self._settling():
            marks = self._vectors.marks()
            own = self._redis() or next(iter(marks), "") or self._own() or secrets.token_hex(16)
            for mark in marks:
                if mark != own:
                    self._vectors.unmark(mark)
            self._mark(own)

    def claim(self) -> None:
        """Take empty stores as this folder's. Raises ForeignStores where they are another's."""
        with self._settling():
            own = self._folder_or_store_id()
            strange = self._strangers(own)
            if foreign := [error for error in strange if isinstance(error, ForeignStores)]:
                raise foreign[0]
            self._mark(own)
            if strange and not self._records.note("samples"):
                # The samples are among the folder's pictures; those that were removed stay so.
                self._records.note("samples", {"indexed": str(time.time())})

    @property
    def format(self) -> int:
        """The version of what the data folder holds."""
        version = self._read().get("format")
        return version if isinstance(version, int) else 0

    def upgraded(self) -> None:
        """Keep that the data folder has the current format."""
        self._write(self._own(), FORMAT)

    def _folder_or_store_id(self, vectors: bool = True) -> str:
        """The folder's id; of a new folder that of its stores, else a new one."""
        if own := self._own():
            return own
        marks = self._vectors.marks() if vectors else []
        found = self._redis() or next((mark for mark in marks if self._knows_vectors()), "")
        if found and not self._knows_pictures():
            return secrets.token_hex(16)  # and so the stores are another's
        return found or secrets.token_hex(16)

    def _strangers(self, own: str, vectors: bool = True) -> list[StrangeStores]:
        """What is wrong with the stores, if they are to be `own`: the worst first."""
        found: list[StrangeStores] = []
        redis = self._redis()
        if redis and redis != own:
            found.append(_foreign("Redis", "REDIS_URL"))
        elif not redis and not self._knows_pictures():
            is_empty = self._records.count() == 0
            found.append((_empty if is_empty else _foreign)("Redis", "REDIS_URL"))
        marks = self._vectors.marks() if vectors else []
        if any(mark != own for mark in marks):
            found.append(_foreign("Milvus", "MILVUS_URI"))
        # The embedded one lies in the data folder, and vectors can be made again.
        elif vectors and not marks and self._settings.milvus_uri and not self._knows_vectors():
            is_empty = not any(self._vectors.count(m.collection) for m in self._registry.ready())
            found.append((_empty if is_empty else _foreign)("Milvus", "MILVUS_URI"))
        return sorted(found, key=lambda error: isinstance(error, EmptyStores))

    def _mark(self, own: str, vectors: bool = True) -> None:
        """Write an id wherever it is missing; the folder comes first, so a crash can't hurt."""
        if own != self._own():
            is_new = not self._sample and self._records.count() == 0
            self._write(own, FORMAT if is_new else self.format)
        if self._redis() != own:
            self._records.note(NOTE, {"id": own})
        if vectors and own not in self._vectors.marks():
            self._vectors.mark(own)

    def _own(self) -> str:
        return str(self._read().get("id") or "")

    def _redis(self) -> str:
        return self._records.note(NOTE).get("id", "")

    @property
    def _sample(self) -> list[int]:
        """The ids of some pictures that have files in the data folder."""
        places = self._settings
        folders = (places.sidecars, ".json"), (places.uploads, ".jpg"), (places.thumbnails, ".jpg")
        found = (i for folder, suffix in folders for i in picture_ids(folder, suffix))
        return list(itertools.islice(found, SAMPLE))

    def _knows_pictures(self) -> bool:
        """Whether Redis has a record of any picture of the folder, or the folder has none."""
        sample = self._sample
        return not sample or any(record is not None for record in self._records.get(sample))

    def _knows_vectors(self) -> bool:
        """Whether Milvus has a vector of any picture of the folder, or the folder has none."""
        sample = self._sample
        models = self._registry.ready()
        return not sample or any(self._vectors.present(m.collection, sample) for m in models)

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}

    def _write(self, own: str, format_: int) -> None:
        write_whole(self._path, json.dumps({"id": own, "format": format_}).encode())

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """Only one process gives a new library its id."""
        with disk_errors():
            self._settings.data.mkdir(parents=True, exist_ok=True)
            lock = acquire(self._settings.data / "library.lock")
        with lock:
            yield


def _foreign(store: str, variable: str) -> ForeignStores:
    return ForeignStores("store.foreign", store=store, variable=variable)


def _empty(store: str, variable: str) -> EmptyStores:
    return EmptyStores("store.empty", store=store, variable=variable)
