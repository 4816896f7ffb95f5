"""Per-client rate limiting, daily budgets, and a rate-limited log."""

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
COSTLY = "costly: "  # prefix of the concurrency_id of events that take seconds
LOG_LINES = 60
LOG_LETTERS = 200
VISITORS = 10_000  # tracked; beyond, the least recently active are dropped


class RateLimit:
    """At most `calls` calls of one visitor within any minute. Thread-safe."""

    def __init__(self, calls: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`calls` of 0 means no limit; `clock` returns seconds."""
        self._calls = calls
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def charge(self, visitor: str, calls: int = 1) -> None:
        """Count calls, at most as many as are allowed within a minute.

        Raises:
            TooManyCalls: If they exceed the limit, with the seconds to wait; none is counted.
        """
        calls = min(calls, self._calls)
        if not calls:
            return
        with self._lock:
            now = self._clock()
            times = self._times.setdefault(visitor, deque())
            self._times.move_to_end(visitor)
            while len(self._times) > VISITORS:
                self._times.popitem(last=False)
            while times and times[0] <= now - WINDOW_S:
                times.popleft()
            excess = len(times) + calls - self._calls
            if excess > 0:
                wait = math.ceil(times[excess - 1] + WINDOW_S - now)
                raise TooManyCalls("rate.calls", calls=self._calls, wait=wait)
            times.extend([now] * calls)


class Budget:
    """At most `amount` of something, such as bytes, for one visitor within any day. Thread-safe."""

    def __init__(self, amount: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`amount` of 0 means no limit; `clock` returns seconds."""
        self._amount = amount
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()

    def spend(self, visitor: str, amount: int) -> bool:
        """Count an amount; if it exceeds the budget, count nothing and return False."""
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
    """Return the options of an event that takes seconds: one at a time of each kind."""
    return {"concurrency_id": COSTLY + kind, "concurrency_limit": 1}


class LimitedLog:
    """Logs client errors, one line each, up to a limit per minute."""

    def __init__(self, log: logging.Logger, lines: int = LOG_LINES) -> None:
        """`lines` is the limit per minute; the next line tells how many were omitted."""
        self._log = log
        self._limit = RateLimit(lines)
        self._omitted = 0

    def warn(self, text: str) -> None:
        """Log a line, unless the limit is reached."""
        try:
            self._limit.charge("")
        except TooManyCalls:
            self._omitted += 1
            return
        omitted, self._omitted = self._omitted, 0
        more = f" (and {omitted} more that are not written)" if omitted else ""
        self._log.warning("%s%s", printable(text)[:LOG_LETTERS], more)
