"""Stores that fail under the running app: an error message, and recovery."""

import re
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, open_tab, visiting
from tests.pictures import folder
from tests.process_names import named
from tests.servers import App, free_port, page_answers, redis_on, running, wait_for


@pytest.fixture
def home(tmp_path: Path, baselines: Path) -> Path:
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 60})
    return tmp_path


def hit_count(app: App, home: Path) -> int:
    """How many hits a search has; raises what a visitor would see."""
    client = Client(app.url, verbose=False)
    query = handle_file(str(home / "samples" / "a" / "a-0.jpg"))
    hits = client.predict(query, "colour", 12, api_name="/search")["hits"]
    return sum(not hit["query"] for hit in hits)


def is_searchable(app: App, home: Path) -> bool:
    try:
        return hit_count(app, home) == 12
    except Exception as error:
        assert "Traceback" not in str(error)
        return False


def test_killed_stores_come_back_by_themselves(home: Path) -> None:
    with running(home) as app:
        wait_for(lambda: is_searchable(app, home), what="the samples")
        processes: dict[str, psutil.Process] = {}
        for victims in (["redis"], ["supervisor"], ["supervisor", "redis"]):
            # A new supervisor goes on with the redis-server that it finds, not as its child.
            for supervisor in named(str(home), "searcher.stores.private.supervisor"):
                processes["supervisor"] = supervisor
                for child in supervisor.children():
                    processes["redis"] = child
            for victim in victims:
                processes[victim].kill()
            wait_for(lambda: is_searchable(app, home), what="the stores' return")
            assert app.process.poll() is None


def test_a_redis_elsewhere_may_go_and_come_back(
    browser: Browser, home: Path, tmp_path: Path
) -> None:
    port = free_port()
    with (
        running(home, REDIS_URL=f"redis://127.0.0.1:{port}") as app,
        visiting(browser, app.url) as visit,
    ):
        page = visit.page
        status = page.locator("#status")
        expect(status).to_contain_text("Redis does not answer", timeout=WAIT_MS)
        for ask, is_answered in ((ask_early, early_is_answered), (go_to_filter, filter_is_shown)):
            ask(page, app, home)
            with redis_on(port, tmp_path, "--appendonly", "yes") as server:
                try:
                    wait_for(lambda: is_searchable(app, home), what="the samples")
                    expect(status).not_to_contain_text("Redis", timeout=WAIT_MS)
                    is_answered(page)
                finally:
                    server.kill()
            assert not is_searchable(app, home)
            expect(status).to_contain_text("Redis does not answer", timeout=WAIT_MS)


def ask_early(page: Page, app: App, home: Path) -> None:
    """Search, and open the map, before there is anything."""
    open_tab(page, "Search")
    picture = home / "samples" / "a" / "a-4.jpg"
    page.locator("#search-image input[type=file]").set_input_files(picture)
    expect(page.locator("#search-result")).to_contain_text("Redis does not answer")
    open_tab(page, "Map")
    expect(page.locator("#map-result")).to_contain_text("Redis does not answer")


def early_is_answered(page: Page) -> None:
    # Also the map is of all pictures, though it was first drawn while they were indexed.
    expect(page.locator("#map-result")).to_contain_text("60 of 60 pictures")
    open_tab(page, "Search")
    expect(page.locator("#search-result .tl-line").first).to_contain_text("12 of 60 pictures")
    expect(page.locator("#search-result .tl-warn")).to_have_count(0)
    open_tab(page, "Compare")
    expect(page).to_have_url(re.compile(r"\?tab=compare$"))
    page.reload()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")


def go_to_filter(page: Page, app: App, home: Path) -> None:
    page.goto(f"{app.url}/?tab=library&filter=a-1")
    expect(page.locator("#library-shown")).to_contain_text("Redis does not answer")


def filter_is_shown(page: Page) -> None:
    expect(page.locator("#library-shown .tl-card")).to_have_count(11)
    expect(page.get_by_label("Filter")).to_have_value("a-1")


@pytest.fixture
def mounted(home: Path) -> list[str]:
    """A command that runs another one with a small disk of its own as data folder."""
    (home / "data").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    mount = f'mount -t tmpfs -o "$DISK" tmpfs {home}/data && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", mount, "sh"]


def test_a_full_disk_is_said(home: Path, mounted: list[str]) -> None:
    with running(home, mounted, DISK="size=400k") as app:
        client = Client(app.url, verbose=False)
        wait_for(
            lambda: "is full" in " ".join(client.predict(api_name="/status")["problems"]),
            what="the disk's state",
        )
        assert page_answers(app)
        assert app.process.poll() is None


def test_a_disk_that_can_only_be_read_is_said(
    browser: Browser, home: Path, mounted: list[str]
) -> None:
    sentence = "The data folder can't be used (Read-only file system)."
    with running(home, mounted, DISK="size=3m,ro") as app, visiting(browser, app.url) as visit:
        expect(visit.page.locator("#status")).to_contain_text(sentence, timeout=WAIT_MS)
        expect(visit.page.locator("#search-image")).to_be_visible()
        assert app.process.poll() is None
