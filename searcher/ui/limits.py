"""How much a visitor may ask of the server in a minute."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from searcher.errors import TooManyCalls

WINDOW_S = 60.0
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
                raise TooManyCalls(
                    f"That was {self._calls} within a minute, which is what each visitor may ask "
                    f"for: try again in {wait} s."
                )
            times.append(now)
