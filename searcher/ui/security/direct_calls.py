"""Calls that bypass Gradio's queue: their number per visitor, and their turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from searcher.ui.gradio_internals import BlockFunction


def most_at_once(function: BlockFunction) -> int:
    """Return an event's `concurrency_limit`; 0 for short events, which have no number as such."""
    limit = function.concurrency_limit
    return limit if isinstance(limit, int) else 0


class DirectCalls:
    """The direct calls in progress. Belongs to the event loop.

    Gradio's queue adds two requests to a call. An event that does without it is still limited: it
    waits here until fewer than its `concurrency_limit` with its `concurrency_id` run.
    """

    def __init__(self) -> None:
        self._calls: list[tuple[str, BlockFunction]] = []
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Number of calls of all visitors that wait for their turn."""
        return self._waiting

    def of(self, visitor: str) -> list[BlockFunction]:
        """Return the waiting and running functions of a visitor."""
        return [function for other, function in self._calls if other == visitor]

    @asynccontextmanager
    async def turn(self, visitor: str, function: BlockFunction) -> AsyncIterator[None]:
        """Wait for the turn of a call, and count it until the with block ends.

        Short ones neither wait nor count.
        """
        limit = most_at_once(function)
        if not limit:
            yield
            return
        call = (visitor, function)
        slots = self._slots.setdefault(function.concurrency_id, asyncio.Semaphore(limit))
        self._calls.append(call)
        try:
            self._waiting += 1
            try:
                await slots.acquire()
            finally:
                self._waiting -= 1
            try:
                yield
            finally:
                slots.release()
        finally:
            self._calls.remove(call)
