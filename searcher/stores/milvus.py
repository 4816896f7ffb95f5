"""A connection to Milvus that is opened when it is needed, and anew when the server was away."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import grpc
from pymilvus import MilvusClient
from pymilvus.exceptions import ErrorCode, MilvusException

from searcher.errors import DamagedCollection, StoreUnavailable
from searcher.stores.collection import TIMEOUT_S, Index, create
from searcher.stores.disk_state import disk_code
from searcher.stores.failures import Failure, classify
from searcher.types import Collection

log = logging.getLogger(__name__)

T = TypeVar("T")

# A process that was killed keeps its locks for a moment, so the first try can come too early.
RETRY_AFTER_S = (0.2, 1.0)

# The codes of the sentences.
UNAVAILABLE = {
    Failure.AWAY: "store.milvus_away",
    Failure.LATE: "store.milvus_away",
    Failure.DENIED: "store.milvus_denied",
    Failure.NO_ADDRESS: "store.milvus_address",
}

# Failed calls are logged by pymilvus with their traceback; they are raised here as well.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


@dataclass(frozen=True, eq=False)
class Session:
    """One client, and which collections it has found ready for reading and for writing."""

    client: MilvusClient
    loaded: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    def load(self, collection: Collection) -> bool:
        """Load the collection unless it is; False where there is none."""
        name = collection.name
        if name not in self.loaded:
            if not self.client.has_collection(name, timeout=TIMEOUT_S):
                return False
            try:
                self.client.load_collection(name, timeout=TIMEOUT_S)
            except MilvusException as error:
                if error.code == ErrorCode.INDEX_NOT_FOUND:
                    return False  # another is just making it, or was killed at it: nothing is in it
                raise
            self.loaded.add(name)
        return True

    def make(self, collection: Collection, index: Index) -> None:
        """Make what the collection lacks, and load it."""
        if collection.name not in self.made:
            create(self.client, collection, index)
            self.made.add(collection.name)
        self.load(collection)

    def forget(self, name: str) -> None:
        """Invalidate the cached state of a collection."""
        self.loaded.discard(name)
        self.made.discard(name)


class MilvusConnection:
    """What the calls to one server share. Safe to use from several threads."""

    def __init__(
        self,
        address: Callable[[], str],
        token: str | None,
        check: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """`address` returns the server's URI, starting a private server first if need be.

        `check` has a private server try a collection, and put it aside where it is damaged.
        """
        self.address = address
        self._check = check
        self._token = token
        self._session: Session | None = None
        self._lock = threading.Lock()

    def call(self, action: Callable[[Session], T], name: str = "") -> T:
        """Run `action` with a session.

        Args:
            action: Is called again where that can help: with a new session where the server was
                away, and at most twice where the server itself failed at it.
            name: The collection that it concerns, if it concerns one.

        Returns:
            What `action` returns.

        Raises:
            StoreUnavailable: Milvus does not answer, or refuses the request.
            DamagedCollection: Milvus answers, but can't use the collection.
        """
        for attempt, pause in enumerate((*RETRY_AFTER_S, 0.0), start=1):
            session = None
            try:
                session = self._open()
                return action(session)
            except (MilvusException, grpc.RpcError) as error:
                failure = self._failure(session, error)
                # A private server may have been killed: the next try starts from nothing. What
                # was refused was so by a server that is there, and the others' session stays.
                if failure in (Failure.AWAY, Failure.LATE, Failure.FAULT):
                    self._close(session)
                elif session is not None:
                    session.forget(name)
                if not self._may_pass(failure, name, attempt):
                    log.warning("Milvus: %s", error)
                    raise _unavailable(failure, name, error) from error
                time.sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let the connection go; the next call opens a new one."""
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
        # Another thread may have closed the session, or the server may be about to end.
        if session is None or session is not self._session:
            return Failure.AWAY
        try:
            session.client.get_server_version(timeout=TIMEOUT_S)
        except (MilvusException, grpc.RpcError):
            return Failure.AWAY
        return Failure.FAULT

    def _may_pass(self, failure: Failure, name: str, attempt: int) -> bool:
        """Whether one more try may help; has a private server try a collection that fails."""
        if attempt > len(RETRY_AFTER_S):
            return False
        if failure is Failure.FAULT and attempt == len(RETRY_AFTER_S):
            return bool(name) and self._check(name)
        return failure in (Failure.AWAY, Failure.STALE, Failure.FAULT)

    def _close(self, session: Session | None) -> None:
        # Of several threads that find a server away, the first may have opened another session by
        # now, which the others are not to close.
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
