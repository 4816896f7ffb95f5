"""Upload quotas and sizes, enforced while uploads arrive; interrupted ones leave no files."""

import json
import logging
from pathlib import Path
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from searcher.errors import BadImage, DiskFull, NoRoom, TooManyCalls
from searcher.messages.message import Message, message
from searcher.ui.gradio_internals import UNREADABLE, set_request_context
from searcher.ui.requests.refusals import plain_refusal
from searcher.ui.security.file_sizes import MeasuredForm
from searcher.ui.security.limits import LimitedLog
from searcher.ui.security.proxies import client_address
from searcher.ui.security.upload_limits import UploadLimits

log = logging.getLogger(__name__)

FILE_COST = 8192  # bytes of disk space per file besides its content, for its folder
TAIL = 1024  # bytes at the end of a body that must contain its last boundary
CUT_OFF = message("upload.cut_off")
UNREADABLE_UPLOAD = message("upload.unreadable")


class UploadQuota:
    """ASGI middleware for Gradio's upload route; all other requests pass.

    Gradio deletes the partial files of an upload only when the form can't be parsed, so a closed
    connection and an exceeded quota are passed to it as that error.
    """

    def __init__(self, app: ASGIApp, limits: UploadLimits) -> None:
        self._app = app
        self._limits = limits
        self._refusals = LimitedLog(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_upload = scope["type"] == "http" and scope["method"] == "POST"
        if not is_upload or not scope["path"].rstrip("/").endswith("/gradio_api/upload"):
            await self._app(scope, receive, send)
            return
        set_request_context(scope)
        upload = _Upload(self._limits, scope, receive)
        try:
            await run_in_threadpool(upload.begin)  # may delete old uploads first
            await self._app(scope, upload.receive, upload.buffer)
        except ClientDisconnect:
            upload.refuse(400, CUT_OFF)
        except (*UNREADABLE, MultiPartException):
            upload.refuse(400, UNREADABLE_UPLOAD)
        upload.check()
        if upload.refusal:
            status, reason = upload.refusal
            self._refusals.warn(f"refused an upload: {reason}")
            await plain_refusal(scope, status, reason)(scope, receive, send)
        else:
            for part in upload.answer:
                await send(part)


class _Upload:
    """One upload: counts its body as it is read, and buffers the response until it is checked."""

    def __init__(self, limits: UploadLimits, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        kind, options = parse_options_header(headers.get("content-type", ""))
        self._boundary = options.get(b"boundary", b"") if b"multipart" in kind else b""
        declared = headers.get("content-length", "")
        self._charged = int(declared) if declared.isdecimal() else 0
        self._limits, self._receive = limits, receive
        self._form = MeasuredForm(self._boundary, limits.files) if self._boundary else None
        self._visitor = client_address(scope)
        self._read = 0
        self._tail = b""
        self.has_more = False  # of the body, after the last part that was received
        self.refusal: tuple[int, Message] | None = None
        self.answer: list[Part] = []

    def begin(self) -> None:
        """Count the declared size; a refusal is raised later, when the app reads the body."""
        if not self._boundary:
            self.refuse(400, UNREADABLE_UPLOAD)
            return
        try:
            self._limits.begin(self._visitor, self._charged)
        except TooManyCalls as error:
            self.refuse(429, error.message)
        except NoRoom as error:
            self.refuse(413, error.message)
        except DiskFull as error:
            self.refuse(507, error.message)

    def refuse(self, status: int, reason: Message) -> None:
        """Refuse the upload; the first reason counts."""
        self.refusal = self.refusal or (status, reason)

    async def receive(self) -> Part:
        """Receive the next part of the body.

        Raises:
            MultiPartException: If the upload is refused or interrupted.
        """
        if self.refusal:
            raise MultiPartException(self.refusal[1].code)
        try:
            part = await self._receive()
        except Exception as error:  # any failure, so that Gradio deletes the partial files
            raise MultiPartException(str(error)) from error
        self.has_more = bool(part.get("more_body"))
        if part["type"] == "http.disconnect":
            self.refuse(400, CUT_OFF)
        else:
            self._count(part.get("body", b""))
        if self.refusal:
            raise MultiPartException(self.refusal[1].code)
        return part

    def _count(self, chunk: bytes) -> None:
        self._measure(chunk)
        self._read += len(chunk)
        files = chunk.count(self._boundary) if self._boundary else 0
        extra = max(0, self._read - self._charged)
        self._charged += extra
        try:
            self._limits.spend(self._visitor, extra + files * FILE_COST)
        except NoRoom as error:
            self.refuse(413, error.message)
        if extra and not self._limits.folder.has_room(0):
            self.refuse(413, message("upload.no_room"))
        self._tail = (self._tail + chunk)[-TAIL:]
        # A form without its last boundary is incomplete; Gradio would keep half a file.
        if (
            not self.has_more
            and self._boundary
            and b"--" + self._boundary + b"--" not in self._tail
        ):
            self.refuse(400, CUT_OFF)

    def _measure(self, chunk: bytes) -> None:
        if self._form is None or self.refusal:
            return
        try:
            self._form.write(chunk)
        except BadImage as error:
            self.refuse(413, error.message)
        except ValueError:
            self.refuse(400, UNREADABLE_UPLOAD)

    async def buffer(self, part: Part) -> None:
        """Buffer a part of the app's response."""
        self.answer.append(part)

    def check(self) -> None:
        """Refuse a file without a name, for which Gradio returns its folder."""
        body = b"".join(part.get("body", b"") for part in self.answer)
        if self.refusal or not self.answer or self.answer[0].get("status") != 200:
            return
        paths: Any = json.loads(body)
        if not paths or any(Path(path).is_dir() for path in paths):
            self.refuse(400, UNREADABLE_UPLOAD)
