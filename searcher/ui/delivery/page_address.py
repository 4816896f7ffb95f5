"""Addresses of the page that the server can't take: the page itself says so."""

from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.ui.security.request_size import ADDRESS_BYTES

CUT = "?cut=1"  # address.py says what it means
OF_GRADIO = "page"  # a parameter of apps with several pages; Gradio fails for an unknown one


class PageAddress:
    """ASGI middleware that redirects the page where its address is too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if is_page and scope["path"] in ("", "/"):
            query = scope["query_string"]
            pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            others = [(name, value) for name, value in pairs if name != OF_GRADIO]
            is_long = len(query) + len(scope.get("raw_path") or b"") > ADDRESS_BYTES
            if is_long or others != pairs:
                # Relative to the page, whatever path a proxy has it under.
                target = CUT if is_long else f"?{urlencode(others)}"
                await RedirectResponse(target, 307)(scope, receive, send)
                return
        await self._app(scope, receive, send)
