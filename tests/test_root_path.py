"""Paths and names of a proxy, before and behind the app's own checks of requests."""

from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.config.setting_types import Root, root
from searcher.config.settings import Settings
from searcher.errors import InvalidSetting
from searcher.ui.components.header import header
from searcher.ui.delivery.own_address import sharing
from searcher.ui.delivery.root_path import WithoutRoot, WithRoot
from searcher.ui.i18n import browser_messages
from searcher.ui.security.access import SecurityHeaders
from searcher.ui.security.origins import LOOPBACK, SHARED_HOSTS, Origins
from tests.servers import wait_apart


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for Gradio: the path and the whole address that it sees, and a cookie."""
    request = Request(scope)
    seen = {"path": scope["path"], "root": scope["root_path"], "url": str(request.url)}
    answer = JSONResponse(seen)
    answer.set_cookie("token", "1", path="/")
    await answer(scope, receive, send)


def app(where: Root, *names: str) -> ASGIApp:
    """The middleware that knows of a proxy, in the order of `server.py`."""
    pages = [*{*names} - {SHARED_HOSTS}, where.host]
    inner = Origins(WithRoot(echo, where), [*names, *LOOPBACK], pages)
    return WithoutRoot(SecurityHeaders(inner, root=where.path), where)


def ask(app: ASGIApp, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=sent)

    return wait_apart(get())


def seen(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize(
    ("prefix", "path", "inner"),
    [
        ("/demo", "/demo", "/"),
        ("/demo", "/demo/", "/"),
        ("/demo", "/demo/config", "/config"),
        ("/demo", "/config", "/config"),  # the proxy has removed it
        ("/demo", "/demonstration", "/demonstration"),
        # Some of the app's own paths begin with it.
        ("/twinlens", "/twinlens/twinlens/events", "/twinlens/events"),
        ("/twinlens", "/twinlens/events", "/twinlens/events"),
        ("/twinlens", "/twinlens/config", "/config"),
        ("/user/jürgen/proxy/1", "/user/j%C3%BCrgen/proxy/1/config", "/config"),
    ],
)
def test_the_prefix_may_be_there_or_not(prefix: str, path: str, inner: str) -> None:
    document = seen(ask(app(Root(prefix)), path))
    assert (document["path"], document["root"]) == (prefix + inner, prefix)


def test_cookies_are_sent_below_the_path_only() -> None:
    for where, path in ((Root("/demo"), "/demo"), (Root(), "/")):
        (cookie,) = ask(app(where), "/config").headers.get_list("set-cookie")
        assert cookie.count("Path=") == 1
        assert f"Path={path};" in cookie


def test_a_whole_address_stands_for_a_host_that_a_proxy_has_changed() -> None:
    """As Colab's does, without X-Forwarded-Host."""
    inside, page = "m-1.colab-user-runtimes.internal", "https://abc-7860.prod.colab.example"
    colab = app(root(f"{page}/"), "*.colab-user-runtimes.internal")
    own = ask(colab, "/gradio_api/upload", "POST", host=inside, origin=page)
    assert seen(own)["url"] == f"{page}/gradio_api/upload"
    stranger = "https://evil.prod.colab.example"
    for headers in (
        {"host": inside, "origin": stranger},
        # Another page below the same name.
        {"host": "localhost", "origin": "https://m-2.colab-user-runtimes.internal"},
        {"host": "colab-user-runtimes.internal.evil.example"},
        {"host": "xcolab-user-runtimes.internal"},
    ):
        assert ask(colab, "/gradio_api/upload", "POST", **headers).status_code == 403, headers
    # Gradio's MCP server calls the app from this machine, and must not go out for it.
    document = seen(ask(colab, "/config", x_gradio_user="mcp"))
    assert document["url"] == "http://localhost/config"


def test_the_host_that_a_trusted_proxy_forwards_is_that_of_addresses() -> None:
    """Others' are dropped before."""
    forwarded = {"host": "127.0.0.1:7860", "x_forwarded_host": "pictures.example:8443"}
    document = seen(ask(app(Root("/demo"), "pictures.example"), "/demo/config", **forwarded))
    assert document["url"] == "http://pictures.example:8443/demo/config"


def test_a_link_of_gradios_is_answered_where_it_was_asked_for() -> None:
    shared, link = app(Root(), SHARED_HOSTS), "0a1b.gradio.live"
    own = ask(shared, "/gradio_api/upload", "POST", host=link, origin=f"https://{link}")
    assert seen(own)["url"] == f"https://{link}/gradio_api/upload"
    others = ask(shared, "/gradio_api/upload", "POST", host=link, origin="https://x.gradio.live")
    assert others.status_code == 403
    assert ask(app(Root()), "/", host=link).status_code == 403


def test_sharing_is_warned_of() -> None:
    link = "https://0a1b.gradio.live"
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "server.shared_for_changes"),
        ({"AUTH": "ada:right"}, "server.shared"),
        ({"READ_ONLY": "1"}, "server.shared"),
    ]
    for variables, code in cases:
        settings = Settings.from_env({"SHARE": "1", **variables})
        assert sharing(link, settings).code == code
        assert sharing(None, settings).code == "server.not_shared"
    for is_shared in (True, False):
        header(is_shared)
        for language, words in (("en", "its public link"), ("es", "su enlace público")):
            text = browser_messages().translations[language]["header"]
            assert (words in text) == is_shared, language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/demo", Root("/demo")),
        ("/demo/", Root("/demo")),
        ("/", Root()),
        ("/user/j%C3%BCrgen/", Root("/user/jürgen")),
        ("https://Pictures.example:8443/demo/", Root("/demo", "https", "pictures.example:8443")),
    ],
)
def test_root_paths_are_read(text: str, expected: Root) -> None:
    assert Settings.from_env({"ROOT_PATH": text}).root == expected
    assert Settings.from_env({"GRADIO_ROOT_PATH": text}).root == expected
    assert Settings.from_env({"ROOT_PATH": text, "GRADIO_ROOT_PATH": "/x"}).root == expected


@pytest.mark.parametrize(
    "text",
    [
        *("demo", "/a/../b", "/..", "//a", "/a b", "/?x", "/login", "/config/", "/metrics"),
        *("/a/%2e%2e/b", "/a%0d%0ab"),
        # No request could be answered with these names in its headers.
        *("https:///a", "https://[/a", "https://ada@a.example/", "https://\u4f8b\u3048/a"),
    ],
)
def test_other_root_paths_are_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="ROOT_PATH must be a path"):
        Settings.from_env({"ROOT_PATH": text})
