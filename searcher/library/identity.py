"""Whether the stores belong to this library: one id in the data folder, Redis and Milvus."""

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
INCOMPLETE = "_incomplete"  # after the id in a store that does not have all of the library yet
SAMPLE = 1000  # pictures of the folder that are looked up in stores without an id


class Identity:
    """Compares the ids, and writes them to new stores. Safe for several threads and processes.

    Every method raises StoreUnavailable where a store does not answer, and DiskFull or CannotWrite
    where it can't write the id.
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
        """Check that the stores are this library's; call it before any change.

        Args:
            vectors: Whether to check Milvus, too; False for changes to Redis only.

        Raises:
            ForeignStores: A store belongs to another library.
            EmptyStores: A store is empty, and the data folder has pictures.
        """
        if self.is_marked(vectors):
            return
        with self._locked():
            library_id = self._folder_or_store_id(vectors)
            if errors := self._mismatches(library_id, vectors):
                raise errors[0]
            self._mark(library_id, vectors)

    def is_marked(self, vectors: bool = True) -> bool:
        """Whether the folder and the stores have one id, without giving them one; see `require`."""
        stored = self._folder_id()
        is_marked = bool(stored) and self._redis_id() == stored
        return is_marked and (not vectors or self._vectors.marks() == [stored])

    def adopt(self) -> None:
        """Make the stores this library's, whatever they contain; the folder gets their id."""
        with self._locked():
            marks = self._vectors.marks()
            store_id = (self._redis_id() or next(iter(marks), "")).removesuffix(INCOMPLETE)
            library_id = store_id or self._folder_id() or _new_id()
            for mark in marks:
                if mark != library_id:
                    self._vectors.unmark(mark)
            self._mark(library_id)

    def claim(self) -> None:
        """Make empty stores this library's.

        Raises:
            ForeignStores: A store belongs to another library.
        """
        with self._locked():
            library_id = self._folder_or_store_id()
            errors = self._mismatches(library_id)
            if foreign := [error for error in errors if isinstance(error, ForeignStores)]:
                raise foreign[0]
            self._mark(library_id)
            if errors and not self._records.note("samples"):
                # The folder has the samples already; samples that were removed stay removed.
                self._records.note("samples", {"indexed": str(time.time())})

    @property
    def id(self) -> str:
        """The library's id; "" before `require` has been called once."""
        return self._folder_id()

    @property
    def format(self) -> int:
        """The version of the data folder's format; 0 where it is not known."""
        version = self._read().get("format")
        return version if isinstance(version, int) else 0

    def store_format(self) -> None:
        """Store that the data folder has the current format. Raises DiskFull, CannotWrite."""
        self._write(self._folder_id(), FORMAT)

    def _folder_or_store_id(self, vectors: bool = True) -> str:
        """Return the folder's id; for a new folder that of the stores, else a new id."""
        if folder_id := self._folder_id():
            return folder_id
        marks = self._vectors.marks() if vectors else []
        store_id = self._redis_id() or (marks[0] if marks and self._has_vectors() else "")
        if store_id and not self._has_records():
            return _new_id()  # the stores then belong to another library
        return store_id or _new_id()

    def _mismatches(self, library_id: str, vectors: bool = True) -> list[StrangeStores]:
        """Return why the stores do not belong to a library; foreign stores before empty ones."""
        errors: list[StrangeStores] = []
        redis_id = self._redis_id()
        if redis_id.endswith(INCOMPLETE):
            errors.append(_incomplete("Redis"))
        elif redis_id and redis_id != library_id:
            errors.append(_foreign("Redis", "REDIS_URL"))
        elif not redis_id and not self._has_records():
            is_empty = self._records.count() == 0
            errors.append((_empty if is_empty else _foreign)("Redis", "REDIS_URL"))
        marks = self._vectors.marks() if vectors else []
        if any(mark.endswith(INCOMPLETE) for mark in marks):
            errors.append(_incomplete("Milvus"))
        elif any(mark != library_id for mark in marks):
            errors.append(_foreign("Milvus", "MILVUS_URI"))
        # The private Milvus is in the data folder, and its vectors can be computed again.
        elif vectors and not marks and self._settings.milvus_uri and not self._has_vectors():
            is_empty = not any(self._vectors.count(m.collection) for m in self._registry.ready())
            errors.append((_empty if is_empty else _foreign)("Milvus", "MILVUS_URI"))
        return sorted(errors, key=lambda error: isinstance(error, EmptyStores))

    def _mark(self, library_id: str, vectors: bool = True) -> None:
        """Write an id wherever it is missing: to the folder first, in case of a crash."""
        if library_id != self._folder_id():
            is_new = not self._sample and self._records.count() == 0
            self._write(library_id, FORMAT if is_new else self.format)
        if self._redis_id() != library_id:
            self._records.note(NOTE, {"id": library_id})
        if vectors and library_id not in self._vectors.marks():
            self._vectors.mark(library_id)

    def _folder_id(self) -> str:
        return str(self._read().get("id") or "")

    def _redis_id(self) -> str:
        return self._records.note(NOTE).get("id", "")

    @property
    def _sample(self) -> list[int]:
        """The ids of some pictures that have files in the data folder."""
        s = self._settings
        folders = (s.sidecars, ".json"), (s.uploads, ".jpg"), (s.thumbnails, ".jpg")
        ids = (i for folder, suffix in folders for i in picture_ids(folder, suffix))
        return list(itertools.islice(ids, SAMPLE))

    def _has_records(self) -> bool:
        """Whether Redis has a record of any picture of the folder, or the folder has none."""
        sample = self._sample
        return not sample or any(record is not None for record in self._records.get(sample))

    def _has_vectors(self) -> bool:
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

    def _write(self, library_id: str, format_: int) -> None:
        write_whole(self._path, json.dumps({"id": library_id, "format": format_}).encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock under which ids are written."""
        with disk_errors():
            self._settings.data.mkdir(parents=True, exist_ok=True)
            lock = acquire(self._settings.data / "library.lock")
        with lock:
            yield


def _new_id() -> str:
    return secrets.token_hex(16)


def _foreign(store: str, variable: str) -> ForeignStores:
    return ForeignStores("store.foreign", store=store, variable=variable)


def _incomplete(store: str) -> ForeignStores:
    return ForeignStores("store.incomplete", store=store)


def _empty(store: str, variable: str) -> EmptyStores:
    return EmptyStores("store.empty", store=store, variable=variable)
