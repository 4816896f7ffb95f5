"""The first load of the page in a real browser: its weight, and that nothing is loaded in vain."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import open_tab
from tests.servers import App

MOST_REQUESTS = 60
MOST_BYTES = 600_000
# Bytes over the network of each file of the page, by path.
TRANSFERS = """() => Object.fromEntries(performance.getEntriesByType("resource").map(
  (entry) => [new URL(entry.name).pathname, entry.transferSize]))"""


@dataclass
class Traffic:
    """Requests by path, and bytes over the network, noted while a page loads."""

    paths: list[str] = field(default_factory=list)
    size: float = 0

    def watch(self, page: Page, address: str) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event: self._note(event, address))
        session.on("Network.loadingFinished", self._add)

    def _note(self, event: dict[str, Any], address: str) -> None:
        url = event["request"]["url"]
        if url.startswith(address):
            self.paths.append(url.removeprefix(address))

    def _add(self, event: dict[str, Any]) -> None:
        self.size += event["encodedDataLength"]


@pytest.fixture
def page(browser: Browser) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


def load(page: Page, app: App) -> Traffic:
    traffic = Traffic()
    traffic.watch(page, app.url)
    page.goto(app.url)
    expect(page.locator("#search-model").get_by_role("combobox")).not_to_have_value("")
    page.wait_for_load_state("load")
    return traffic


def test_loads_are_light_and_load_nothing_in_vain(page: Page, app: App) -> None:
    traffic = load(page, app)
    assert len(traffic.paths) <= MOST_REQUESTS
    assert traffic.size <= MOST_BYTES
    sheets = [path for path in traffic.paths if ".css" in path]
    assert len(sheets) == 2, sheets  # the joined one and the theme
    files = [path for path in traffic.paths if not path.startswith("/gradio_api/")]
    assert len({*files}) == len(files)

    # A second load asks for no file again.
    page.reload()
    expect(page.locator("#search-model").get_by_role("combobox")).not_to_have_value("")
    transfers: dict[str, int] = page.evaluate(TRANSFERS)
    files = [path for path in transfers if path.startswith(("/assets/", "/static/", "/theme"))]
    assert len(files) > 30
    assert {path for path in files if transfers[path]} == set()

    # What is not shown is loaded when it is.
    before = {path for path in traffic.paths if path.startswith("/assets/")}
    open_tab(page, "Library")
    expect(page.locator("#library-add")).to_be_visible()
    page.locator("#library-add").get_by_role("button").first.click()
    expect(page.locator("#library-files")).to_be_visible()
    assert {path for path in traffic.paths if path.startswith("/assets/")} > before


def test_the_page_is_compressed_and_its_events_are_not(app: App) -> None:
    answer = httpx.get(app.url, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) < len(answer.content) / 5
    with httpx.stream(
        "GET", f"{app.url}/twinlens/events", headers={"Accept-Encoding": "br"}
    ) as stream:
        assert "Content-Encoding" not in stream.headers
        assert next(stream.iter_lines()).startswith("data: ")
