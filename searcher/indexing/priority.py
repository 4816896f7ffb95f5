"""Who may use the processor: searches go before indexing, and one batch is embedded at a time."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

# A visitor who searched is likely to do it again, and short batches cost only 3 % with ResNet50.
LATELY_S = 60.0
LONGEST_S = 0.5  # many visitors slow indexing down, but never stop it


class PriorityGate:
    """Lets searches go before indexing. Safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queries = 0
        self._runs = 0
        self._begun = 0  # queries and runs since the start
        self._batch = threading.Lock()
        self._last = float("-inf")

    @contextmanager
    def query(self) -> Iterator[None]:
        """Wrap a search, which goes before indexing."""
        with self._changed:
            self._queries += 1
            self._begun += 1
        try:
            yield
        finally:
            with self._changed:
                self._queries -= 1
                self._last = time.monotonic()
                self._changed.notify_all()

    def yield_to_queries(self) -> bool:
        """Wait while searches are under way, at most LONGEST_S; say whether there was one lately.

        What is then begun should be short: it can't be interrupted.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._queries, LONGEST_S)
            return self._queries > 0 or time.monotonic() - self._last < LATELY_S

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Wrap an indexing run."""
        with self._changed:
            self._runs += 1
            self._begun += 1
        try:
            yield
        finally:
            with self._changed:
                self._runs -= 1

    def activity(self) -> int | None:
        """A number that changes with every query and run; None while one is under way."""
        with self._changed:
            return None if self._queries or self._runs else self._begun

    @property
    def is_indexing(self) -> bool:
        """Whether an indexing run is under way."""
        return self._runs > 0

    def batch(self) -> AbstractContextManager[object]:
        """Wrap the embedding of a batch: two at once would be no faster, and need twice the memory.

        Runs that are under way at the same time take turns.
        """
        return self._batch
