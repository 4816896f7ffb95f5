"""A connection to Milvus, opened on first use and reopened after a failure."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import grpc
from pymilvus import MilvusClient
from pymilvus.exceptions import ErrorCode, MilvusException

from searcher.errors import DamagedCollection, StoreUnavailable
from searcher.stores.collection import TIMEOUT_S, Index, create, find
from searcher.stores.collection_names import COPY, FULL
from searcher.stores.disk_state import disk_code
from searcher.stores.failures import Failure, classify
from searcher.stores.forms import Form, full_form, read_form
from searcher.stores.milvus_internals import use_all_addresses
from searcher.types import Collection

log = logging.getLogger(__name__)

T = TypeVar("T")

# Pauses before the second and third try: a killed process holds its locks for a moment longer.
RETRY_AFTER_S = (0.2, 1.0)

# Message codes.
UNAVAILABLE = {
    Failure.AWAY: "store.milvus_away",
    Failure.LATE: "store.milvus_away",
    Failure.DENIED: "store.milvus_denied",
    Failure.NO_ADDRESS: "store.milvus_address",
}

# pymilvus logs failed calls with a traceback, although it raises them as well.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
use_all_addresses()


class Stored(NamedTuple):
    """What Milvus has of a model's collection.

    Attributes:
        name: Its name there.
        form: The form of its vectors.
        full: The name of the collection that keeps the full vectors beside it, if there is one.
    """

    name: str
    form: Form
    full: str = ""


@dataclass(frozen=True, eq=False)
class Session:
    """A client, and the collections known to be ready for reading and writing.

    Attributes:
        client: The client.
        loaded: What Milvus has of loaded collections, by the models' names.
        created: The names of the models' collections that were created completely.
    """

    client: MilvusClient
    loaded: dict[str, Stored] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)

    def load(self, collection: Collection) -> Stored | None:
        """Load the collection if necessary.

        Returns:
            What Milvus has of it; None if it does not exist.

        Raises:
            MilvusException: The server does not answer, or refuses the request.
        """
        name = collection.name
        if name not in self.loaded:
            stored = self._find(collection)
            if stored is None:
                return None
            try:
                self.client.load_collection(stored.name, timeout=TIMEOUT_S)
            except MilvusException as error:
                if error.code == ErrorCode.INDEX_NOT_FOUND:
                    return None  # its creation is under way or was interrupted: it is empty
                raise
            self.loaded[name] = stored
        return self.loaded[name]

    def create(self, collection: Collection, index: Index) -> Stored:
        """Create the collection if necessary, load it, and return what Milvus has of it.

        Raises:
            MilvusException: The server does not answer, or refuses the request.
        """
        name = collection.name
        if name not in self.created:
            stored = find(self.client, name) or name
            if stored in (name, name + COPY):  # the others were created before they were used
                create(self.client, Collection(stored, collection.dim), index)
            self.created.add(name)
        return self.load(collection) or Stored(name, full_form(collection.dim))

    def _find(self, collection: Collection) -> Stored | None:
        name = find(self.client, collection.name)
        if not name:
            return None
        full = collection.name + FULL
        if form := read_form(self.client, name, collection):
            return Stored(name, form, "" if form.variant.is_full else full)
        return Stored(full, full_form(collection.dim))

    def forget(self, name: str) -> None:
        """Invalidate the cached state of a collection."""
        self.loaded.pop(name, None)
        self.created.discard(name)


class MilvusConnection:
    """The session that all calls to one server share. Thread-safe."""

    def __init__(
        self,
        address: Callable[[], str],
        token: str | None,
        check: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """Open nothing yet.

        Args:
            address: Returns the server's URI, starting a private server first if need be.
            token: The server's token, None where it needs none.
            check: Makes a private server test a collection, given by name, and move it aside if
                it is damaged; returns whether it was tested.
        """
        self.address = address
        self._check = check
        self._token = token
        self._session: Session | None = None
        self._lock = threading.Lock()

    def call(self, action: Callable[[Session], T], name: str = "") -> T:
        """Run `action` with a session.

        Args:
            action: Called up to three times, with a new session after the server was away or
                failed.
            name: The collection that it uses, if any.

        Returns:
            What `action` returns.

        Raises:
            StoreUnavailable: Milvus does not answer, or refuses the request.
            DamagedCollection: Milvus answers, but cannot use the collection.
        """
        for attempt, pause in enumerate((*RETRY_AFTER_S, 0.0), start=1):
            session = None
            try:
                session = self._open()
                return action(session)
            except (MilvusException, grpc.RpcError) as error:
                failure = self._failure(session, error)
                # A private server may have been killed: the next try opens a new session. An
                # answer that refuses the request needs none, and other threads use this one.
                if failure in (Failure.AWAY, Failure.LATE, Failure.FAULT):
                    self._close(session)
                elif session is not None:
                    session.forget(name)
                if disk_code(error) or not self._may_pass(failure, name, attempt):
                    log.warning("Milvus: %s", error)
                    raise _unavailable(failure, name, error) from error
                time.sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        with self._lock:
            session = self._session
        self._close(session)

    def _open(self) -> Session:
        with self._lock:
            if self._session is None:
                client = MilvusClient(self.address(), token=self._token or "", timeout=TIMEOUT_S)
                self._session = Session(client)
            return self._session

    def _failure(self, session: Session | None, error: Exception) -> Failure:
        failure = classify(error)
        if failure is not Failure.FAULT:
            return failure
        # Another thread may have closed the session, or the server may be shutting down.
        if session is None or session is not self._session:
            return Failure.AWAY
        try:
            session.client.get_server_version(timeout=TIMEOUT_S)
        except (MilvusException, grpc.RpcError):
            return Failure.AWAY
        return Failure.FAULT

    def _may_pass(self, failure: Failure, name: str, attempt: int) -> bool:
        """Whether a retry may succeed; before the last, a private server tests the collection."""
        if attempt > len(RETRY_AFTER_S):
            return False
        if failure is Failure.FAULT and attempt == len(RETRY_AFTER_S):
            return bool(name) and self._check(name)
        return failure in (Failure.AWAY, Failure.STALE, Failure.FAULT)

    def _close(self, session: Session | None) -> None:
        # When calls of several threads fail, the first may have opened a new session already,
        # which the others must not close.
        with self._lock:
            if session is not None and session is self._session:
                session.client.close()
                self._session = None


def _unavailable(failure: Failure, name: str, error: Exception) -> StoreUnavailable:
    kind = DamagedCollection if name else StoreUnavailable
    if code := disk_code(error):
        return kind(code, store="Milvus")
    if failure in UNAVAILABLE:
        return StoreUnavailable(UNAVAILABLE[failure])
    if name:
        return DamagedCollection("store.collection_damaged", name=name)
    return StoreUnavailable("store.milvus_refused", reason=str(error)[:200])
