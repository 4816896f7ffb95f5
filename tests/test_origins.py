"""Who may ask: pages of other sites, other names, proxies, and people without a login."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.routes import App as GradioApp
from gradio_client import Client, handle_file
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from searcher.errors import TwinlensError
from searcher.settings import Settings
from searcher.ui import peers
from searcher.ui.access import SecurityHeaders, braked
from searcher.ui.gate import PUBLIC
from searcher.ui.peers import Forwarded, client_address
from tests.pictures import encode, paint
from tests.servers import App, running, wait_for

EVIL = "http://evil.example"
PICTURE = {"files": ("a.png", encode(paint(1), "PNG"))}


@pytest.fixture(scope="module")
def places(app: App, home: Path) -> dict[str, str]:
    """The library of the session's app, once it is searchable."""
    client = Client(app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24, what="the samples")
    return {
        "TWINLENS_DATA": str(home / "data"),
        "MODELS_DIR": str(home / "models"),
        "SAMPLES_DIR": str(home / "samples"),
    }


@pytest.fixture(scope="module")
def proxied(places: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app behind a proxy that it trusts: this test."""
    variables = {"TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": "pictures.example"}
    folder = tmp_path_factory.mktemp("proxied")
    with running(folder, MCP="1", RATE_LIMIT="2", **variables, **places) as proxied:
        yield proxied


@pytest.fixture(scope="module")
def members(places: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with a login, and with no proxy before it."""
    folder = tmp_path_factory.mktemp("members")
    with running(folder, AUTH="ada:right,bob:right,cyd:right", RATE_LIMIT="2", **places) as app:
        yield app


def requests(app: App) -> list[tuple[str, str, dict[str, Any]]]:
    """One of each kind of request that changes or costs something."""
    call = {"data": [], "session_hash": "s", "fn_index": 0, "event_id": "e"}
    return [
        ("POST", "/gradio_api/upload", {"files": PICTURE}),
        *(
            ("POST", f"/gradio_api/{path}", {"json": call})
            for path in ("queue/join", "call/models", "call/v2/models", "run/models", "api/models")
        ),
        ("POST", "/gradio_api/cancel", {"json": call}),
        ("POST", "/gradio_api/reset", {"json": {"event_id": "e"}}),
        ("POST", "/gradio_api/mcp/", {"json": {"jsonrpc": "2.0", "id": 1, "method": "ping"}}),
        ("POST", "/login", {"data": {"username": "ada", "password": "right"}}),
        ("DELETE", "/gradio_api/mcp/", {}),
        ("PUT", "/gradio_api/upload", {}),
        ("OPTIONS", "/gradio_api/upload", {"headers": {"access-control-request-method": "POST"}}),
        ("GET", "/gradio_api/call/models/e", {}),
        ("GET", "/gradio_api/queue/data?session_hash=s", {}),
        ("GET", "/gradio_api/file=thumbs/00/1.jpg", {}),
        ("GET", "/gradio_api/heartbeat/s", {}),
        ("GET", "/config", {}),
        ("GET", "/logout", {}),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "nonsense"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"referer": f"{EVIL}/page"},
    ],
    ids=str,
)
def test_pages_of_other_sites_are_refused(proxied: App, headers: dict[str, str]) -> None:
    for method, path, options in requests(proxied):
        given = {**options, "headers": headers | options.get("headers", {})}
        reply = httpx.request(method, proxied.url + path, **given)
        assert reply.status_code == 403, (method, path)
        assert not [name for name in reply.headers if name.startswith("access-control")]
        assert "Another site's page" in reply.json()["detail"]


def test_the_own_page_and_programs_come_in(proxied: App) -> None:
    own = {"origin": proxied.url, "sec-fetch-site": "same-origin"}
    for headers in (own, {}, {"referer": f"{proxied.url}/"}, {"sec-fetch-site": "none"}):
        upload = f"{proxied.url}/gradio_api/upload"
        reply = httpx.post(upload, files=PICTURE, headers=headers)
        assert reply.status_code == 200, headers
        assert not [name for name in reply.headers if name.startswith("access-control")]
    # A link on another site, and what the page that it opens is made of.
    for path in ("/", "/?model=colour", "/manifest.json"):
        assert httpx.get(proxied.url + path, headers={"sec-fetch-site": "cross-site"}).is_success


def test_only_the_apps_own_names_are_answered(proxied: App) -> None:
    """Another name that leads here (DNS rebinding) would be its page's own origin."""
    port = proxied.url.rpartition(":")[2]
    for host in (f"evil.example:{port}", "evil.example", "localhost.evil.example", "[::2]", ""):
        for method, path, options in requests(proxied):
            headers = {"host": host, "origin": f"http://{host}"}
            given = {**options, "headers": headers | options.get("headers", {})}
            assert httpx.request(method, proxied.url + path, **given).status_code == 403, host
        assert httpx.get(proxied.url, headers={"host": host}).status_code == 403
    for host in (f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}", "pictures.example"):
        assert httpx.get(proxied.url, headers={"host": host}).status_code == 200, host
        headers = {"host": host, "origin": f"http://{host}"}
        upload = f"{proxied.url}/gradio_api/upload"
        assert httpx.post(upload, files=PICTURE, headers=headers).is_success, host


def test_what_anybody_forwards_is_not_heeded(app: App) -> None:
    headers = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-gradio-server": EVIL,
        "forwarded": "host=evil.example;proto=https",
        "x-forwarded-prefix": "/evil",
    }
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/openapi.json"):
        words = httpx.get(app.url + path, headers=headers).text
        assert "evil" not in words, path
    assert httpx.get(f"{app.url}/config", headers=headers).json()["root"] == app.url


def test_what_a_trusted_proxy_forwards_counts(proxied: App) -> None:
    headers = {"x-forwarded-host": "pictures.example", "x-forwarded-proto": "https"}
    config = httpx.get(f"{proxied.url}/config", headers=headers).json()
    assert config["root"] == "https://pictures.example"
    own = headers | {"origin": "https://pictures.example"}
    upload = f"{proxied.url}/gradio_api/upload"
    assert httpx.post(upload, files=PICTURE, headers=own).status_code == 200
    for wrong in (
        headers | {"origin": "https://evil.example"},
        headers | {"x-forwarded-host": "evil.example"},
        headers | {"x-forwarded-host": "pictures.example, evil.example"},
    ):
        assert httpx.post(upload, files=PICTURE, headers=wrong).status_code == 403


def searches(app: App, home: Path, forwarded: str) -> int:
    """How many of three searches with a new picture are answered."""
    headers = {"x-forwarded-for": forwarded}
    client = Client(app.url, verbose=False, headers=headers)
    found = 0
    for _ in range(3):
        query = handle_file(str(home / "samples" / "a" / "a-1.jpg"))
        try:
            client.predict(query, "colour", 1, api_name="/search")
        except Exception as error:
            assert "within a minute" in str(error)
        else:
            found += 1
    return found


def test_behind_a_proxy_each_address_has_a_limit_of_its_own(proxied: App, home: Path) -> None:
    """The address that the proxy has seen counts; what stands before it, anybody can write."""
    assert searches(proxied, home, "192.0.2.1") == 2
    assert searches(proxied, home, "192.0.2.2") == 2
    assert searches(proxied, home, "10.9.8.7, 192.0.2.1") == 0


def test_without_a_proxy_nobody_evades_the_limit(members: App, home: Path) -> None:
    reply = httpx.post(f"{members.url}/login", data={"username": "cyd", "password": "right"})
    assert reply.is_success
    attempts = 30

    def wrong(number: int) -> int:
        headers = {"x-forwarded-for": f"192.0.2.{number}"}
        data = {"username": "cyd", "password": f"wrong {number}"}
        login = f"{members.url}/login"
        return httpx.post(login, data=data, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(attempts) as pool:
        codes = list(pool.map(wrong, range(attempts)))
    assert codes.count(400) <= 12
    assert codes.count(429) >= attempts - 12


def test_passwords_cant_be_tried_by_the_thousand_and_nobody_is_locked_out(members: App) -> None:
    def attempt(name: str, password: str) -> tuple[int, float]:
        started = time.monotonic()
        data = {"username": name, "password": password}
        reply = httpx.post(f"{members.url}/login", data=data, timeout=60)
        assert reply.headers["x-content-type-options"] == "nosniff"
        return reply.status_code, time.monotonic() - started

    assert {attempt("ada", f"wrong {number}")[0] for number in range(10)} == {400}
    code, seconds = attempt("ada", "wrong again")
    assert code == 400
    assert seconds > 0.9  # slow from here on …
    assert attempt("ada", "right")[0] == 200  # … but open
    code, seconds = attempt("bob", "right")
    assert code == 200
    assert seconds < 0.9


def test_wrong_logins_count_for_an_address_and_a_name() -> None:
    clock, check = [0.0], braked(lambda name, password: password == "right", lambda: clock[0])

    async def attempts(number: int, address: str, name: Callable[[int], str]) -> int:
        peers.current.set(address)
        results = [asyncio.create_task(_code(check(name(n), "wrong"))) for n in range(number)]
        done, waiting = await asyncio.wait(results, timeout=0.2)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return sum(task.result() == 400 for task in done)

    async def story() -> None:
        assert await attempts(50, "a", lambda n: "ada") == 10
        assert await attempts(50, "b", lambda n: "ada") == 10  # other addresses
        assert await attempts(200, "a", lambda n: f"name {n}") == 90  # other names
        clock[0] += 61
        assert await attempts(50, "a", lambda n: "ada") == 10

    asyncio.run(story())


async def _code(attempt: Awaitable[bool]) -> int:
    try:
        return 200 if await attempt else 400
    except Exception as error:
        return int(getattr(error, "status_code", 500))


def test_cookies_are_for_this_site_only(members: App) -> None:
    login = f"{members.url}/login"
    reply = httpx.post(login, data={"username": "bob", "password": "right"})
    cookies = reply.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert re.findall(r"SameSite=(\w+)", cookie) == ["Lax"]
        assert "Secure" not in cookie


@pytest.mark.parametrize(
    ("scheme", "frames", "wanted"),
    [
        ("http", (), ["SameSite=Lax"]),
        ("https", (), ["SameSite=Lax", "Secure"]),
        ("http", ("https://x.example",), ["SameSite=None", "Secure", "Partitioned"]),
    ],
)
def test_cookies_behind_https_and_in_frames(
    scheme: str, frames: tuple[str, ...], wanted: list[str]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reply = PlainTextResponse("")
        reply.set_cookie("access", "x", samesite="none", secure=True, httponly=True)
        await reply(scope, receive, send)

    reply = ask(SecurityHeaders(app, frames), f"{scheme}://localhost/")
    assert reply.headers["set-cookie"].split("; ")[-len(wanted) :] == wanted
    assert reply.headers["set-cookie"].count("SameSite") == 1


def ask(app: ASGIApp, url: str, client: str = "203.0.113.9", **headers: str) -> httpx.Response:
    """Ask an ASGI app; in a thread, since Playwright keeps a loop in this one."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport) as session:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            return await session.get(url, headers=names)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked()).result()


async def _say_address(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    assert client_address(request) == client_address(scope) == peers.current.get()
    words = f"{client_address(scope)} {request.url.scheme} {request.headers.get('x-real-ip')}"
    await PlainTextResponse(words)(scope, receive, send)


@pytest.mark.parametrize(
    ("peer", "forwarded", "wanted"),
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
def test_a_visitors_address(peer: str, forwarded: str, wanted: str) -> None:
    networks = Settings.from_env({"TRUSTED_PROXIES": "10.0.0.0/8"}).trusted_proxies
    headers = {"x_forwarded_for": forwarded, "x_forwarded_proto": "https", "x_real_ip": "evil"}
    app = Forwarded(_say_address, networks)
    assert ask(app, "http://localhost/", peer, **headers).text == f"{wanted} None"


def test_the_mcp_server_asks_in_its_visitors_name() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(scope["headers"]).get(peers.VISITOR, b"").decode())
        await _say_address(scope, receive, send)

    ask(Forwarded(app, ()), "http://localhost/gradio_api/mcp/", "203.0.113.9")
    headers = {"x_twinlens_visitor": seen[0]}
    reply = ask(Forwarded(app, ()), "http://localhost/x", "127.0.0.1", **headers)
    assert reply.text.startswith("203.0.113.9 ")
    headers = {"x_twinlens_visitor": "guessed 203.0.113.9"}
    assert ask(Forwarded(app, ()), "http://localhost/x", "127.0.0.1", **headers).text[:3] == "127"


def test_proxies_that_make_no_sense_are_refused() -> None:
    with pytest.raises(TwinlensError, match="TRUSTED_PROXIES must be addresses"):
        Settings.from_env({"TRUSTED_PROXIES": "10.0.0.0/8 proxy"})


def routes() -> list[tuple[str, str]]:
    """Every method and address that Gradio answers, with something for each parameter."""
    with gr.Blocks() as page:
        gr.Textbox()
    found = []
    routers: list[Any] = list(GradioApp.create_app(page).routes)
    for route in routers:
        if hasattr(route, "original_router"):  # FastAPI's for those under a prefix
            routers += route.original_router.routes
            continue
        path = re.sub(r"\{page[^}]*\}|\{[^}]*\}", "1", getattr(route, "path", ""))
        found += [(method, path) for method in getattr(route, "methods", None) or ("GET",)]
    assert len(found) > 80
    return found


def test_without_login_nothing_but_the_login_page(members: App) -> None:
    open_routes = set()
    for method, path in routes():
        reply = httpx.request(method, members.url + path, follow_redirects=False)
        assert reply.status_code < 500, path
        if reply.status_code not in (401, 403, 404, 405):
            open_routes.add(path)
    assert {path for path in open_routes if not PUBLIC.fullmatch(path)} == set()
    assert open_routes <= {"/", "/login", "/login/", "/robots.txt", "/favicon.ico", "/theme.css"}
    for path in ("/gradio_api/info", "/gradio_api/heartbeat/x", "/gradio_api/openapi.json"):
        assert httpx.get(members.url + path).status_code == 401
    for path in ("/gradio_api/cancel", "/gradio_api/reset"):
        assert httpx.post(members.url + path, json={}).status_code == 401
    assert "/search" not in httpx.get(members.url).text  # the page has the API's description in it
    assert "/search" in httpx.get(members.url, cookies=cookies(members)).text


def cookies(members: App) -> dict[str, str]:
    login = f"{members.url}/login"
    return dict(httpx.post(login, data={"username": "bob", "password": "right"}).cookies)


def test_routes_that_nobody_needs_are_closed(app: App) -> None:
    for method, path in (
        ("GET", "/gradio_api/token"),
        ("GET", "/gradio_api/token/"),
        ("GET", "/gradio_api/deep_link?session_hash=s"),
        ("GET", "/gradio_api/startup-events"),
        ("GET", "/monitoring"),
        ("GET", "/gradio_api/dev/reload"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/vibe-edit"),
    ):
        assert httpx.request(method, app.url + path).status_code == 404, path


def test_uploads_have_no_path_of_the_server(app: App, home: Path) -> None:
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files=PICTURE).json()
    assert not path.startswith("/")
    assert str(home) not in path
    payload = {"path": path, "meta": {"_type": "gradio.FileData"}}
    call = f"{app.url}/gradio_api/run/search"
    reply = httpx.post(call, json={"data": [payload, "colour", 1]}, timeout=60)
    assert reply.json()["data"][0]["hits"]
    served = httpx.get(f"{app.url}/gradio_api/file={path}")
    assert served.content == PICTURE["files"][1]


def test_no_answer_has_a_path_of_the_server(app: App, home: Path) -> None:
    """Whatever the page's own calls are given, down to pictures that they hand back."""
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files=PICTURE).json()
    payload = {"path": path, "meta": {"_type": "gradio.FileData"}}
    config = httpx.get(f"{app.url}/config").json()
    answers = [
        httpx.get(f"{app.url}/gradio_api/file={name}").text
        for name in ("nothing", "stores", "../nothing", str(home), "incoming")
    ]
    for call in config["dependencies"]:
        body = {"fn_index": call["id"], "data": [payload] * len(call["inputs"])}
        reply = httpx.post(f"{app.url}/gradio_api/run/{call['id']}", json=body, timeout=60)
        answers.append(reply.text)
    assert len(answers) > 30
    for answer in answers:
        for secret in (str(home / "data"), str(home / "models"), "site-packages", str(Path.cwd())):
            assert secret not in answer
