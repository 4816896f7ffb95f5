"""Priority of searches over indexing; one batch is embedded at a time."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

# Seconds after a search in which batches stay short: visitors are likely to search again, and short
# batches cost only 3 % with ResNet50.
RECENT_S = 60.0
MAX_WAIT_S = 0.5  # of indexing for searches: many visitors slow it down, but never stop it


class PriorityGate:
    """Gives searches priority over indexing. Safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queries = 0
        self._runs = 0
        self._starts = 0  # of queries and runs
        self._batch = threading.Lock()
        self._last_end = float("-inf")

    @contextmanager
    def query(self) -> Iterator[None]:
        """Wrap a search, which has priority over indexing."""
        with self._changed:
            self._queries += 1
            self._starts += 1
        try:
            yield
        finally:
            with self._changed:
                self._queries -= 1
                self._last_end = time.monotonic()
                self._changed.notify_all()

    def yield_to_queries(self) -> bool:
        """Wait while searches are running, at most MAX_WAIT_S seconds.

        Returns:
            Whether a search is running or ended within RECENT_S seconds. The caller's next step
            should then be short, as it can't be interrupted.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._queries, MAX_WAIT_S)
            return self.has_queries

    @property
    def has_queries(self) -> bool:
        """Whether a search is running or ended within RECENT_S seconds."""
        return self._queries > 0 or time.monotonic() - self._last_end < RECENT_S

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Wrap an indexing run."""
        with self._changed:
            self._runs += 1
            self._starts += 1
        try:
            yield
        finally:
            with self._changed:
                self._runs -= 1

    def activity(self) -> int | None:
        """Return a number that every query and run changes; None while one is running."""
        with self._changed:
            return None if self._queries or self._runs else self._starts

    @property
    def is_indexing(self) -> bool:
        """Whether an indexing run is active."""
        return self._runs > 0

    def batch(self) -> AbstractContextManager[object]:
        """Wrap the embedding of a batch: two at once would be no faster, and need twice the memory.

        Simultaneous runs take turns.
        """
        return self._batch
