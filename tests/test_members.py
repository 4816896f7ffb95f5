"""Logins, the routes behind them, and paths that no answer shows."""

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

from searcher.ui.security import proxies
from searcher.ui.security.access import throttled
from searcher.ui.security.route_gate import PUBLIC
from tests.pictures import encode, paint
from tests.servers import App, running, wait_apart

PICTURE = {"files": ("a.png", encode(paint(1), "PNG"))}


@pytest.fixture(scope="module")
def members(locations: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with a login, and with no proxy before it."""
    folder = tmp_path_factory.mktemp("members")
    with running(folder, AUTH="ada:right,bob:right,cyd:right", RATE_LIMIT="2", **locations) as app:
        yield app


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
    with ThreadPoolExecutor(1) as pool:
        slowed = pool.submit(attempt, "ada", "wrong once more")
        assert attempt("bob", "right")[0] == 200
        assert not slowed.done()  # delayed logins as ada do not delay others


def test_wrong_logins_count_for_an_address_and_a_name() -> None:
    clock, check = [0.0], throttled(lambda name, password: password == "right", lambda: clock[0])

    async def attempts(number: int, address: str, name: Callable[[int], str]) -> int:
        proxies.current.set(address)
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

    wait_apart(story())


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


def routes() -> list[tuple[str, str]]:
    """Every method and address that Gradio answers, with something for each parameter."""
    with gr.Blocks() as page:
        gr.Textbox()
    addresses = []
    routers: list[Any] = list(GradioApp.create_app(page).routes)
    for route in routers:
        if hasattr(route, "original_router"):  # FastAPI's for those under a prefix
            routers += route.original_router.routes
            continue
        path = re.sub(r"\{page[^}]*\}|\{[^}]*\}", "1", getattr(route, "path", ""))
        addresses += [(method, path) for method in getattr(route, "methods", None) or ("GET",)]
    assert len(addresses) > 80
    return addresses


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
    call = f"{app.url}/gradio_api/call/search"
    event = httpx.post(call, json={"data": [payload, "colour", 1]}).json()["event_id"]
    assert '"hits": [' in httpx.get(f"{call}/{event}", timeout=60).text
    served = httpx.get(f"{app.url}/gradio_api/file={path}")
    assert served.content == PICTURE["files"][1]


def test_no_answer_has_a_path_of_the_server(app: App, home: Path) -> None:
    """With every kind of input of the page's own calls, stored pictures included."""
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
