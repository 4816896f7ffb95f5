"""How much a visitor may ask of the server in a minute."""

import logging
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from searcher.errors import TooManyCalls
from searcher.images.sources import printable

WINDOW_S = 60.0
DAY_S = 86_400.0
COSTLY = "costly: "  # begins the concurrency_id of what takes the server seconds
LOG_LINES = 60
LOG_LETTERS = 200
VISITORS = 10_000  # remembered; beyond, those that were away longest are forgotten


class RateLimit:
    """At most `calls` calls of one visitor within any minute. Safe to use from several threads."""

    def __init__(self, calls: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`calls` of 0 is no limit; `clock` gives seconds."""
        self._calls = calls
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def charge(self, visitor: str) -> None:
        """Count one call. Raises TooManyCalls, which is not counted, with the seconds to wait."""
        if not self._calls:
            return
        with self._lock:
            now = self._clock()
            times = self._times.setdefault(visitor, deque())
            self._times.move_to_end(visitor)
            while len(self._times) > VISITORS:
                self._times.popitem(last=False)
            while times and times[0] <= now - WINDOW_S:
                times.popleft()
            if len(times) >= self._calls:
                wait = math.ceil(times[0] + WINDOW_S - now)
                raise TooManyCalls("rate.calls", calls=self._calls, wait=wait)
            times.append(now)


class Budget:
    """At most `amount` of something for one visitor within any day. Safe to use from threads."""

    def __init__(self, amount: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`amount` of 0 is no limit; `clock` gives seconds."""
        self._amount = amount
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()

    def spend(self, visitor: str, amount: int) -> bool:
        """Count that much; False, and nothing is counted, where it would be too much."""
        if not self._amount:
            return True
        with self._lock:
            now = self._clock()
            parts = self._spent.setdefault(visitor, deque())
            self._spent.move_to_end(visitor)
            while len(self._spent) > VISITORS:
                self._spent.popitem(last=False)
            while parts and parts[0][0] <= now - DAY_S:
                parts.popleft()
            if sum(part for _, part in parts) + amount > self._amount:
                return False
            if parts and parts[-1][0] > now - WINDOW_S:  # one entry a minute is enough
                began, spent = parts.pop()
                parts.append((began, spent + amount))
            else:
                parts.append((now, amount))
            return True


def costly(kind: str) -> dict[str, Any]:
    """Options of an event that takes the server seconds: one at a time of each kind in all."""
    return {"concurrency_id": COSTLY + kind, "concurrency_limit": 1}


class LimitedLog:
    """Writes what clients do wrong into the log, in one line each and not without end."""

    def __init__(self, log: logging.Logger, lines: int = LOG_LINES) -> None:
        """`lines` is how many are written within a minute; the next says how many were not."""
        self._log = log
        self._limit = RateLimit(lines)
        self._omitted = 0

    def warn(self, text: str) -> None:
        """Write a line, unless there were too many."""
        try:
            self._limit.charge("")
        except TooManyCalls:
            self._omitted += 1
            return
        omitted, self._omitted = self._omitted, 0
        more = f" (and {omitted} more that are not written)" if omitted else ""
        self._log.warning("%s%s", printable(text)[:LOG_LETTERS], more)
