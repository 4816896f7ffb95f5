"""The query of a tab in one session, which several events may change at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from searcher.ui.requests.page_query import PageQuery


class Change:
    """One change of a query, and what became of it.

    Attributes:
        old: The query before.
        new: The query after.
    """

    def __init__(self, live: "LiveQuery", old: PageQuery, new: PageQuery) -> None:
        self._live = live
        self.old = old
        self.new = new

    def is_latest(self, answered: PageQuery) -> bool:
        """Whether no other event has changed the query since; if so, store it as answered.

        Args:
            answered: The new query, with what its answer has added to it.
        """
        return self._live.exchange(self.new, answered)


class LiveQuery:
    """Holds a query. Clicks in quick succession are answered in parallel; none may be lost.

    Attributes:
        query: The query.
        boxed: Names the latest picture that the page's address has put into the picture box.
            Events of earlier ones come too late.
    """

    def __init__(self, query: PageQuery | None = None) -> None:
        self._lock = threading.Lock()
        self.query = query or PageQuery()
        self.boxed = ""

    def __deepcopy__(self, memo: object) -> "LiveQuery":
        """Return a copy with a lock of its own: Gradio copies the initial value for a session."""
        return LiveQuery(self.query)

    @contextmanager
    def changing(self, change: Callable[[PageQuery], PageQuery]) -> Iterator[Change]:
        """Change the query, and undo that if the block raises, unless there was a later change."""
        with self._lock:
            old = self.query
            new = self.query = change(old)
        try:
            yield Change(self, old, new)
        except BaseException:
            self.exchange(new, old)
            raise

    def exchange(self, expected: PageQuery, query: PageQuery) -> bool:
        """Store a query unless it is another than expected by now; return whether it was stored."""
        with self._lock:
            is_expected = self.query is expected
            if is_expected:
                self.query = query
            return is_expected
