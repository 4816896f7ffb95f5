"""The routes that the app serves, and which of them need a login."""

import re
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.messages.message import message
from searcher.ui.requests.refusals import refusal as answer

# The login page and its files.
PUBLIC = re.compile(
    r"/|/(assets|static|svelte)/.+|/favicon\.ico|/robots\.txt|/login/?|/theme\.css", re.DOTALL
)
# Routes that the page, gradio_client, MCP and other programs need. Gradio has many more, such as
# login tokens, sessions on disk, a code editor, recordings and a dashboard.
MEMBERS = re.compile(
    r"/(config/?|logout|twinlens/(events|version|thumbs/\d{1,19}\.jpg)"
    r"|twinlens/maps/[0-9a-f]{32}(\.json|/progress)|manifest\.json|pwa_icon(/\d+)?"
    r"|gradio_api/(info/?|openapi\.json|app_id/?|user/?|login_check/?|file[=/].+|upload"
    r"|upload_progress|queue/(join|data|status)|cancel|reset/?|heartbeat/[^/]+|theme\.css"
    r"|(call|run|api)/.+|mcp(/.*)?))",
    re.DOTALL,
)
START = "/gradio_api/startup-events"  # Gradio requests it once by itself
ADDRESS = re.compile(r"/(file|proxy)[=/]\s*([a-z][a-z0-9+.-]*:|[/\\]{2})|/proxy=", re.IGNORECASE)


def is_route(path: str) -> bool:
    """Whether a path is one of the app's."""
    return bool(PUBLIC.fullmatch(path) or MEMBERS.fullmatch(path))


class RouteGate:
    """ASGI middleware that refuses unknown routes, and private ones without a login."""

    def __init__(
        self,
        app: ASGIApp,
        logged_in: Callable[[Scope], bool],
        ready: Callable[[], bool],
    ) -> None:
        """Wrap an app.

        Args:
            app: The ASGI app.
            logged_in: Whether a request has a valid login cookie; always true without AUTH.
            ready: Whether the app has started.
        """
        self._app = app
        self._logged_in = logged_in
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; websockets are refused."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        refusal = self._refuse(scope) if scope["type"] == "http" else None
        if refusal:
            status, code = refusal
            await answer(scope, status, message(code))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        path = scope["path"]
        if ADDRESS.search(path):
            return 403, "http.foreign_file"
        if path == START and not self._ready():
            return None
        scope["member"] = self._logged_in(scope)
        if PUBLIC.fullmatch(path):
            return None
        if not MEMBERS.fullmatch(path):
            return 404, "http.not_found"
        return None if scope["member"] else (401, "http.login")
