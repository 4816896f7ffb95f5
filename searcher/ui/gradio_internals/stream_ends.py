"""The end of a page's stream of answers, after which the page opens another for its next call.

Gradio ends the stream of a session that has no call. A page that hears of the end after the server
has accepted another call waits for its answer in the stream that has ended, and gets none.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTE = "/gradio_api/queue/data"
LAST = b'"msg":"close_stream"'
SETTLE_S = 0.025  # in which a page hears of an end that was sent; a call's two requests take 10 ms
LONGEST_S = 5.0  # that an end may take; browsers that vanish are noticed sooner


class StreamEnds:
    """The sessions whose streams are just ending. Belongs to the event loop."""

    def __init__(self) -> None:
        self._ending: dict[str, asyncio.Event] = {}

    @contextmanager
    def ending(self, session: str) -> Iterator[None]:
        """Have `settled` wait for the end of the block, and a moment longer."""
        event = self._ending[session] = asyncio.Event()

        def end() -> None:
            event.set()
            if self._ending.get(session) is event:
                del self._ending[session]

        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(SETTLE_S, end)

    async def settled(self, session: str | None) -> None:
        """Return once no stream of a session is ending."""
        if event := self._ending.get(session or ""):
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), LONGEST_S)


class WithStreamEnds:
    """ASGI middleware that notes in `StreamEnds` when a stream ends."""

    def __init__(self, app: ASGIApp, ends: StreamEnds) -> None:
        self._app = app
        self._ends = ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].endswith(ROUTE):
            await self._app(scope, receive, send)
            return
        session = QueryParams(scope["query_string"]).get("session_hash") or ""

        async def send_on(part: Message) -> None:
            if LAST not in part.get("body", b""):
                await send(part)
                return
            with self._ends.ending(session):
                await send(part)

        await self._app(scope, receive, send_on)
