"""Whether a library can answer: its stores, asked in the background, and the worker's problems."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from searcher.errors import TwinlensError
from searcher.library.core import Library
from searcher.library.status import Status

FRESH_S = 2.0  # an answer of a store is not asked for again
LATE_S = 10.0  # a store that takes longer counts as away; Milvus Lite may be busy for seconds
OPENING = "work.opening"
# Codes of what keeps every search from being answered.
AWAY = frozenset(
    f"store.{reason}"
    for reason in (
        *("redis_away", "redis_login", "redis_address", "no_redis_server", "not_started"),
        *("milvus_away", "milvus_denied", "milvus_address", "foreign", "incomplete", "empty"),
    )
)
# What the stores' own answers say better than the worker, which may be busy.
ASKED = frozenset({"store.redis_away", "store.milvus_away"})

State = Literal["ready", "degraded", "unavailable"]


@dataclass(frozen=True)
class Health:
    """The state of a library, and why it is not ready: codes of messages, without parameters."""

    state: State
    reasons: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document."""
        return {"status": self.state, "reasons": list(self.reasons)}


class StoreProbe:
    """Asks one store whether it answers, in a thread, since that may take half a minute."""

    def __init__(
        self, ask: Callable[[], object], late: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask nothing yet.

        Args:
            ask: Sends a request to the store; raises TwinlensError if it fails.
            late: The code for a store that does not answer in time.
            clock: Returns seconds.
        """
        self._ask = ask
        self._late = late
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._began = float("-inf")
        self._code: str | None = None

    @property
    def is_asking(self) -> bool:
        """Whether an answer is due."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def code(self) -> str | None:
        """Why the store can't be used, "" if it can; None while nobody knows."""
        if self.is_asking and self._clock() - self._began > LATE_S:
            return self._late
        return self._code

    def begin(self) -> None:
        """Ask, unless the latest answer is fresh or due."""
        with self._lock:
            if self.is_asking or self._clock() - self._began < FRESH_S:
                return
            self._began = self._clock()
            self._thread = threading.Thread(target=self._run, name="health", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._ask()
        except TwinlensError as error:
            self._code = error.code
        except Exception:  # of a client while the server ends
            self._code = self._late
        else:
            self._code = ""


def store_probes(library: Library) -> dict[str, StoreProbe]:
    """Return what asks the stores of a library."""
    records, vectors = library.records, library.vectors
    return {
        "redis": StoreProbe(
            lambda: records.connection.call(lambda client: client.ping()), "store.redis_away"
        ),
        "milvus": StoreProbe(vectors.names, "store.milvus_away"),
    }


class HealthCheck:
    """The health of a library. Never waits; safe to use from several threads."""

    def __init__(self, probes: Mapping[str, StoreProbe], status: Callable[[], Status]) -> None:
        """Ask nothing yet.

        Args:
            probes: Those of the stores, by name; see `store_probes`.
            status: Returns the worker's status.
        """
        self.probes = probes
        self._status = status

    def begin(self) -> None:
        """Ask the stores, once they were opened."""
        if self._status().opened:
            for probe in self.probes.values():
                probe.begin()

    @property
    def is_asking(self) -> bool:
        """Whether a store was asked and has not answered yet."""
        return any(probe.is_asking for probe in self.probes.values())

    def health(self) -> Health:
        """Return the latest state that is known."""
        status = self._status()
        known = {probe.code for probe in self.probes.values()}
        problems = {problem.code for problem in status.general_problems}
        if None not in known:
            problems -= ASKED
        reasons = {code for code in known if code} | problems
        if not status.opened:
            reasons.add(OPENING)
        if not reasons:
            return Health("ready")
        # Stores answer as well where the worker says that they are those of another library.
        is_away = bool(reasons & AWAY or any(known - {None}))
        return Health("unavailable" if is_away else "degraded", tuple(sorted(reasons)))
