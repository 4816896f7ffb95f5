"""The client's address, and the X-Forwarded-* headers of trusted proxies."""

import hmac
import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.config.setting_types import Network

# Prefixes of headers that are dropped unless sent by a trusted proxy. Gradio uses some for links.
FORWARDED = (b"x-forwarded-", b"forwarded", b"x-real-ip", b"x-gradio-server", b"x-request-id")
# Gradio's MCP server calls this app over HTTP, from this machine, passing on its client's headers.
VISITOR = b"x-twinlens-visitor"
SECRET = secrets.token_hex(16).encode()
MCP = "/gradio_api/mcp"

current: ContextVar[str] = ContextVar("current", default="")


def client_address(source: Any) -> str:
    """Return the address by which a visitor is counted, at most 64 characters.

    Args:
        source: An ASGI scope or a request.

    Returns:
        An IPv4 address, or the /64 network of an IPv6 address, which is what one customer has;
        "" if unknown.
    """
    client = source.get("client") if isinstance(source, dict) else source.client
    host = client[0] if client else ""
    address = _address(str(host))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address or host)[:64]


class TrustedProxies:
    """The networks whose X-Forwarded-* headers are trusted."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = networks

    def __contains__(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)

    def visitor(self, hosts: Sequence[str]) -> str:
        """Return the right-most address of X-Forwarded-For that is not a trusted proxy's."""
        for host in reversed(hosts):
            if host not in self:
                return host
        return hosts[0]


class Forwarded:
    """ASGI middleware that puts the visitor's address into the scope.

    Behind a trusted proxy, address, scheme and host are taken from its headers; from any other
    client such headers are removed, so that later middleware can't use them.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._proxies = TrustedProxies(networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] in ("http", "websocket"):
            scope = self._resolve(scope)
            current.set(client_address(scope))
        await self._app(scope, receive, send)

    def _resolve(self, scope: Scope) -> Scope:
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded = [header for header in scope["headers"] if header[0].startswith(FORWARDED)]
        headers = [h for h in scope["headers"] if h not in forwarded and h[0] != VISITOR]
        resolved = dict(scope)
        if passed_on := _visitor_of_mcp(scope):
            resolved["client"] = (passed_on, 0)
        elif forwarded and peer in self._proxies:
            if hosts := _values(forwarded, b"x-forwarded-for"):
                resolved["client"] = (_without_port(self._proxies.visitor(hosts)), 0)
            # The last value was set by the nearest proxy.
            host = _values(forwarded, b"x-forwarded-host")[-1:]
            headers += [(b"x-forwarded-host", name.encode("latin-1")) for name in host]
            headers += [pair for pair in forwarded if pair[0] == b"x-request-id"][-1:]
            proto = _values(forwarded, b"x-forwarded-proto")[-1:]
            if proto in (["https"], ["http"]):
                headers.append((b"x-forwarded-proto", proto[0].encode()))
                resolved["scheme"] = proto[0]
        if scope["path"].rstrip("/").endswith(MCP) or f"{MCP}/" in scope["path"]:
            visitor = str((resolved.get("client") or ("",))[0])
            headers.append((VISITOR, SECRET + b" " + visitor.encode("latin-1", "replace")))
        resolved["headers"] = headers
        return resolved


def _visitor_of_mcp(scope: Scope) -> str:
    for name, value in scope["headers"]:
        secret, _, host = value.partition(b" ")
        if name == VISITOR and hmac.compare_digest(secret, SECRET):
            return str(host.decode("latin-1"))
    return ""


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    joined = b",".join(value for key, value in headers if key == name).decode("latin-1")
    return [value.strip() for value in joined.split(",") if value.strip()]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(_without_port(host).partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
