"""The app below a path, behind a real nginx with TLS: nothing it answers lies outside the path."""

import re
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, Page, expect

from tests.browsing import open_tab, visiting
from tests.nginx import Proxy, nginx_before
from tests.pictures import encode, folder, paint, save
from tests.servers import App, running, wait_apart, wait_for

# The hardest one: some of the app's own paths begin with it.
PATH = "/twinlens"
STYLES = ("keeping", "removing")
READ_S = 15.0  # an event that nginx holds back comes with the heartbeat, after 25 s
ROOTED = re.compile(r"""(?:href|src)(?:=|": ?)["']?(/[^"' >]*)""")
OF_THIS_MACHINE = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1])[\w.:/%-]*")


@dataclass(frozen=True)
class Proxied:
    """An app, its proxy, and what trusts the proxy's certificate."""

    app: App
    proxy: Proxy
    home: Path
    tls: ssl.SSLContext

    def get(self, url: str, **options: Any) -> httpx.Response:
        return httpx.get(url, verify=self.tls, **options)

    def client(self, url: str) -> Client:
        return Client(url, verbose=False, ssl_verify=False, download_files=str(self.home))


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[Proxied]:
    """An app below a path that opens on a comparison, and nginx before it."""
    home = tmp_path_factory.mktemp("proxied")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 12, "b": 12})
    save(home / "samples" / "queries" / "a_07.jpg", 70)
    variables = {"ROOT_PATH": PATH, "TRUSTED_PROXIES": "127.0.0.1 ::1", "MCP": "1"}
    with (
        running(home, ALLOWED_HOSTS="localhost", **variables) as app,
        nginx_before(app, PATH, home) as proxy,
    ):
        tls = ssl.create_default_context(cafile=str(proxy.certificate))
        proxied = Proxied(app, proxy, home, tls)
        client = proxied.client(proxy.keeping)
        wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24)
        yield proxied


@pytest.fixture(params=[*STYLES, "ipv6"])
def url(request: pytest.FixtureRequest, proxied: Proxied) -> str:
    """The page's address, without a slash at the end."""
    address: str = getattr(proxied.proxy, request.param)
    return address or pytest.skip("there is no IPv6 here")


def test_every_answer_stays_below_the_path(proxied: Proxied, url: str) -> None:
    for path in ("/", "/config", "/manifest.json", "/gradio_api/info", "/gradio_api/openapi.json"):
        answer = proxied.get(url + path)
        assert answer.status_code == 200, path
        for address in ROOTED.findall(answer.text):
            assert address.startswith(f"{PATH}/"), (path, address)
        for address in OF_THIS_MACHINE.findall(answer.text):
            # The example program, which the page completes.
            is_local = address.startswith(f"http://localhost:{proxied.app.url.rpartition(':')[2]}")
            below = f"{urlsplit(address).path}/".startswith(f"{PATH}/")
            assert is_local or below, (path, address)
    assert proxied.get(f"{url}/config").json()["root"] == url
    assert f'<base href="{PATH}/" />' in proxied.get(f"{url}/").text
    (icon,) = proxied.get(f"{url}/manifest.json").json()["icons"]
    for path in (icon["src"], "theme.css", "favicon.ico", "twinlens/version"):
        assert proxied.get(f"{url}/{path}").status_code == 200, path
    redirects = {"": f"{url}/", "/gradio_api/mcp": f"{url}/gradio_api/mcp/"}
    for path, target in redirects.items():
        assert proxied.get(url + path).headers["location"] == target
    for path in ("/nowhere", "/gradio_api/nowhere"):
        answer = proxied.get(url + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "http.not_found")


def test_foreign_pages_and_names_are_refused(proxied: Proxied, url: str) -> None:
    upload = f"{url}/gradio_api/upload"
    files = {"files": ("a.png", encode(paint(1), "PNG"))}
    own = url.removesuffix(PATH)
    stranger = {"origin": "https://localhost.evil.example"}
    rebound = {"host": "evil.example", "origin": "https://evil.example"}
    for headers, status in (({"origin": own}, 200), (stranger, 403), (rebound, 403)):
        answer = httpx.post(upload, files=files, headers=headers, verify=proxied.tls)
        assert answer.status_code == status, headers
    (path,) = httpx.post(upload, files=files, verify=proxied.tls).json()
    assert proxied.get(f"{url}/gradio_api/file={path}").content


def test_events_are_not_held_back(proxied: Proxied, url: str) -> None:
    timeout = httpx.Timeout(READ_S)
    for path in ("twinlens/events", "gradio_api/heartbeat/session"):
        with httpx.stream("GET", f"{url}/{path}", verify=proxied.tls, timeout=timeout) as answer:
            assert next(answer.iter_lines()).startswith("data: "), path
    # The app needs no web sockets, and an attempt ends at once.
    upgrade = {"connection": "upgrade", "upgrade": "websocket"}
    assert proxied.get(f"{url}/twinlens/version", headers=upgrade, timeout=timeout).is_success


def test_visitors_do_not_choose_the_ids_of_requests(proxied: Proxied, url: str) -> None:
    answer = proxied.get(f"{url}/twinlens/version", headers={"x-request-id": "chosen"})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_text_is_compressed(proxied: Proxied, url: str) -> None:
    for encoding in ("gzip", "br"):
        answer = proxied.get(f"{url}/", headers={"accept-encoding": encoding})
        assert answer.headers["content-encoding"] == encoding
        assert "gradio_config" in answer.text


def test_programs_work(proxied: Proxied, url: str) -> None:
    client = proxied.client(url)
    query = handle_file(str(proxied.home / "samples" / "a" / "a-3.jpg"))
    for number in range(2):  # as an upload, and by the address of an upload
        hits = client.predict(query, "colour", 3, api_name="/search")["hits"]
        assert len(hits) == 4, number  # the query itself, and three others
    assert client.predict(api_name="/models")
    thumbnail = proxied.get(f"{url}/twinlens/thumbs/{hits[0]['id']}.jpg")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    tools, models = wait_apart(ask_mcp(proxied, url))
    assert "search" in tools
    assert "colour" in models


async def ask_mcp(proxied: Proxied, url: str) -> tuple[list[str], str]:
    """The tools of the MCP server, and what its tool `models` answers."""
    async with (
        httpx.AsyncClient(verify=proxied.tls, follow_redirects=True) as http,
        streamable_http_client(f"{url}/gradio_api/mcp/", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        names = [tool.name for tool in (await session.list_tools()).tools]
        answer = await session.call_tool("models", {})
        return names, str(answer.content)


@pytest.mark.parametrize("style", STYLES)
def test_the_page_asks_for_nothing_outside_the_path(
    browser: Browser, proxied: Proxied, style: str
) -> None:
    url: str = getattr(proxied.proxy, style)
    options: dict[str, Any] = {"ignore_https_errors": True}
    size = {"width": 1280, "height": 900}
    with visiting(browser, url, viewport=size, **options) as visit:
        page = visit.page
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        # Examples, results, full pictures, an upload, a report.
        expect(page.locator("#compare-result .tl-card").first).to_be_visible()
        loaded(page, "#compare-result .tl-card img")
        loaded(page, "#compare-examples img, .gallery img")  # the examples
        page.wait_for_function("'opened' in document.body.dataset")
        picture = proxied.home / "samples" / "b" / "b-2.jpg"
        page.locator("#compare-image input[type=file]").set_input_files(picture)
        expect(page.locator("#compare-query .tl-part")).to_contain_text(picture.name)
        page.locator("#compare-side-a .tl-card .tl-open").first.click()
        loaded(page, "dialog.tl-panel[open] img")
        page.keyboard.press("Escape")
        page.locator("#comparison-report").click()
        with page.expect_download():
            page.locator("dialog.tl-report").get_by_role("button", name="Save").click()
        for tab in ("Search", "Arena", "Evaluate", "Map", "Library", "Models"):
            open_tab(page, tab)
            expect(page.locator("#tabs [role=tabpanel]:visible").first).to_be_visible()
        assert page.url.startswith(f"{url}/?")
        assert sockets == []


def loaded(page: Page, selector: str) -> None:
    """Wait until the pictures are there, at least one."""
    expect(page.locator(selector).first).to_be_visible()
    page.wait_for_function(
        "selector => [...document.querySelectorAll(selector)].every(img => img.naturalWidth)",
        arg=selector,
    )
