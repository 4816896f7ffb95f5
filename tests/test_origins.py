"""Which origins are accepted: other sites, other host names, and proxies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.pictures import encode, paint
from tests.servers import App, running

EVIL = "http://evil.example"
PICTURE = {"files": ("a.png", encode(paint(1), "PNG"))}


@pytest.fixture(scope="module")
def proxied(locations: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app behind a proxy that it trusts: this test."""
    variables = {"TRUSTED_PROXIES": "127.0.0.1", "ALLOWED_HOSTS": "pictures.example"}
    folder = tmp_path_factory.mktemp("proxied")
    with running(folder, MCP="1", RATE_LIMIT="5", **variables, **locations) as proxied:
        yield proxied


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
        arguments = {**options, "headers": headers | options.get("headers", {})}
        reply = httpx.request(method, proxied.url + path, **arguments)
        assert reply.status_code == 403, (method, path)
        assert not [name for name in reply.headers if name.startswith("access-control")]
        assert "Another site's page" in reply.json()["detail"]


def test_the_own_page_and_programs_come_in(proxied: App) -> None:
    same_origin = {"origin": proxied.url, "sec-fetch-site": "same-origin"}
    for headers in (same_origin, {}, {"referer": f"{proxied.url}/"}, {"sec-fetch-site": "none"}):
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
            arguments = {**options, "headers": headers | options.get("headers", {})}
            assert httpx.request(method, proxied.url + path, **arguments).status_code == 403, host
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
    forwarded = headers | {"origin": "https://pictures.example"}
    upload = f"{proxied.url}/gradio_api/upload"
    assert httpx.post(upload, files=PICTURE, headers=forwarded).status_code == 200
    for wrong in (
        headers | {"origin": "https://evil.example"},
        headers | {"x-forwarded-host": "evil.example"},
        headers | {"x-forwarded-host": "pictures.example, evil.example"},
    ):
        assert httpx.post(upload, files=PICTURE, headers=wrong).status_code == 403


def searches(app: App, home: Path, forwarded: str) -> int:
    """How many of six searches with a new picture are answered."""
    headers = {"x-forwarded-for": forwarded}
    client = Client(app.url, verbose=False, headers=headers)
    total = 0
    for _ in range(6):
        query = handle_file(str(home / "samples" / "a" / "a-1.jpg"))
        try:
            client.predict(query, "colour", 1, api_name="/search")
        except Exception as error:
            assert "within a minute" in str(error) or "429" in str(error)
        else:
            total += 1
    return total


def test_behind_a_proxy_each_address_has_a_limit_of_its_own(proxied: App, home: Path) -> None:
    """The address that the proxy has seen counts; what stands before it, anybody can write."""
    assert searches(proxied, home, "192.0.2.1") == 5
    assert searches(proxied, home, "192.0.2.2") == 5
    assert searches(proxied, home, "10.9.8.7, 192.0.2.1") == 0
