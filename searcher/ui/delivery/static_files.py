"""Gradio's files for the browser, compressed once and kept by the browser for a year."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from mimetypes import guess_type
from urllib.parse import parse_qs

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.ui.delivery.compression import ENCODINGS, TEXT_TYPES, accepted_encoding, compress
from searcher.ui.gradio_internals import frontend
from searcher.ui.gradio_internals.first_load import PageFiles

ROUTE = re.compile(r"/(?P<folder>assets|static)/(?P<name>(?:[\w-][\w.-]*/)*[\w-][\w.-]*)")
THEME = "/theme.css"
ICON = "/favicon.ico"  # which browsers ask for each time that the page changes its address
# Named by what is in the picture. Only members may see them, so no proxy may keep them.
THUMBNAIL = re.compile(r"/gradio_api/file=thumbs/[0-9a-f]{2}/\d+\.jpg")
PRIVATE_YEAR = "private, max-age=31536000, immutable"
YEAR = "public, max-age=31536000, immutable"
DAY = "public, max-age=86400"  # of files whose names have no digest
FOLDERS = {"assets": (frontend.ASSETS, YEAR), "static": (frontend.STATIC, DAY)}
QUALITY = 9  # of files, which are compressed once: a tenth smaller than Gradio's 4
LARGE_BYTES = 1_000_000  # from which files, such as those of 3D models, get a lower quality
LARGE_QUALITY = 4
KEPT_FILES = 160  # a page needs some 45 of Gradio's 1,000


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent: bytes, type, encoding ("" for none), ETag and Cache-Control."""

    data: bytes
    kind: str
    encoding: str
    tag: str
    keep: str


class StaticFiles:
    """ASGI middleware that answers requests for files of Gradio's frontend.

    A file's tag depends on its encoding, so that a proxy or browser never mixes two of them up.
    """

    def __init__(self, app: ASGIApp, page: PageFiles, root: str = "") -> None:
        """Wrap an app.

        Args:
            app: The ASGI app.
            page: Its joined style sheet and its theme.
            root: The path prefix of a proxy.
        """
        self._app = app
        self._page = page
        self._root = root.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"].removeprefix(self._root) if scope["type"] == "http" else ""
        if keep := self._keep(path, scope):
            await self._app(scope, receive, _kept(send, keep))
            return
        match = ROUTE.fullmatch(path)
        if not match or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            file = await anyio.to_thread.run_sync(self._find, match, Headers(scope=scope))
        except FileNotFoundError:
            await self._app(scope, receive, send)
            return
        await _answer(file, Headers(scope=scope))(scope, receive, send)

    def _find(self, match: re.Match[str], headers: Headers) -> StaticFile:
        encoding = accepted_encoding(",".join(headers.getlist("accept-encoding")))
        first = self._page.first_load if match["folder"] == "assets" else None
        joined = first.sheet if first and match["name"] == first.sheet_name else b""
        return _file(match["folder"], match["name"], encoding, joined)

    def _keep(self, path: str, scope: Scope) -> str:
        """Return how long the browser may keep an answer of Gradio's; "" for what Gradio says."""
        if path == ICON:
            return DAY
        if path == THEME:
            version = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
            return YEAR if version == self._page.theme_hash else ""
        return PRIVATE_YEAR if THUMBNAIL.fullmatch(path) else ""


def _kept(send: Send, keep: str) -> Send:
    async def send_kept(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)["Cache-Control"] = keep
        await send(message)

    return send_kept


@lru_cache(maxsize=KEPT_FILES)
def _file(folder: str, name: str, encoding: str, joined: bytes) -> StaticFile:
    """Return a file of Gradio's, or the joined style sheet. Raises FileNotFoundError."""
    root, keep = FOLDERS[folder]
    path = root / name
    if not joined and not (path.is_file() and path.resolve().is_relative_to(root.resolve())):
        raise FileNotFoundError
    data = joined or path.read_bytes()
    kind = guess_type(name)[0] or "application/octet-stream"
    chosen = encoding if kind in TEXT_TYPES and encoding in ENCODINGS else ""
    tag = hashlib.sha256(data).hexdigest()[:24]
    if chosen:
        data = compress(data, chosen, QUALITY if len(data) < LARGE_BYTES else LARGE_QUALITY)
    return StaticFile(data, kind, chosen, f'"{tag}{chosen and "-"}{chosen}"', keep)


def _answer(file: StaticFile, request: Headers) -> Response:
    headers = {"ETag": file.tag, "Cache-Control": file.keep}
    if file.kind in TEXT_TYPES:
        headers["Vary"] = "Accept-Encoding"
    tags = [tag.strip().removeprefix("W/") for tag in request.get("if-none-match", "").split(",")]
    if file.tag in tags:
        return Response(status_code=304, headers=headers)
    if file.encoding:
        headers["Content-Encoding"] = file.encoding
    return Response(file.data, media_type=file.kind, headers=headers)
