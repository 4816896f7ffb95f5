"""An id for each request: in the log's lines, the answer's header, and the message of a failure."""

import re
import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.config.logs import request_id as _current

HEADER = "X-Request-ID"
KEY = "twinlens.request"  # in a request's scope
GIVEN = re.compile(r"[\w.-]{1,64}", re.ASCII)  # by a trusted proxy


class RequestIds:
    """ASGI middleware that gives each request an id, or takes that of a trusted proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")  # Forwarded drops those of anybody else
        request_id = given if GIVEN.fullmatch(given) else secrets.token_hex(6)
        scope[KEY] = request_id
        _current.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)


def current() -> str:
    """Return the id of the current request; "" outside of requests."""
    return _current.get()


def resume(request: Any) -> None:
    """Make a call's request the current one again: Gradio's queue runs calls in other tasks.

    Args:
        request: A gr.Request, or a list that begins with one.
    """
    first = request[0] if isinstance(request, list) and request else request
    inner = getattr(first, "request", None)
    if inner is not None:
        _current.set(inner.scope.get(KEY, ""))
