"""The two sides of a migration: what Redis has of a library, and what Milvus has."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Protocol

from searcher.config.settings import Settings
from searcher.errors import ForeignStores, InvalidRequest, StoreUnavailable
from searcher.library.core import Library
from searcher.library.identity import INCOMPLETE, NOTE
from searcher.library.library_stores import LibraryStores
from searcher.stores.collection_copy import Part
from searcher.stores.key_copy import SCRATCH, KeyCopy
from searcher.stores.state import PREFIX
from searcher.stores.vectors import MARK

# Called with what is being copied, RECORDS or a model's name, and how much is done, of all.
Progress = Callable[[str, int, int], None]
RECORDS = "records"
ROUNDS = 3  # of comparing all keys, in each of which something else may have changed
PROBE = SCRATCH.removeprefix(PREFIX)  # the note that tells whether two addresses are one server's


class Side(Protocol):
    """One of the two. Methods raise StoreUnavailable where a store does not answer."""

    variable: str  # that has the address

    def address(self, settings: Settings) -> str | None:
        """Return its address in some settings, None for the embedded store."""

    def state(self) -> str:
        """Return the id in the target, with INCOMPLETE after it or not; "" for an empty target.

        Raises:
            ForeignStores: The target belongs to another library.
            InvalidRequest: It is the store that is to be copied.
        """

    def begin(self) -> None:
        """Mark the target as incomplete."""

    def copy(self, progress: Progress) -> int:
        """Make the target have what the source has; return the number of entries written."""

    def complete(self, progress: Progress) -> None:
        """Give the target the mark of the library, once nothing differs any more."""


class KeysSide:
    """Redis: records and their indexes, votes, notes. See `Side`."""

    variable = "REDIS_URL"

    def __init__(self, library: Library, stores: LibraryStores) -> None:
        self._source, self._target = library.records, stores.records
        self._copies = KeyCopy(self._source.connection, self._target.connection)
        self._id = library.identity.id

    def address(self, settings: Settings) -> str | None:
        """Return its address in some settings, None for the embedded store."""
        return settings.redis_url

    def state(self) -> str:
        """Return the id in the target; see `Side`."""
        state = self._target.note(NOTE).get("id", "")
        if state.removesuffix(INCOMPLETE) != self._id and (state or self._target.count()):
            raise ForeignStores("migrate.foreign", store="Redis")
        probe = {"probe": secrets.token_hex(8)}
        self._target.note(PROBE, probe)
        is_source = self._source.note(PROBE) == probe
        self._target.note(PROBE, {})
        if is_source:
            raise InvalidRequest("migrate.same")
        return state

    def begin(self) -> None:
        """Mark the target as incomplete."""
        self._target.note(NOTE, {"id": self._id + INCOMPLETE})

    def copy(self, progress: Progress) -> int:
        """Make the target have what the source has; return the number of entries written."""
        total = self._source.count()
        return self._copies.run(lambda done: progress(RECORDS, min(done, total), total))

    def complete(self, progress: Progress) -> None:
        """Give the target the mark of the library, once nothing differs any more."""
        for _ in range(ROUNDS):  # votes may have been cast while vectors were copied
            if not self.copy(progress):
                break
        else:
            raise StoreUnavailable("migrate.differs", store="Redis")
        self._target.note(NOTE, {"id": self._id})


class VectorsSide:
    """Milvus: the vectors of all ready models. See `Side`."""

    variable = "MILVUS_URI"

    def __init__(self, library: Library, stores: LibraryStores, holds_int8: bool) -> None:
        self._models = library.registry.ready()
        self._target = stores.vectors
        self._copies = library.vectors.copy_to(stores.vectors, holds_int8)
        self._id = library.identity.id

    def address(self, settings: Settings) -> str | None:
        """Return its address in some settings, None for the embedded store."""
        return settings.milvus_uri

    def state(self) -> str:
        """Return the id in the target; see `Side`."""
        marks = self._target.marks()
        names = {model.collection.name for model in self._models}
        is_marked_by_another = any(mark.removesuffix(INCOMPLETE) != self._id for mark in marks)
        if is_marked_by_another or (not marks and names.intersection(self._target.names())):
            raise ForeignStores("migrate.foreign", store="Milvus")
        if self._copies.is_one_server(MARK + self._id):
            raise InvalidRequest("migrate.same")
        return max(marks, key=len, default="")

    def begin(self) -> None:
        """Mark the target as incomplete."""
        marks = self._target.marks()
        if marks == [self._id]:  # vectors of an earlier state, which may be others of the same ids
            for model in self._models:
                self._copies.drop_others(model.collection)
        self._target.mark(self._id + INCOMPLETE)
        if self._id in marks:
            self._target.unmark(self._id)

    def copy(self, progress: Progress) -> int:
        """Make the target have what the source has; return the number of entries written."""
        written = 0
        for model in self._models:
            parts = self._copies.parts(model.collection)
            self._copies.drop_others(model.collection, parts)
            for part in parts:
                written += self._copy(part, partial(progress, model.name))
        return written

    def complete(self, progress: Progress) -> None:
        """Give the target the mark of the library, once nothing differs any more."""
        self._target.mark(self._id)
        self._target.unmark(self._id + INCOMPLETE)

    def _copy(self, part: Part, progress: Callable[[int, int], None]) -> int:
        written = self._copies.run(part, progress)
        if self._copies.differs(part):  # embedded again since an interrupted run
            self._target.drop(part.target.name)
            written += self._copies.run(part, progress)
            if self._copies.differs(part):
                raise StoreUnavailable("migrate.differs", store="Milvus")
        return written
