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
from searcher.types import Collection

log = logging.getLogger(__name__)

T = TypeVar("T")

# A process that was killed keeps its locks for a moment, so the first try can come too early.
RETRY_AFTER_S = (0.2, 1.0)

# Codes of errors that pass: no connection; too much at once; dropped or half made by another.
PASSING = {
    *(2, ErrorCode.RATE_LIMIT, ErrorCode.FORCE_DENY),
    *(ErrorCode.COLLECTION_NOT_FOUND, ErrorCode.INDEX_NOT_FOUND),
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
        """Take nothing for granted of a collection that was dropped."""
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
        """Run `action`, which concerns the collection `name`, with a session.

        Raises StoreUnavailable where Milvus does not answer, DamagedCollection where it answers
        but can't use the collection.
        """
        # A private server may have been killed, and another process may have dropped the
        # collection: every further try starts from nothing.
        for pause in (*RETRY_AFTER_S, None):
            session = None
            try:
                session = self._open()
                return action(session)
            except (MilvusException, grpc.RpcError) as error:
                refused = bool(name) and self._is_refusal(session, error)
                self._close(session)
                if pause is None:
                    log.warning("Milvus: %s", error)
                    raise (_damaged(name, error) if refused else _away(error)) from error
                if not (refused and pause == RETRY_AFTER_S[-1] and self._check(name)):
                    time.sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let the connection go; the next call opens a new one."""
        self._close(self._session)

    def _open(self) -> Session:
        with self._lock:
            if self._session is None:
                client = MilvusClient(self.address(), token=self._token or "", timeout=TIMEOUT_S)
                self._session = Session(client)
            return self._session

    def _is_refusal(self, session: Session | None, error: Exception) -> bool:
        """Whether the server is there, and failed at the call for a reason of its own."""
        if session is None or not isinstance(error, MilvusException) or error.code in PASSING:
            return False
        try:
            session.client.get_server_version(timeout=TIMEOUT_S)
        except (MilvusException, grpc.RpcError):
            return False
        return True

    def _close(self, session: Session | None) -> None:
        # Of several threads that find a server away, the first may have opened another session by
        # now, which the others are not to close.
        with self._lock:
            if session is not None and session is self._session:
                session.client.close()
                self._session = None


def _away(error: Exception) -> StoreUnavailable:
    # pymilvus does not tell a server that is away from one that refuses the token.
    code = disk_code(error)
    return StoreUnavailable(code, store="Milvus") if code else StoreUnavailable("store.milvus_away")


def _damaged(name: str, error: Exception) -> StoreUnavailable:
    code = disk_code(error)
    if code:
        return DamagedCollection(code, store="Milvus")
    return DamagedCollection("store.collection_damaged", name=name)
