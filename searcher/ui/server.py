"""Start the web server: limits and middleware, no telemetry, no server paths in answers."""

import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from searcher.config.settings import Settings
from searcher.errors import InvalidSetting
from searcher.library.health import HealthCheck
from searcher.library.worker import Worker
from searcher.messages.message import message
from searcher.messages.system import os_reason
from searcher.ui.api import description
from searcher.ui.delivery import manifest, small_thumbnails
from searcher.ui.delivery.compression import Compression
from searcher.ui.delivery.map_data import MapData
from searcher.ui.delivery.map_data import add_routes as map_data_routes
from searcher.ui.delivery.own_address import local_url, require_port, sharing
from searcher.ui.delivery.page_address import PageAddress
from searcher.ui.delivery.root_path import WithoutRoot, WithRoot
from searcher.ui.delivery.static_files import StaticFiles
from searcher.ui.events import add_routes
from searcher.ui.gradio_internals import (
    WITHOUT_SELF_CHECK,
    light_session,
    patches,
    permanent_files,
    with_stream_ends,
)
from searcher.ui.gradio_internals.first_load import PageFiles, open_with
from searcher.ui.i18n import browser_messages, request_language
from searcher.ui.monitoring.monitoring_routes import Monitoring
from searcher.ui.monitoring.request_ids import RequestIds
from searcher.ui.requests.refusals import http_error
from searcher.ui.security import full_disk
from searcher.ui.security.access import AsyncCheck, SecurityHeaders, login, throttled
from searcher.ui.security.call_guard import MAX_IN_ALL, CallGuard
from searcher.ui.security.connections import (
    Connections,
    GracefulShutdown,
    LimitedProtocol,
    raise_file_limit,
)
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.security.guarded_blocks import GuardedBlocks
from searcher.ui.security.origins import LOOPBACK, SHARED_HOSTS, Origins
from searcher.ui.security.proxies import Forwarded, TrustedProxies
from searcher.ui.security.request_size import HEADER_BYTES, BodyLimit, body_limit
from searcher.ui.security.route_gate import RouteGate
from searcher.ui.security.upload_limits import UploadLimits
from searcher.ui.security.upload_quota import UploadQuota
from searcher.ui.security.url_downloads import Downloads
from searcher.ui.theme import CSS, FAVICON, request_theme, theme

if TYPE_CHECKING:  # prometheus_client is imported where there are metrics
    from searcher.ui.monitoring.prometheus import Metrics

SESSIONS = 1000  # kept in memory; beyond, the least recently used are dropped

log = logging.getLogger(__name__)


def prepare(settings: Settings, charge: Callable[[], None]) -> None:
    """Change to the data folder and patch Gradio; call this before the page is built.

    Gradio puts a file's path into its URL and resolves it from the working folder, so relative
    paths reveal nothing about the server. All other paths of the app are absolute.

    Args:
        settings: The app's settings.
        charge: Counts one call of the current visitor, or raises TooManyCalls.
    """
    try:
        settings.thumbnails.mkdir(parents=True, exist_ok=True)
        settings.incoming.mkdir(exist_ok=True)
        os.chdir(settings.data)
    except OSError as error:
        log.error("the data folder can't be used: %s", os_reason(error))
    else:
        gr.set_static_paths(["thumbs"])
        patches.keep_uploads_in(settings.incoming)
    downloads = Downloads(settings.allow_urls, settings.max_upload_mb, charge)
    patches.download_with(downloads.fetch, lambda: http_error(403, message("http.foreign_file")))
    light_session.keep_sessions_small()
    patches.skip_missing_matplotlib()
    patches.mark_scripts(
        lambda request: (request_language(request.headers), request_theme(request)),
        f"{quote(settings.root.path)}/" if settings.root.path else "./",
    )


def launch(
    page: GuardedBlocks,
    settings: Settings,
    limits: UploadLimits,
    worker: Worker,
    map_data: MapData,
    health: HealthCheck,
    metrics: "Metrics | None",
) -> None:
    """Serve until interrupted; the worker is started once the page answers.

    Args:
        page: The page, from `app.build`.
        settings: The app's settings.
        limits: Of visitors' uploads.
        worker: Indexes and installs in the background.
        map_data: What the maps show.
        health: Whether the library can answer.
        metrics: Counts requests; None for no metrics.

    Raises:
        InvalidSetting: If the port is in use, or MCP is combined with a login or not installed.
    """
    if settings.mcp and settings.auth:
        raise InvalidSetting("server.mcp_login")
    if settings.mcp and find_spec("mcp") is None:
        raise InvalidSetting("server.mcp_package", version=gr.__version__)
    require_port(settings.host, settings.port)
    ready = threading.Event()
    proxies = TrustedProxies(settings.trusted_proxies)
    # Gradio requests the page itself before it is ready: a flood of local connections must not
    # close that one.
    connections = Connections(
        raise_file_limit(), shared=lambda address: not ready.is_set() or address in proxies
    )
    # Gradio also accepts a coroutine function here, though its annotation does not.
    check: Any = throttled(login(settings.auth)) if settings.auth else None
    # Inside Gradio's own middleware, which would otherwise answer and log failures first.
    checks = [Middleware(CallGuard, page), Middleware(UploadQuota, limits)]
    page.queue(max_size=MAX_IN_ALL, api_open=False)
    files = PageFiles(page)
    open_with(files, page.first_values)
    try:
        with (
            patches.serving(
                lambda app: _observe(
                    _wrap(app, settings, files, ready.is_set), settings, health, metrics, check
                ),
                partial(LimitedProtocol, connections),
                HEADER_BYTES,
            ),
        ):
            page.launch(
                server_name=settings.host,
                server_port=settings.port,
                root_path=settings.root.path,
                theme=theme(),
                i18n=browser_messages(),
                css_paths=CSS,
                favicon_path=FAVICON,
                max_file_size=f"{FileLimits.of(settings).largest_mb}mb",
                state_session_capacity=SESSIONS,
                run_history=False,
                enable_monitoring=False,
                mcp_server=settings.mcp,
                share=settings.share,
                auth=check,
                app_kwargs={
                    "middleware": checks,
                    "exception_handlers": {OSError: full_disk.answer},
                },
                ssr_mode=False,
                footer_links=["api"],  # footer.js opens it by Gradio's hidden button
                prevent_thread_lock=True,
                quiet=True,
                **WITHOUT_SELF_CHECK,
            )
        add_routes(page.app, worker)
        small_thumbnails.add_route(page.app, settings.thumbnails)
        description.add_route(page)
        map_data_routes(page.app, map_data)
        manifest.add_route(page.app)
        limits.folder.start_sweeping(lambda: permanent_files(page))
        ready.set()
        with contextlib.suppress(OSError):  # nobody needs to read it
            print(f"Twinlens is at {local_url(settings.host, page.server_port)}", flush=True)
        if settings.share:
            print(sharing(page.share_url, settings), file=sys.stderr, flush=True)
        # Exclude objects made at import from garbage collection, to avoid pauses of 100 ms.
        gc.freeze()
        gc.enable()  # `serve` has disabled it
        worker.start()
        threading.Event().wait()
    except KeyboardInterrupt:
        log.info("ending")
    finally:
        page.close(verbose=False)


def _wrap(app: Any, settings: Settings, files: PageFiles, ready: Callable[[], bool]) -> ASGIApp:
    """Wrap Gradio's app in the middleware that every request passes, innermost first."""
    names = settings.allowed_hosts
    if names or settings.host in LOOPBACK:
        shared = (SHARED_HOSTS,) if settings.share else ()
        names = (*names, *LOOPBACK, settings.host.lower(), *shared)
    root = settings.root
    own = (settings.space_host, urlsplit(f"//{root.host}").hostname)
    origins = [*settings.allowed_hosts, *filter(None, own)]
    wrapped: ASGIApp = WithRoot(with_stream_ends(app), root)
    wrapped = StaticFiles(Compression(wrapped), files)
    wrapped = RouteGate(wrapped, lambda scope: patches.is_logged_in(app, scope), ready)
    wrapped = Origins(wrapped, names, origins)
    wrapped = BodyLimit(wrapped, body_limit(FileLimits.of(settings)))
    return PageAddress(wrapped)


def _observe(
    app: ASGIApp,
    settings: Settings,
    health: HealthCheck,
    metrics: "Metrics | None",
    check: AsyncCheck | None,
) -> ASGIApp:
    """Wrap `_wrap`'s app in what applies to refused requests as well, innermost first."""
    wrapped: ASGIApp = Monitoring(app, health, metrics.text if metrics else None, check)
    if metrics:
        from searcher.ui.monitoring.prometheus import CountRequests

        wrapped = CountRequests(wrapped, metrics)
    wrapped = SecurityHeaders(wrapped, settings.frame_ancestors, quote(settings.root.path))
    wrapped = RequestIds(WithoutRoot(wrapped, settings.root))
    return GracefulShutdown(Forwarded(wrapped, settings.trusted_proxies))
