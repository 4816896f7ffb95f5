"""Validation of calls before they reach Gradio, so that none fails inside it."""

import json
import logging
import re
from contextlib import nullcontext
from typing import Any

import gradio as gr
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.messages.message import message
from searcher.ui import gradio_internals as inside
from searcher.ui.monitoring import request_ids
from searcher.ui.requests.refusals import refusal
from searcher.ui.security.call_body import (
    BadCall,
    check_fields,
    check_values,
    parse,
    read_body,
    replay,
)
from searcher.ui.security.direct_calls import DirectCalls, most_at_once
from searcher.ui.security.limits import COSTLY, LimitedLog
from searcher.ui.security.proxies import client_address

log = logging.getLogger(__name__)

MAX_WAITING = 24  # waiting or running calls of one visitor
MAX_IN_ALL = 32  # calls of all visitors that wait in Gradio's queue, and as many direct ones
MAX_COSTLY = 6  # of these, calls that take seconds
API_ROUTE = re.compile(r".*/gradio_api/(?P<route>.*?)/?")
CALL_ROUTE = re.compile(r"(?P<kind>run|api|call/v2|call)/(?P<name>[^/]+)")
DIRECT = ("run", "api")  # bypass the queue
NAMED_ROUTE = "call/v2"  # passes values by name
ANSWER_ROUTE = re.compile(r"call/(v2/)?[^/]+/(?P<event>[^/]+)")


class CallGuard:
    """ASGI middleware that answers bad calls with a 4xx status, a sentence and one log line.

    It refuses what Gradio would fail at: invalid or too large JSON, unknown functions, missing
    values, unknown sessions, and too many calls of one visitor. Other failures are logged once.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks) -> None:
        self._app = app
        self._page = page
        self._direct = DirectCalls()
        self._refusals = LimitedLog(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_on(part: Message) -> None:
            nonlocal started
            if part["type"] == "http.response.start":
                started = True
                if part["status"] == 500 and scope.get(inside.REFUSED_KEY):
                    part["status"] = 400  # Gradio answers every failed direct call with 500
            await send(part)

        inside.set_request_context(scope)
        try:
            receive, direct = await self._examine(scope, receive)
        except BadCall as call:
            await self._refuse(call, scope)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        turn = self._direct.turn(client_address(scope), direct) if direct else nullcontext()
        try:
            async with turn:
                await self._app(scope, receive, send_on)
        except ClientDisconnect:
            pass
        except Exception as error:
            answer = self._fail(error, scope)
            if not started:
                await answer(scope, receive, send)

    def _refuse(self, call: BadCall, scope: Scope) -> Response:
        self._refusals.warn(f"refused {scope['path']}: {call}")
        return refusal(scope, call.status, call.message)

    def _fail(self, error: Exception, scope: Scope) -> Response:
        if f"/{NAMED_ROUTE}/" in scope["path"] and isinstance(error, inside.UNREADABLE):
            return self._refuse(BadCall(400, "request.values"), scope)
        log.error("%s %s failed", scope["method"], scope["path"][:200], exc_info=error)
        failure = message("server.failed", request=request_ids.current())
        return refusal(scope, 500, failure)

    async def _examine(
        self, scope: Scope, receive: Receive
    ) -> tuple[Receive, inside.BlockFunction | None]:
        """Return the request's body, and the function if it is called without the queue."""
        match = API_ROUTE.fullmatch(scope["path"])
        if not match:
            return receive, None
        route = match["route"]
        if scope["method"] == "GET":
            self._examine_wait(route, scope)
        call_match = CALL_ROUTE.fullmatch(route)
        if scope["method"] != "POST" or not (
            call_match or route in ("queue/join", "cancel", "reset")
        ):
            return receive, None
        direct = None
        body = await read_body(receive)
        call = parse(body)
        if call_match and call_match["kind"] == NAMED_ROUTE:
            self._examine_queue(self._function(call_match["name"], None), scope)
        else:
            check_fields(call)
            if call_match or route == "queue/join":
                is_direct = bool(call_match and call_match["kind"] in DIRECT)
                name = call_match["name"] if call_match else None
                function = self._examine_call(name, call, scope, is_direct)
                if _complete(function, call):
                    body = json.dumps(call).encode()
                direct = function if is_direct else None
        return replay(body, receive), direct

    def _examine_wait(self, route: str, scope: Scope) -> None:
        """Raise BadCall for a request that waits for an unknown call or session."""
        if route == "queue/data":
            session = QueryParams(scope["query_string"]).get("session_hash") or ""
            exists = inside.has_session(self._page, session)
        elif match := ANSWER_ROUTE.fullmatch(route):
            exists = inside.has_event(self._page, match["event"])
        else:
            return
        if not exists:
            raise BadCall(404, "call.forgotten")

    def _examine_call(
        self, name: str | None, call: dict[str, Any], scope: Scope, direct: bool
    ) -> inside.BlockFunction:
        if name is None and (call.get("session_hash") is None or call.get("fn_index") is None):
            raise BadCall(400, "call.session")
        function = self._function(name, call.get("fn_index"))
        if direct and function.queue:
            raise BadCall(404, "call.queued", name=function.api_name)
        defaults = len(inside.default_values(function))
        check_values(call, inside.fewest_values(function) - defaults)
        self._examine_queue(function, scope, direct)
        return function

    def _function(self, name: str | None, number: int | None) -> inside.BlockFunction:
        function = inside.endpoint(self._page, name, number)
        if function is None:
            raise BadCall(404, "http.not_found")
        return function

    def _examine_queue(
        self, function: inside.BlockFunction, scope: Scope, direct: bool = False
    ) -> None:
        visitor = client_address(scope)
        pending = [
            other
            for request, other in inside.active_calls(self._page)
            if client_address(request.scope) == visitor
        ]
        pending += self._direct.of(visitor)
        waiting = self._direct.waiting if direct else inside.waiting_calls(self._page)
        if waiting >= MAX_IN_ALL and (most_at_once(function) or not direct):
            raise BadCall(503, "rate.busy")
        heavy = sum(other.concurrency_id.startswith(COSTLY) for other in pending)
        if len(pending) >= MAX_WAITING or (
            function.concurrency_id.startswith(COSTLY) and heavy >= MAX_COSTLY
        ):
            raise BadCall(429, "rate.waiting")


def _complete(function: inside.BlockFunction, call: dict[str, Any]) -> bool:
    """Add the defaults of an endpoint's values that a call leaves out; return whether there are."""
    missing = inside.fewest_values(function) - len(call["data"])
    if missing > 0:
        call["data"] += inside.default_values(function)[-missing:]
    return missing > 0
