"""Server-sent events: open pages are notified when the worker's status changes.

A page then requests the new status. Beyond the limit of streams, pages poll the status version
instead.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from searcher.library.worker import Worker
from searcher.ui.security.proxies import client_address

HEARTBEAT_S = 25.0  # many proxies close connections idle for 30 to 60 s
MAX_STREAMS = 1000
MAX_STREAMS_PER_ADDRESS = 200  # of one address
# While pictures are indexed the status changes many times a second. One page's refresh takes 10 ms
# of processor time; these pauses keep all pages together below a quarter of one core.
PAUSE_S = 1.0
PAUSE_PER_STREAM_S = 0.04


class Announcements:
    """The version of the worker's status, and the streams that wait for the next.

    Belongs to the event loop; only `_changed` is called by another thread.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()  # replaced each time
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0  # loop time of the latest announcement
        self._streams: Counter[str] = Counter()
        self._watcher: asyncio.Task[None] | None = None
        self._ended = False
        self.version = worker.status.version
        worker.on_change(self._changed)

    def has_room(self, address: str) -> bool:
        """Whether one more stream may be opened by a client address."""
        return (
            self._streams.total() < MAX_STREAMS and self._streams[address] < MAX_STREAMS_PER_ADDRESS
        )

    async def messages(self, address: str, end: asyncio.Event) -> AsyncIterator[str]:
        """Yield server-sent events: the current version, each new one, and heartbeats.

        Args:
            address: The client's address, for the limit per address.
            end: Set when the server shuts down, which ends the stream.

        Yields:
            Events as text, `data: VERSION` and an empty line.
        """
        self._loop = asyncio.get_running_loop()
        self._watcher = self._watcher or asyncio.create_task(self._watch(end))
        self._streams[address] += 1
        try:
            while not self._ended:
                news = self._news
                yield f"data: {self.version}\n\n"
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT_S)
        finally:
            self._streams[address] -= 1
            self._streams += Counter()  # drops addresses without streams

    def _changed(self) -> None:
        """Schedule an announcement; called by the worker's thread."""
        self.version = self._worker.status.version
        if self._loop is not None:
            with suppress(RuntimeError):  # the server has ended
                self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        if self._timer is None:
            assert self._loop is not None
            pause = max(PAUSE_S, self._streams.total() * PAUSE_PER_STREAM_S)
            self._timer = self._loop.call_at(self._last + pause, self._announce)

    def _announce(self) -> None:
        assert self._loop is not None
        self._timer = None
        self._last = self._loop.time()
        self._news.set()
        self._news = asyncio.Event()

    async def _watch(self, end: asyncio.Event) -> None:
        await end.wait()
        self._ended = True
        self._news.set()


def add_routes(app: Any, worker: Worker) -> None:
    """Add the routes /twinlens/events (stream) and /twinlens/version (for polling).

    Args:
        app: Gradio's web app; its middleware applies to these routes too.
        worker: The source of the status.
    """
    announcements = Announcements(worker)

    async def events(request: Request) -> Response:
        address = client_address(request)
        if not announcements.has_room(address):
            return Response(status_code=204)  # tells EventSource not to reconnect
        return StreamingResponse(
            announcements.messages(address, app.stop_event),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def version(request: Request) -> Response:
        tag = f'"{announcements.version}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(announcements.version, media_type="text/plain", headers=headers)

    routes = [Route("/twinlens/events", events), Route("/twinlens/version", version)]
    app.router.routes[:0] = routes
