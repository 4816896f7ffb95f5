"""Gradio's files for the browser and the Map's, compressed once and kept for a year."""

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

from searcher.ui.assets import map_code, static
from searcher.ui.delivery.compression import TEXT_TYPES, accepted_encoding, compress
from searcher.ui.gradio_internals import frontend
from searcher.ui.gradio_internals.first_load import PageFiles

ROUTE = re.compile(
    r"/(?P<folder>assets|static/twinlens-[0-9a-f]{12}|static)/(?P<name>(?:[\w-][\w.-]*/)*[\w-][\w.-]*)"
)
THEME = "/theme.css"
ICON = "/favicon.ico"  # which browsers ask for each time that the page changes its address
# Named by what is in the picture. Only members may see them, so no proxy may keep them.
THUMBNAIL = re.compile(r"/gradio_api/file=thumbs/[0-9a-f]{2}/\d+\.jpg")
PRIVATE_YEAR = "private, max-age=31536000, immutable"
YEAR = "public, max-age=31536000, immutable"
DAY = "public, max-age=86400"  # of files whose names have no digest
FOLDERS = {
    "assets": (frontend.ASSETS, YEAR),
    "static": (frontend.STATIC, DAY),
    map_code().rstrip("/"): (static("map"), YEAR),
}
QUALITY = 9  # of files, which are compressed once: a tenth smaller than Gradio's 4
LARGE_BYTES = 1_000_000  # from which files, such as those of 3D models, get a lower quality
LARGE_QUALITY = 4
KEPT_FILES = 160  # a page needs some 45 of Gradio's 1,000
AT_ONCE = 2  # files that are read and compressed at the same time; each takes up to 40 MB


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent: bytes, type, encoding ("" for none), ETag and Cache-Control."""

    data: bytes
    kind: str
    encoding: str
    tag: str
    keep: str


class StaticFiles:
    """ASGI middleware that answers requests for files of Gradio's frontend and of the Map.

    A file's tag depends on its encoding, so that a proxy or browser never mixes two of them up.
    Large files that can't be compressed are streamed from disk by Gradio.
    """

    def __init__(self, app: ASGIApp, page: PageFiles) -> None:
        """Wrap an app.

        Args:
            app: The ASGI app.
            page: Its joined style sheet and its theme.
        """
        self._app = app
        self._page = page
        self._reading = anyio.CapacityLimiter(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"] if scope["type"] == "http" else ""
        if keep := self._keep(path, scope):
            await self._app(scope, receive, _kept(send, keep))
            return
        match = ROUTE.fullmatch(path)
        if not match or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        file = await anyio.to_thread.run_sync(self._find, match, headers, limiter=self._reading)
        answer = _answer(file, headers) if file else self._app
        await answer(scope, receive, send)

    def _find(self, match: re.Match[str], headers: Headers) -> StaticFile | None:
        """Return the file of a request; None if Gradio has to answer."""
        folder, name = match["folder"], match["name"]
        first, is_text = self._page.first_load, _kind(name) in TEXT_TYPES
        encoding = accepted_encoding(",".join(headers.getlist("accept-encoding")))
        if first and folder == "assets" and name == first.sheet_name:
            return _file(folder, name, encoding, first.sheet)
        if folder not in FOLDERS:  # of another version of Twinlens
            return None
        path, root = FOLDERS[folder][0] / name, FOLDERS[folder][0].resolve()
        if not (path.is_file() and path.resolve().is_relative_to(root)):
            return None
        if not is_text and path.stat().st_size > LARGE_BYTES:
            return None
        return _file(folder, name, encoding if is_text else "")

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


def _kind(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


@lru_cache(maxsize=KEPT_FILES)
def _file(folder: str, name: str, encoding: str, joined: bytes = b"") -> StaticFile:
    """Return a file of Gradio's, or the joined style sheet."""
    root, keep = FOLDERS[folder]
    data = joined or (root / name).read_bytes()
    tag = hashlib.sha256(data).hexdigest()[:24]
    if encoding:
        data = compress(data, encoding, QUALITY if len(data) < LARGE_BYTES else LARGE_QUALITY)
    return StaticFile(data, _kind(name), encoding, f'"{tag}{encoding and "-"}{encoding}"', keep)


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
