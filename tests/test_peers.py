"""The visitor's address, behind proxies and behind the MCP server; the attributes of cookies."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.config.settings import Settings
from searcher.errors import TwinlensError
from searcher.ui.security import proxies
from searcher.ui.security.access import SecurityHeaders
from searcher.ui.security.proxies import Forwarded, client_address
from tests.servers import wait_apart


def ask(app: ASGIApp, url: str, client: str = "203.0.113.9", **headers: str) -> httpx.Response:
    """Ask an ASGI app."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport) as session:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            return await session.get(url, headers=names)

    return wait_apart(asked())


async def _say_address(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    assert client_address(request) == client_address(scope) == proxies.current.get()
    words = f"{client_address(scope)} {request.url.scheme} {request.headers.get('x-real-ip')}"
    await PlainTextResponse(words)(scope, receive, send)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "192.0.2.1", "203.0.113.9 http"),
        ("10.0.0.7", "192.0.2.1", "192.0.2.1 https"),
        ("10.0.0.7", "evil, 192.0.2.1, 10.0.0.8", "192.0.2.1 https"),
        ("10.0.0.7", "192.0.2.1:4711", "192.0.2.1 https"),
        ("::ffff:10.0.0.7", "192.0.2.1", "192.0.2.1 https"),
        ("10.0.0.7", "[2001:db8:1:2::5]:80", "2001:db8:1:2::/64 https"),
        ("2001:db8:1:2:3:4:5:6", "192.0.2.1", "2001:db8:1:2::/64 http"),
        ("10.0.0.7", "", "10.0.0.7 https"),
    ],
)
def test_a_visitors_address(peer: str, forwarded: str, expected: str) -> None:
    networks = Settings.from_env({"TRUSTED_PROXIES": "10.0.0.0/8"}).trusted_proxies
    headers = {"x_forwarded_for": forwarded, "x_forwarded_proto": "https", "x_real_ip": "evil"}
    app = Forwarded(_say_address, networks)
    assert ask(app, "http://localhost/", peer, **headers).text == f"{expected} None"


def test_the_mcp_server_asks_in_its_visitors_name() -> None:
    addresses: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        addresses.append(dict(scope["headers"]).get(proxies.VISITOR, b"").decode())
        await _say_address(scope, receive, send)

    ask(Forwarded(app, ()), "http://localhost/gradio_api/mcp/", "203.0.113.9")
    headers = {"x_twinlens_visitor": addresses[0]}
    reply = ask(Forwarded(app, ()), "http://localhost/x", "127.0.0.1", **headers)
    assert reply.text.startswith("203.0.113.9 ")
    headers = {"x_twinlens_visitor": "guessed 203.0.113.9"}
    assert ask(Forwarded(app, ()), "http://localhost/x", "127.0.0.1", **headers).text[:3] == "127"


def test_proxies_that_make_no_sense_are_refused() -> None:
    with pytest.raises(TwinlensError, match="TRUSTED_PROXIES must be addresses"):
        Settings.from_env({"TRUSTED_PROXIES": "10.0.0.0/8 proxy"})


@pytest.mark.parametrize(
    ("scheme", "frames", "expected"),
    [
        ("http", (), ["SameSite=Lax"]),
        ("https", (), ["SameSite=Lax", "Secure"]),
        ("http", ("https://x.example",), ["SameSite=None", "Secure", "Partitioned"]),
    ],
)
def test_cookies_behind_https_and_in_frames(
    scheme: str, frames: tuple[str, ...], expected: list[str]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reply = PlainTextResponse("")
        reply.set_cookie("access", "x", samesite="none", secure=True, httponly=True)
        await reply(scope, receive, send)

    reply = ask(SecurityHeaders(app, frames), f"{scheme}://localhost/")
    assert reply.headers["set-cookie"].split("; ")[-len(expected) :] == expected
    assert reply.headers["set-cookie"].count("SameSite") == 1
