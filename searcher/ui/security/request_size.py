"""Size limits of requests: URLs, headers, JSON documents, uploads."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from searcher.messages.message import Message, message
from searcher.ui.requests.arguments import MAX_FILES
from searcher.ui.requests.refusals import refusal
from searcher.ui.security.file_sizes import FileLimits

MB = 2**20
ADDRESS_BYTES = 8192
HEADER_BYTES = 32_768  # uvicorn limits only headers that arrive in several parts
DOCUMENT_MB = 4
DRAIN_S = 2.0  # how long the rest of a refused body is read, so that the client gets the response


def body_limit(limits: FileLimits) -> Callable[[str, str], int]:
    """Return a function from a request's path and content type to the maximum size of its body.

    Only uploads are large. MCP calls contain pictures as base64 within JSON.

    Args:
        limits: Of single files.
    """

    def limit(path: str, content_type: str) -> int:
        if path.endswith("/upload") and content_type.startswith("multipart/form-data"):
            return (max(limits.picture_mb * MAX_FILES, limits.largest_mb) + 1) * MB
        if "/gradio_api/mcp" in path:
            return max(DOCUMENT_MB, limits.picture_mb * 4 // 3 + 1) * MB
        return DOCUMENT_MB * MB

    return limit


class BodyLimit:
    """ASGI middleware that refuses oversized requests with 413, 414 or 431, without buffering.

    Of a request that the app refuses, the body is read to its end first.
    """

    def __init__(self, app: ASGIApp, limit: Callable[[str, str], int]) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > ADDRESS_BYTES:
            await _refuse(scope, 414, message("http.address_too_long"))(scope, receive, send)
            return
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES:
            await _refuse(scope, 431, message("http.headers_too_long"))(scope, receive, send)
            return
        limit = self._limit(scope["path"], headers.get("content-type", "").lower())
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            if _sends_body(headers):
                await drain(receive)
            await _too_long(scope, limit)(scope, receive, send)
            return
        await _CountedRequest(limit, scope, receive, send).run(self._app)


class _CountedRequest:
    """One request whose body is measured while it is read."""

    def __init__(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        self._limit, self._scope, self._receive, self._send = limit, scope, receive, send
        self._read = 0
        self._started = False
        self._exceeded = False
        self._has_more = _sends_body(Headers(scope=scope))

    async def run(self, app: ASGIApp) -> None:
        try:
            await app(self._scope, self.receive, self.send)
        except _TooLong:
            pass
        if self._exceeded and not self._started:
            await drain(self._receive)
            answer = _too_long(self._scope, self._limit)
            await answer(self._scope, self._receive, self._send)

    async def receive(self) -> Part:
        part = await self._receive()
        self._read += len(part.get("body", b""))
        self._has_more = part.get("more_body", False)
        if self._read > self._limit:
            self._exceeded = True
            raise _TooLong
        return part

    async def send(self, part: Part) -> None:
        # Drop a response that was made from half a body.
        if self._exceeded and not self._started:
            return
        if self._has_more and not self._started and part.get("status", 0) >= 400:
            await drain(self._receive)
        self._started = True
        await self._send(part)


def _sends_body(headers: Headers) -> bool:
    """Whether a body follows without being asked for."""
    declared = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return declared and "expect" not in headers


class _TooLong(Exception):
    pass


def _too_long(scope: Scope, limit: int) -> Response:
    return _refuse(scope, 413, message("http.body_too_long", mb=limit // MB))


def _refuse(scope: Scope, status: int, reason: Message) -> Response:
    return refusal(scope, status, reason, {"Connection": "close"})


async def drain(receive: Receive) -> None:
    """Read the rest of a body for DRAIN_S: closed at once, a sending client sees only a reset."""
    try:
        async with asyncio.timeout(DRAIN_S):
            while (part := await receive())["type"] == "http.request":
                if not part.get("more_body"):
                    return
    except TimeoutError:
        return
