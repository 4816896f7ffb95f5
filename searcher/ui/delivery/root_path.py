"""The path below which a proxy has the app: removed for its middleware, put back for Gradio."""

from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.config.setting_types import Root
from searcher.ui.security.origins import SHARED_HOSTS
from searcher.ui.security.route_gate import is_route

# Gradio's MCP server calls this app over HTTP from this machine, and names itself so.
OWN_CLIENT = (b"x-gradio-user", b"mcp")
SHARED = SHARED_HOSTS.removeprefix("*").encode()


class WithoutRoot:
    """ASGI middleware that removes the prefix from paths, if a proxy has not done so already.

    Some proxies pass the prefix on and others remove it. `/twinlens` is also the beginning of some
    of the app's own paths, so what is a route only with its prefix keeps it.
    """

    def __init__(self, app: ASGIApp, root: Root) -> None:
        self._app = app
        self._root = root.path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._root and scope["type"] in ("http", "websocket"):
            path = scope["path"]
            inner = path.removeprefix(self._root)
            if inner != path and inner[:1] in ("", "/") and (is_route(inner) or not is_route(path)):
                scope = {**scope, "path": inner or "/"}
        await self._app(scope, receive, send)


class WithRoot:
    """ASGI middleware that gives requests the address that they have in the browser.

    Starlette and Gradio make absolute addresses of it, for redirects, files and programs.
    """

    def __init__(self, app: ASGIApp, root: Root) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope = self._resolve(scope)
        await self._app(scope, receive, send)

    def _resolve(self, scope: Scope) -> Scope:
        root = self._root
        resolved = {**scope, "path": root.path + scope["path"], "root_path": root.path}
        headers = scope["headers"]
        host = next((value for name, value in headers if name == b"x-forwarded-host"), b"")
        own = next((value for name, value in headers if name == b"host"), b"")
        if own.endswith(SHARED):
            resolved["scheme"] = "https"  # the link's; what arrives here does not say so
        if root.host and OWN_CLIENT not in headers:
            host = root.host.encode("latin-1")
            resolved["scheme"] = root.scheme
        if host:
            # Origins has checked both, so that neither is that of another site.
            headers = [pair for pair in headers if pair[0] not in (b"host", b"x-forwarded-host")]
            resolved["headers"] = [(b"host", host), *headers]
        return resolved
