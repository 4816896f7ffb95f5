"""Limits of the server's connections: their number, and time-outs."""

import asyncio
import resource
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import h11
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 15.0  # from connecting, or from the last response, to the end of a request's headers
BODY_S = 20.0  # for a body, plus the time that it takes at BODY_BYTES_S
BODY_BYTES_S = 10_000  # bytes per second
WRITE_S = 60.0  # until the client reads more of a response
MAX_CONNECTIONS = 4000
MAX_PER_ADDRESS = 500  # each open page holds one or two
TARGET_FILES = 65_536
SPARE_FILES = 300  # for models, stores and uploads


def raise_file_limit() -> int:
    """Raise this process's limit of open files as far as allowed.

    Returns:
        How many connections fit, 50 to MAX_CONNECTIONS.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = TARGET_FILES if hard == resource.RLIM_INFINITY else min(hard, TARGET_FILES)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        soft = target
    return (
        MAX_CONNECTIONS
        if soft == resource.RLIM_INFINITY
        else max(50, min(MAX_CONNECTIONS, soft - SPARE_FILES))
    )


class Connections:
    """All open connections, and which of them are waiting for a request.

    At the limit, the connection that has waited longest is closed, so that many idle connections
    can't lock others out; if all are busy, the new one is closed.
    """

    def __init__(
        self,
        limit: int,
        limit_per_address: int = MAX_PER_ADDRESS,
        shared: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Set the limits.

        Args:
            limit: Connections in all.
            limit_per_address: Connections from one address.
            shared: Whether many visitors share an address, such as a proxy's.
        """
        self._limit = limit
        self._limit_per_address = limit_per_address
        self._shared = shared
        self._addresses: dict[Any, str] = {}
        self._count_by_address: Counter[str] = Counter()
        self._waiting: OrderedDict[Any, None] = OrderedDict()
        self._waiting_by_address: dict[str, OrderedDict[Any, None]] = {}

    def add(self, connection: "LimitedProtocol", address: str) -> bool:
        """Add a new connection; False if it does not fit."""
        full = len(self._addresses) >= self._limit
        candidates: OrderedDict[Any, None] | None = None
        if not self._shared(address) and self._count_by_address[address] >= self._limit_per_address:
            candidates = self._waiting_by_address.get(address, OrderedDict())
        elif full:
            candidates = self._waiting
        if candidates is not None:
            if not candidates:
                return False
            oldest = next(iter(candidates))
            self.remove(oldest)
            oldest.abort()
        self._addresses[connection] = address
        self._count_by_address[address] += 1
        self.wait(connection)
        return True

    def wait(self, connection: "LimitedProtocol") -> None:
        """Mark a connection as waiting for a request."""
        if address := self._addresses.get(connection):
            self._waiting[connection] = None
            self._waiting_by_address.setdefault(address, OrderedDict())[connection] = None

    def work(self, connection: "LimitedProtocol") -> None:
        """Mark a connection as busy with a request."""
        self._waiting.pop(connection, None)
        address = self._addresses.get(connection, "")
        if group := self._waiting_by_address.get(address):
            group.pop(connection, None)
            if not group:
                del self._waiting_by_address[address]

    def remove(self, connection: "LimitedProtocol") -> None:
        """Remove a closed connection."""
        self.work(connection)
        address = self._addresses.pop(connection, None)
        if address is not None:
            self._count_by_address[address] -= 1
            if not self._count_by_address[address]:
                del self._count_by_address[address]


class LimitedProtocol(H11Protocol):
    """uvicorn's protocol with a limited number of connections and time-outs for slow clients."""

    def __init__(self, connections: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = connections
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._body_began: float | None = None
        self._body_bytes = 0

    def abort(self) -> None:
        """Close at once, without flushing."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        if self._connections.add(self, self.client[0] if self.client else "unknown"):
            self._arm(HEAD_S)
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._arm(None)
        self._arm_write(None)
        self._connections.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._connections.work(self)
            self._body_began = None
        self._watch(len(data))

    def on_response_complete(self) -> None:
        """See H11Protocol."""
        before = self.cycle
        super().on_response_complete()
        if self.cycle is before:  # no pipelined request began
            self._connections.wait(self)
        self._body_began = None
        self._watch(0)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        super().pause_writing()
        self._arm_write(WRITE_S)

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        super().resume_writing()
        self._arm_write(None)

    def _watch(self, received: int) -> None:
        state = self.conn.their_state
        if self.transport.is_closing() or state not in (h11.IDLE, h11.SEND_BODY):
            self._arm(None)
        elif state is h11.SEND_BODY:
            if self._body_began is None:
                self._body_began, self._body_bytes = self.loop.time(), 0
            self._body_bytes += received
            spent = self.loop.time() - self._body_began
            self._arm(BODY_S + self._body_bytes / BODY_BYTES_S - spent)
        elif self._timer is None:
            self._arm(HEAD_S)

    def _arm(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._too_slow)

    def _arm_write(self, seconds: float | None) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
        if seconds is not None:
            self._write_timer = self.loop.call_later(seconds, self.abort)

    def _too_slow(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # the app reads slowly, not the client
            self._arm(BODY_S)
        else:
            self.abort()


class GracefulShutdown:
    """ASGI middleware that completes responses interrupted by the server's shutdown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = complete = False

        async def send_tracked(message: Message) -> None:
            nonlocal started, complete
            started = True
            complete = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, send_tracked)
        except asyncio.CancelledError:
            if scope["type"] != "http":
                raise
            if not started:
                await PlainTextResponse("The server is ending.", 503)(scope, receive, send)
            elif not complete:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
