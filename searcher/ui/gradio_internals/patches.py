"""Patches of Gradio's modules, applied before launch.

`launch` builds the web app and the server itself and has no parameters for these.
"""

import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from gradio import http_server, processing_utils, route_utils, routes
from gradio.blocks import Block
from gradio.context import LocalContext
from jinja2 import BaseLoader, Environment
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Scope

SHUTDOWN_TIMEOUT_S = 2  # seconds for unfinished answers when the server ends
SCRIPT = re.compile(r"<script(?=[\s>])")
# Replacements in Gradio's template for the visitor's language and theme: set `<html lang>` for
# screen readers, and make navigator.language, which Gradio's scripts read, agree with the server.
PREFERENCES = {
    'lang="en"': 'lang="{{ language }}"',
    "</head>": """<script>
Object.defineProperty(navigator, "language", { value: "{{ language }}" });
</script>
{% if theme %}{% set shade = "-dark" if theme == "dark" else "" %}<style>
body { background: var(--bg{{ shade }}); color: var(--col{{ shade }}); }
</style>{% endif %}</head>""",
    "<gradio-app": """<gradio-app{% if theme %} theme_mode="{{ theme }}"{% endif %}""",
}
MANIFEST = '<link rel="manifest" href="/manifest.json" />'

downloads_of_call: ContextVar[list[str]] = ContextVar("downloads_of_call")
Download = Callable[..., Awaitable[str]]


@contextmanager
def serving(
    wrap: Callable[[Any], ASGIApp], protocol: Callable[..., Any], header_bytes: int
) -> Iterator[None]:
    """Make `launch` serve `wrap(app)` in a with block.

    Args:
        wrap: Returns Gradio's app wrapped in middleware.
        protocol: Returns the HTTP protocol of a connection, a subclass of uvicorn's H11Protocol.
        header_bytes: The maximum size of a request's headers.
    """

    def start_server(
        app: Any, server_name: str, server_port: int, **_: Any
    ) -> tuple[str, int, str, http_server.Server]:
        config = uvicorn.Config(
            wrap(app),
            host=server_name.strip("[]"),
            port=server_port,
            log_level="warning",
            http=protocol,  # type: ignore[arg-type]
            ws="none",
            proxy_headers=False,  # uvicorn would trust any local client
            server_header=False,
            h11_max_incomplete_event_size=header_bytes,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        )
        server = http_server.Server(config)
        server.run_in_thread()  # type: ignore[no-untyped-call]
        name = "localhost" if server_name == "0.0.0.0" else config.host
        name = f"[{name}]" if ":" in name else name
        return server_name, server_port, f"http://{name}:{server_port}/", server

    module: Any = http_server
    original, module.start_server = module.start_server, start_server
    try:
        yield
    finally:
        module.start_server = original


@contextmanager
def without_web_app() -> Iterator[None]:
    """Make no web app in a with block: `launch` makes the one that is served.

    Blocks makes another one each time that it is made, left, or given a queue: three, which take a
    fifth of the time until the page answers.
    """
    app: Any = routes.App
    original, app.create_app = app.create_app, lambda *_, **__: None
    try:
        yield
    finally:
        app.create_app = staticmethod(original)


def keep_uploads_in(folder: Path) -> None:
    """Make Gradio store files in a folder below the working folder, under relative paths.

    Its answers contain file paths, and absolute ones would reveal the server's folders. Call this
    before any component is made.
    """
    relative = os.path.relpath(folder)
    os.environ["GRADIO_TEMP_DIR"] = relative
    patched: list[Any] = [routes, route_utils]
    if find_spec("mcp"):
        patched.append(import_module("gradio.mcp"))
    for module in patched:
        module.DEFAULT_TEMP_DIR = relative

    def shorten(path: str | None) -> str | None:
        inside = path and os.path.isabs(path) and Path(path).is_relative_to(folder)
        return os.path.relpath(path) if inside and path else path

    block: Any = Block
    move, move_async = Block.move_resource_to_block_cache, Block.async_move_resource_to_block_cache

    def move_shortened(self: Block, path: str | Path | None) -> str | None:
        return shorten(move(self, path))

    async def move_shortened_async(self: Block, path: str | Path | None) -> str | None:
        return shorten(await move_async(self, path))

    block.move_resource_to_block_cache = move_shortened
    block.async_move_resource_to_block_cache = move_shortened_async


def download_with(download: Download, refusal: Callable[[], Exception]) -> None:
    """Replace Gradio's fetching of URLs.

    Args:
        download: Called as `download(url, cache_dir=…)` for URLs among a call's values, with the
            call's request in LocalContext and a list per call in `downloads_of_call`.
        refusal: Returns the exception for any other fetch.
    """
    call = route_utils.call_process_api

    async def call_with_request(*args: Any, **kwargs: Any) -> Any:
        request = kwargs.get("gr_request")
        before = LocalContext.request.set(request if isinstance(request, gr.Request) else None)
        downloads_of_call.set([])
        try:
            return await call(*args, **kwargs)
        finally:
            LocalContext.request.reset(before)

    async def refuse(url: str, *_: Any) -> Any:
        raise refusal()

    calls: Any = route_utils
    calls.call_process_api = call_with_request
    files: Any = processing_utils
    files.async_ssrf_protected_download = download
    files.async_ssrf_protected_get = refuse
    answers: Any = routes
    answers.secure_url_stream_response = refuse  # used by the file route as a proxy


def skip_missing_matplotlib() -> None:
    """Let Gradio's attempts to import matplotlib, two for each call, fail at once.

    Where it is not installed, each would look through all folders of packages, in almost a
    millisecond.
    """
    modules: dict[str, Any] = sys.modules
    if find_spec("matplotlib") is None:
        modules["matplotlib"] = None


class _WithNonce(BaseLoader):
    """Loads Gradio's templates, adding language, theme and script nonces."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """See BaseLoader."""
        # Gradio's page for shared links loads its scripts from elsewhere.
        template = template.replace("share.html", "index.html")
        source, name, fresh = self._loader.get_source(environment, template)
        for original, replacement in PREFERENCES.items():
            source = source.replace(original, replacement, 1)
        source = SCRIPT.sub('<script nonce="{{ nonce }}"', source)
        # By default browsers fetch a manifest without cookies.
        manifest = MANIFEST.replace("/>", 'crossorigin="use-credentials" />').replace('"/', '"./')
        source = source.replace(MANIFEST, f"{{% if member %}}{manifest}{{% endif %}}")
        return source, name, fresh


def mark_scripts(preferences: Callable[[Request], tuple[str, str]], base: str = "./") -> None:
    """Add the scope's "nonce" to the page's scripts; describe the API to members only.

    Args:
        preferences: Returns the language and the theme of a request; the theme may be empty.
        base: The address that the page's own addresses are relative to.
    """

    def values(request: Request) -> dict[str, Any]:
        member = request.scope.get("member", False)
        language, theme = preferences(request)
        context = {
            "nonce": request.scope.get("nonce", ""),
            "member": member,
            "language": language,
            "theme": theme,
            "base_url": base,
        }
        return context if member else context | {"gradio_api_info": {}}

    loader = routes.templates.env.loader
    assert loader is not None
    routes.templates.env.loader = _WithNonce(loader)
    routes.templates.context_processors.append(values)


def is_logged_in(app: Any, scope: Scope) -> bool:
    """Whether a request has a valid login cookie; always true without AUTH."""
    if app.auth is None:
        return True
    cookies: SimpleCookie = SimpleCookie()
    for header in Headers(scope=scope).getlist("cookie"):
        try:
            cookies.load(header)
        except CookieError:
            continue
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(name in cookies and cookies[name].value in app.tokens for name in names)
