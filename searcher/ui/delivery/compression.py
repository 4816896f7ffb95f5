"""Compression of whole text answers; streams of events and files pass as they are."""

import gzip
from functools import partial

import anyio.to_thread
import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENCODINGS = ("br", "gzip")  # the better one first
TEXT_TYPES = frozenset(
    "text/html text/css text/javascript application/javascript application/json image/svg+xml "
    "application/manifest+json".split()
)
MIN_BYTES = 860  # smaller answers fit into one packet anyway
IN_THREAD_BYTES = 100_000  # from which compression takes milliseconds, in a thread
QUALITY = 5  # of answers made for one request: 7 ms for the page, and a tenth of its size


def accepted_encoding(accept: str) -> str:
    """Return the best encoding of an Accept-Encoding header that this module has, or ""."""
    weights = {}
    for part in accept.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().removeprefix("q=").strip()
        try:
            weights[name.strip()] = float(weight or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    return next((name for name in ENCODINGS if weights.get(name, weights.get("*", 0.0)) > 0), "")


def compress(data: bytes, encoding: str, quality: int = QUALITY) -> bytes:
    """Compress bytes with an encoding of ENCODINGS; quality is from 1 to 9."""
    if encoding == "br":
        compressed: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality)
        return compressed
    return gzip.compress(data, quality, mtime=0)


class Compression:
    """ASGI middleware that compresses answers of text that are sent in one piece.

    What arrives in several pieces is passed on at once: a stream of events must not wait. An
    answer that has an encoding already, a part of a file or an error of the server stays as it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        encoding = accepted_encoding(",".join(Headers(scope=scope).getlist("accept-encoding")))
        start: Message | None = None  # held back until it is known whether its answer is whole

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_text(message):
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
                if encoding:
                    start = message
                    return
            elif start is not None:
                held, start = start, None
                message = await _compressed(held, message, encoding)
                await send(held)
            await send(message)

        await self._app(scope, receive, send_compressed)


def _is_text(start: Message) -> bool:
    headers = Headers(scope=start)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return start["status"] == 200 and kind in TEXT_TYPES and "content-encoding" not in headers


async def _compressed(start: Message, body: Message, encoding: str) -> Message:
    """Return the body of a whole answer compressed, and change the headers of its start."""
    data = body.get("body", b"")
    if body["type"] != "http.response.body" or body.get("more_body") or len(data) < MIN_BYTES:
        return body
    work = partial(compress, data, encoding)
    small = await anyio.to_thread.run_sync(work) if len(data) > IN_THREAD_BYTES else work()
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"] = encoding
    headers["Content-Length"] = str(len(small))
    tag = headers.get("etag", "")
    if tag.startswith('"'):  # another representation needs another strong tag
        headers["ETag"] = f"W/{tag}"
    return {**body, "body": small}
