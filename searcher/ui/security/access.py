"""Authentication and security headers."""

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.messages.message import message as make_message
from searcher.ui.requests.refusals import http_error
from searcher.ui.security import proxies

WINDOW_S = 60.0
MAX_TRACKED = 10_000  # names and addresses with failed logins
MAX_DELAY_S = 8.0
# Failed logins a minute before the next is delayed, and how many delayed ones may wait: of one
# name from one address, and of one name or one address.
PAIR_LIMIT, SINGLE_LIMIT = (10, 2), (100, 20)
FILE_ROUTE = re.compile(r"/file[=/]")
# Media types that a browser shows without running code in them.
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
FILE_POLICY = "sandbox; default-src 'none'"

Check = Callable[[str, str], bool]
AsyncCheck = Callable[[str, str], Awaitable[bool]]


def login(accounts: Sequence[tuple[str, str]]) -> Check:
    """Return a function that checks a name and a password in constant time.

    Args:
        accounts: Pairs of name and password.
    """
    digests = [_digest(name, password) for name, password in accounts]

    def check(name: str, password: str) -> bool:
        digest = _digest(name, password)
        # All are compared, so that the time does not depend on the match.
        return sum([hmac.compare_digest(digest, stored) for stored in digests]) > 0

    return check


def _digest(name: str, password: str) -> bytes:
    """Return a SHA-256 of name and password; the length prefix separates the two."""
    encoded = name.encode("utf-8", "replace")
    whole = len(encoded).to_bytes(8) + encoded + password.encode("utf-8", "replace")
    return hashlib.sha256(whole).digest()


def throttled(check: Check, clock: Callable[[], float] = time.monotonic) -> AsyncCheck:
    """Return an asynchronous version of a check that slows down password guessing.

    Failed logins are counted by address, by name, and by both. Beyond a number of free attempts
    each next one is delayed, up to 8 s, and few may wait at once: programs get about ten attempts
    a minute, while a user with the right password can still log in during an attack.

    Args:
        check: From `login`.
        clock: Returns seconds.

    Returns:
        A coroutine function that raises HTTPException with status 429 when too many attempts wait.
    """
    wrong: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
    waiting: Counter[tuple[str, str]] = Counter()

    def delay(key: tuple[str, str], free: int) -> float:
        times = wrong.get(key, deque())
        while times and times[0] <= clock() - WINDOW_S:
            times.popleft()
        return min(2.0 ** (len(times) - free), MAX_DELAY_S) if len(times) >= free else 0.0

    async def attempt(name: str, password: str) -> bool:
        address, name_key = proxies.current.get(), name[:100]
        limits = {
            (address, name_key): PAIR_LIMIT,
            (address, ""): SINGLE_LIMIT,
            ("", name_key): SINGLE_LIMIT,
        }
        delays = {key: s for key, (free, _) in limits.items() if (s := delay(key, free))}
        if any(waiting[key] >= limits[key][1] for key in delays):
            raise http_error(429, make_message("rate.logins", wait=round(MAX_DELAY_S)))
        if delays:
            waiting.update(delays.keys())
            try:
                await asyncio.sleep(max(delays.values()))
            finally:
                waiting.subtract(delays.keys())
                for key in delays:
                    if not waiting[key]:
                        del waiting[key]
        if check(name, password):
            return True
        for key in limits:
            wrong.setdefault(key, deque()).append(clock())
            wrong.move_to_end(key)
        while len(wrong) > MAX_TRACKED:
            wrong.popitem(last=False)
        return False

    return attempt


def security_headers(frames: Sequence[str] = (), nonce: str = "") -> dict[str, str]:
    """Return the headers of every response.

    The policy needs 'unsafe-eval', because Gradio compiles its `js` options and the `js_on_load` of
    HTML components in the browser, and 'unsafe-inline' for styles, because its components set
    style attributes.

    Args:
        frames: Origins that may frame the page.
        nonce: Of the page's inline scripts.
    """
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": " ".join(["'self' data: blob:", *frames]),
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(["'self'", *frames]),
    }
    return {
        "Content-Security-Policy": "; ".join(
            f"{name} {allowed}" for name, allowed in policy.items()
        ),
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


class SecurityHeaders:
    """ASGI middleware that adds security headers, without buffering responses.

    It puts a new nonce for the page's inline scripts into the scope, as "nonce". Files get a policy
    under which no scripts run. Cookies are SameSite=Lax, or partitioned where the page may be
    framed, and are sent below the app's own path only.
    """

    def __init__(self, app: ASGIApp, frames: Sequence[str] = (), root: str = "") -> None:
        self._app = app
        self._frames = frames
        self._root = root or "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = scope["nonce"] = secrets.token_urlsafe(16)
        framed = bool(self._frames)
        secure = framed or scope["scheme"] == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(self._frames, nonce).items():
                    headers[name] = value
                if FILE_ROUTE.search(scope["path"]):
                    _restrict_file(headers)
                for index, (key, cookie) in enumerate(headers.raw):
                    if key == b"set-cookie":
                        text = cookie.decode("latin-1")
                        restricted = _restrict_cookie(text, framed, secure, self._root)
                        headers.raw[index] = (key, restricted.encode("latin-1"))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _restrict_file(headers: MutableHeaders) -> None:
    headers["Content-Security-Policy"] = FILE_POLICY
    if headers.get("content-type", "").partition(";")[0] not in INLINE_TYPES:
        parameters = headers.get("content-disposition", "attachment").partition(";")
        headers["Content-Disposition"] = ";".join(["attachment", *filter(None, parameters[2:])])
        headers["Content-Type"] = "application/octet-stream"


def _restrict_cookie(cookie: str, framed: bool, secure: bool, path: str) -> str:
    attributes = [
        part
        for part in cookie.split("; ")
        if not re.match(r"(samesite=|path=|secure$|partitioned$)", part, re.IGNORECASE)
    ]
    attributes += [f"Path={path}", "SameSite=None" if framed else "SameSite=Lax"]
    attributes += ["Secure"] * secure + ["Partitioned"] * framed
    return "; ".join(attributes)
