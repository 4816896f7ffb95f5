"""Parsing and validation of a call's JSON body, before Gradio sees it."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from searcher.errors import TwinlensError

MAX_DEPTH = 32
MAX_TEXT = 200_000  # characters; a recent query's picture has up to 100,000
MAX_PATH, MAX_PART = 1000, 255  # characters of a path, bytes of one name in it
MAX_KEY = 100  # characters of the id of a session or a call
MAX_VALUES = 100  # in one call


class BadCall(TwinlensError):
    """A call that is refused with an HTTP `status`."""

    def __init__(self, status: int, code: str, /, **params: object) -> None:
        super().__init__(code, **params)
        self.status = status


async def read_body(receive: Receive) -> bytes:
    """Return a request's whole body; BodyLimit has limited its size.

    Raises:
        ClientDisconnect: If the connection closes before the end.
    """
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Return an ASGI receive function that returns the body again, then what `receive` does."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


def parse(body: bytes) -> dict[str, Any]:
    """Return a call's JSON object.

    Raises:
        BadCall: If it is not a JSON object, is nested too deep, or contains a number that is not
            finite, a text that is too long, a lone surrogate, which can't be encoded, or a null
            character, which no file name may have.
    """
    try:
        call = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):  # ValueError also for numbers with too many digits
        raise BadCall(400, "call.json") from None
    if not isinstance(call, dict):
        raise BadCall(400, "call.object")
    _examine(call)
    return call


def check_fields(call: dict[str, Any]) -> None:
    """Raise BadCall if a field that Gradio reads has the wrong type."""
    for name in ("session_hash", "event_id"):
        value = call.get(name)
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= MAX_KEY):
            raise BadCall(400, "call.text_field", field=name, most=MAX_KEY)
    for name in ("fn_index", "trigger_id"):
        value = call.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise BadCall(400, "call.number_field", field=name)
    if call.get("batched"):
        raise BadCall(400, "call.batched")


def check_values(call: dict[str, Any], fewest: int) -> None:
    """Raise BadCall if a call has too few or too many values."""
    values = call.get("data")
    if not isinstance(values, list) or not fewest <= len(values) <= MAX_VALUES:
        raise BadCall(400, "call.values", fewest=fewest)


def _examine(call: Any) -> None:
    # Level by level, since recursion would fail on deep nesting.
    level: list[Any] = [call]
    for _ in range(MAX_DEPTH):
        next_level: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                _examine_path(value.get("path"))
                next_level += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                next_level += value
            elif isinstance(value, str):
                _examine_text(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise BadCall(400, "call.number_too_large")
        if not next_level:
            return
        level = next_level
    raise BadCall(400, "call.too_deep")


def _examine_path(path: Any) -> None:
    """Raise BadCall for a path that no file can have, for which Gradio would fail."""
    if isinstance(path, str) and not path.startswith(("http://", "https://")):
        parts = path.encode("utf-8", "replace").split(b"/")
        if len(path) > MAX_PATH or max(len(part) for part in parts) > MAX_PART:
            raise BadCall(400, "call.path_too_long")


def _examine_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise BadCall(400, "call.text_too_long")
    try:
        has_null = b"\0" in text.encode("utf-8")
    except UnicodeEncodeError:
        has_null = True
    if has_null:
        raise BadCall(400, "call.character")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
