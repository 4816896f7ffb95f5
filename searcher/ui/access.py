"""Who may come in, and what browsers are told that this page may do."""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.errors import TooManyCalls
from searcher.ui.limits import RateLimit

ATTEMPTS = 10  # logins from one address within a minute; nobody mistypes more often
SPACES = "https://huggingface.co https://*.hf.space"
# Where a Space's page is framed, Gradio loads a script that fits the frame's height.
FRAME_SCRIPTS = "https://cdnjs.cloudflare.com"


def login(accounts: Sequence[tuple[str, str]]) -> Callable[[str, str], bool]:
    """Return what checks a name and a password, in a time that tells nothing about either."""
    known = [_digest(name, password) for name, password in accounts]

    def check(name: str, password: str) -> bool:
        given = _digest(name, password)
        # All are compared, whichever fits.
        return sum([hmac.compare_digest(given, digest) for digest in known]) > 0

    return check


def _digest(name: str, password: str) -> bytes:
    """Equally long for all; a name can't run over into its password."""
    encoded = name.encode("utf-8", "replace")
    whole = len(encoded).to_bytes(8) + encoded + password.encode("utf-8", "replace")
    return hashlib.sha256(whole).digest()


def security_headers(on_spaces: bool) -> dict[str, str]:
    """What every answer carries.

    Gradio's page has inline scripts and styles and compiles the scripts of its HTML parts, so
    those can't be forbidden; everything that comes from elsewhere or goes there is.
    """
    policy = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    if on_spaces:
        policy["frame-ancestors"] += f" {SPACES}"
        policy["connect-src"] += f" {SPACES}"
        policy["script-src"] += f" {FRAME_SCRIPTS}"
    return {
        "Content-Security-Policy": "; ".join(
            f"{name} {allowed}" for name, allowed in policy.items()
        ),
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


class SecurityHeaders:
    """ASGI middleware that adds headers; answers that are streamed stay streamed."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


class LoginLimit:
    """ASGI middleware that keeps programs from trying passwords by the thousand."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._limit = RateLimit(ATTEMPTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; too many logins with status 429."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith("/login"):
            try:
                # The peer's own address: what a header says could be another one each time.
                self._limit.charge(str((scope["client"] or ("",))[0]))
            except TooManyCalls as error:
                await JSONResponse({"detail": str(error)}, 429)(scope, receive, send)
                return
        await self._app(scope, receive, send)
