"""Protection against cross-site requests and DNS rebinding."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.messages.message import message
from searcher.ui.requests.refusals import refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHARED_HOSTS = "*.gradio.live"  # of Gradio's links
SAFE_METHODS = frozenset({"GET", "HEAD"})
# What other sites may link to, and the files of the page itself.
LINKED = re.compile(r"/|/(assets|static)/.*|/favicon\.ico|/robots\.txt|/manifest\.json|/pwa_icon.*")
DEFAULT_PORTS = {"http": 80, "https": 443}


class Origins:
    """ASGI middleware that refuses requests of other sites with status 403.

    Browsers send the origin of the requesting page in Origin, Sec-Fetch-Site or Referer. Programs
    send none of these and are accepted. The Host header must be one of `names`, if there are any,
    since with DNS rebinding another site's page has the same origin as this server.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str], page_hosts: Sequence[str] = ()) -> None:
        """Wrap an app.

        Args:
            app: The ASGI app.
            names: The accepted Host names; empty for any. `*.example` are all names below one.
            page_hosts: Further host names that the page has in browsers. Those that begin with
                `*.` have no effect: below them may be pages of others.
        """
        self._app = app
        self._names = frozenset(names)
        self._page_hosts = frozenset(page_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        code = self._wrong_host(headers) or self._foreign(scope, headers)
        if code and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif code:
            await refusal(scope, 403, message(code))(scope, receive, send)
        else:
            # Gradio would allow any origin that it sees, by CORS headers.
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"origin"]
            await self._app(scope, receive, send)

    def _wrong_host(self, headers: Headers) -> str:
        if not self._names:
            return ""
        for host in headers.getlist("host") + headers.getlist("x-forwarded-host"):
            if not _is_among(_name(f"//{host}"), self._names):
                return "http.host"
        return "" if headers.get("host") else "http.no_host"

    def _foreign(self, scope: Scope, headers: Headers) -> str:
        path = scope["path"]
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if not changes and LINKED.fullmatch(path):
            return ""
        site = headers.get("sec-fetch-site", "")
        source = headers.get("origin")
        if source is None and not site:
            source = headers.get("referer")
        if source is not None:
            same_origin = self._is_same_origin(source, headers)
        else:
            same_origin = site in ("", "same-origin", "none")
        return "" if same_origin else "http.foreign_page"

    def _is_same_origin(self, source: str, headers: Headers) -> bool:
        hosts = headers.getlist("host") + headers.getlist("x-forwarded-host")
        scheme = source.partition(":")[0].lower()
        targets = {_host_and_port(f"{scheme}://{host}") for host in hosts}
        origin = _host_and_port(source)
        return origin is not None and (origin in targets or _name(source) in self._page_hosts)


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_among(name: str | None, names: frozenset[str]) -> bool:
    """Whether a name is one of `names`, or below one that begins with `*.`."""
    parts = (name or "").split(".")
    above = {f"*.{'.'.join(parts[number:])}" for number in range(1, len(parts))}
    return name in names or not above.isdisjoint(names)


def _host_and_port(address: str) -> tuple[str, int] | None:
    """Return host and port, without the scheme, which differs behind a TLS proxy."""
    try:
        parts = urlsplit(address)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
