"""Calls that bypass Gradio's queue: their number per visitor, and their turns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from searcher.ui.gradio_internals import BlockFunction


class DirectCalls:
    """The direct calls in progress. Belongs to the event loop.

    Gradio's queue adds two requests to a call. An event that does without it is still limited: it
    waits here until fewer than its `concurrency_limit` with its `concurrency_id` run.
    """

    def __init__(self) -> None:
        self._calls: list[tuple[str, BlockFunction]] = []
        self._slots: dict[str, asyncio.Semaphore] = {}

    def of(self, visitor: str) -> list[BlockFunction]:
        """Return the waiting and running functions of a visitor."""
        return [function for other, function in self._calls if other == visitor]

    @asynccontextmanager
    async def turn(self, visitor: str, function: BlockFunction) -> AsyncIterator[None]:
        """Wait for the turn of a call, and count it until the with block ends.

        Events without a number as `concurrency_limit` are short: they neither wait nor count.
        """
        limit = function.concurrency_limit
        if not isinstance(limit, int):
            yield
            return
        call = (visitor, function)
        self._calls.append(call)
        try:
            async with self._slots.setdefault(function.concurrency_id, asyncio.Semaphore(limit)):
                yield
        finally:
            self._calls.remove(call)
