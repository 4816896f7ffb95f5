"""/healthz and /metrics, answered before all that may be busy, slow or closed to strangers."""

import base64
import binascii
from collections.abc import Awaitable, Callable

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.library.health import HealthCheck

HEALTH, METRICS = "/healthz", "/metrics"
PATIENCE_S = 0.5  # for the stores; then the latest state that is known is told
PAUSE_S = 0.02
UNCACHED = {"Cache-Control": "no-store"}
LOGIN = {"WWW-Authenticate": 'Basic realm="Twinlens metrics"'}


class Monitoring:
    """ASGI middleware that answers /healthz, and /metrics where there are metrics.

    Kubernetes and Prometheus call by the address of the pod, so no name of a host is refused.
    Health has no details, and needs no login; metrics need one of the accounts of AUTH, if there
    are any, by HTTP's basic authentication.
    """

    def __init__(
        self,
        app: ASGIApp,
        health: HealthCheck,
        metrics: Callable[[], tuple[bytes, str]] | None = None,
        login: Callable[[str, str], Awaitable[bool]] | None = None,
    ) -> None:
        """Wrap an app.

        Args:
            app: The ASGI app.
            health: The library's health.
            metrics: Returns the metrics and their media type; None for no route.
            login: Checks a name and a password; None where everybody may read the metrics.
        """
        self._app = app
        self._health = health
        self._metrics = metrics
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            if scope["path"] == HEALTH:
                answer = await self._answer_health()
            elif scope["path"] == METRICS and self._metrics:
                answer = await self._answer_metrics(Headers(scope=scope))
        await answer(scope, receive, send)

    async def _answer_health(self) -> Response:
        await self._ask()
        health = self._health.health()
        status = 503 if health.state == "unavailable" else 200
        return JSONResponse(health.document(), status, UNCACHED)

    async def _answer_metrics(self, headers: Headers) -> Response:
        if self._login:
            account = _account(headers)
            try:
                is_member = account is not None and await self._login(*account)
            except HTTPException as error:  # too many wrong passwords
                return Response(error.detail, error.status_code)
            if not is_member:
                return Response(status_code=401, headers=LOGIN)
        await self._ask()
        assert self._metrics
        data, kind = self._metrics()
        return Response(data, headers={"Content-Type": kind, **UNCACHED})

    async def _ask(self) -> None:
        self._health.begin()
        with anyio.move_on_after(PATIENCE_S):
            while self._health.is_asking:
                await anyio.sleep(PAUSE_S)


def _account(headers: Headers) -> tuple[str, str] | None:
    """Return the name and password of a request, if it has any."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, password
