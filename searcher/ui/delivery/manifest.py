"""The manifest of the page as an app; Gradio's names an icon outside the path of a proxy."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# Addresses are relative to the manifest's.
MANIFEST = {
    "name": "Twinlens",
    "icons": [{"src": "pwa_icon", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    "start_url": "./",
    "display": "standalone",
}


async def answer(request: Request) -> Response:
    """Answer a request for /manifest.json."""
    return JSONResponse(MANIFEST, media_type="application/manifest+json")


def add_route(app: Any) -> None:
    """Add the route of the manifest to Gradio's web app, before Gradio's own."""
    app.router.routes.insert(0, Route("/manifest.json", answer))
