"""Start the web server safely: limits, no telemetry, nothing of the server's folders shown."""

import gc
import logging
import os
import socket
from collections.abc import Callable
from importlib.util import find_spec

import gradio as gr
from starlette.middleware import Middleware

from searcher.errors import TwinlensError
from searcher.settings import Settings
from searcher.ui import full_disk
from searcher.ui.access import LoginLimit, SecurityHeaders, login, security_headers
from searcher.ui.language import i18n
from searcher.ui.theme import CSS, FAVICON, PASTE, theme

log = logging.getLogger(__name__)


def launch(page: gr.Blocks, settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve until interrupted; `on_ready` is called once the page answers.

    Raises TwinlensError where the port is taken, or the settings ask for what can't be.
    """
    if settings.mcp and settings.auth:
        raise TwinlensError("MCP=1 has no login, so it can't be used together with AUTH.")
    if settings.mcp and find_spec("mcp") is None:
        raise TwinlensError(
            f"MCP=1 needs one more package: pip install 'gradio[mcp]=={gr.__version__}'."
        )
    _check_port(settings.host, settings.port)
    _enter_data_folder(settings)
    headers = security_headers(on_spaces=settings.space is not None)
    middleware = [Middleware(SecurityHeaders, headers), Middleware(LoginLimit)]
    page.queue(max_size=32)
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        theme=theme(),
        i18n=i18n(),
        css_paths=CSS,
        js=PASTE.read_text(),
        favicon_path=FAVICON,
        max_file_size=f"{settings.max_upload_mb}mb",
        run_history=False,
        enable_monitoring=False,
        mcp_server=settings.mcp,
        auth=login(settings.auth) if settings.auth else None,
        app_kwargs={
            "middleware": middleware,
            "exception_handlers": {OSError: full_disk.answer},
        },
        ssr_mode=False,
        footer_links=["api", "gradio"],
        prevent_thread_lock=True,
        quiet=True,
    )
    print(f"Twinlens is at http://localhost:{page.server_port}", flush=True)
    # What there is now stays: looking through it for garbage takes 100 ms each time.
    gc.freeze()
    on_ready()
    page.block_thread()


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TwinlensError(
                f"Port {port} can't be used ({error.strerror}): stop what uses it, or choose "
                "another one with PORT=8000."
            ) from error


def _enter_data_folder(settings: Settings) -> None:
    """Serve thumbnails under relative addresses, which say nothing of this machine.

    Gradio puts a file's path into its address and resolves it from the working folder. All other
    paths are absolute, so nothing else depends on it.
    """
    try:
        settings.thumbnails.mkdir(parents=True, exist_ok=True)
        os.chdir(settings.data)
    except OSError:
        log.exception("the data folder can't be used")
    else:
        gr.set_static_paths(["thumbs"])
