"""Several visitors at once, a reload during a job, and queries of every format."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.browsing import WAIT_MS, open_tab, visiting
from tests.pictures import encode, folder, paint
from tests.screen_reader import hears, listen
from tests.servers import App, environment, running, wait_for

MANY = 1000


@pytest.fixture
def separate_app(tmp_path: Path, baselines: Path) -> Iterator[App]:
    """An app that this test may change."""
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 6, "b": 6})
    with running(tmp_path) as app:
        yield app


def ready(page: Page, count: int) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile(f"all {count:,}"), timeout=WAIT_MS)


def search(page: Page, picture: Path) -> None:
    page.locator("#search-image input[type=file]").set_input_files(picture)


def test_two_visitors_do_not_see_each_other(browser: Browser, app: App, home: Path) -> None:
    with visiting(browser, app.url) as one, visiting(browser, app.url) as other:
        for visit in (one, other):
            ready(visit.page, 24)
        model = other.page.locator("#search-model").get_by_role("combobox")
        model.click()
        other.page.get_by_role("option", name="Shape (baseline)").click()
        for number in (1, 5, 9):
            search(one.page, home / "samples" / "a" / f"a-{number}.jpg")
            search(other.page, home / "samples" / "b" / f"b-{number}.jpg")
            for visit, name in ((one, f"a-{number}.jpg"), (other, f"b-{number}.jpg")):
                first = visit.page.locator("#search-result .tl-card").first
                expect(first).to_contain_text(name, timeout=WAIT_MS)
            if number < 9:
                for visit in (one, other):
                    visit.page.get_by_label("Clear").or_(
                        visit.page.get_by_label("Remove Image")
                    ).first.click()
                    expect(visit.page.locator("#search-result .tl-empty")).to_be_visible()
        expect(one.page.locator("#search-model").get_by_role("combobox")).to_have_value(
            re.compile("Colour")
        )
        names = [v.page.locator(".tl-recent button[title]").first for v in (one, other)]
        expect(names[0]).to_have_attribute("title", "a-9.jpg")
        expect(names[1]).to_have_attribute("title", "b-9.jpg")


def test_a_reload_does_not_stop_what_is_being_added(
    browser: Browser, separate_app: App, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as out:
        for number in range(MANY):
            colour = (number % 16 * 16, number // 16 % 16 * 16, number // 256 * 32)
            out.writestr(f"many/{number}.png", encode(Image.new("RGB", (160, 120), colour), "PNG"))
    with (
        visiting(browser, separate_app.url) as visit,
        visiting(browser, separate_app.url) as other,
    ):
        page = visit.page
        ready(page, 12)
        open_tab(page, "Library")
        page.get_by_role("button", name="Add pictures").click()
        listen(other.page)
        page.locator("#library-files input[type=file]").set_input_files(tmp_path / "many.zip")
        expect(page.locator("#jobs li")).to_contain_text("a second", timeout=WAIT_MS)
        page.reload()
        # The line of the job is there after a reload, on every tab, and in another window. That was
        # opened before, since it takes a busy machine as long as the job.
        for window in (page, other.page):
            line = window.locator("#jobs li").filter(has_text="Adding pictures")
            expect(line).to_contain_text(re.compile(r"[\d,]+ of 1,000 pictures"))
            expect(line).to_contain_text(re.compile(r"\d a second"))
            expect(line).to_contain_text(re.compile(r"\d s left"))
            expect(line.get_by_role("button", name="Stop: Adding pictures")).to_be_visible()
        open_tab(page, "Library")
        total = re.compile(f"{MANY + 12:,} pictures")
        expect(page.locator("#library-summary")).to_contain_text(total, timeout=WAIT_MS)
        open_tab(page, "Search")
        ready(page, MANY + 12)
        hears(other.page, "Adding pictures: ended.")
        search(page, tmp_path / "samples" / "a" / "a-1.jpg")
        first = page.locator("#search-result .tl-card").first
        expect(first).to_contain_text("a-1.jpg", timeout=WAIT_MS)
    library = Library(Settings.from_env(environment(tmp_path)))
    wait_for(lambda: not examine(library).problems, what="a library in order")
    library.close()


FORMATS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "avif": "AVIF",
    "heic": "HEIF",
}


def test_every_format_can_be_the_query(browser: Browser, app: App, tmp_path: Path) -> None:
    picture = paint(4)  # a-4.jpg of the library
    with visiting(browser, app.url) as visit:
        ready(visit.page, 24)
        for suffix, format in FORMATS.items():
            path = tmp_path / f"query.{suffix}"
            path.write_bytes(encode(picture, format))
            search(visit.page, path)
            first = visit.page.locator("#search-result .tl-card").first
            expect(first, suffix).to_contain_text("a-4.jpg", timeout=WAIT_MS)
            expect(first, suffix).to_contain_text(re.compile(r"closer than (9\d|100)\.\d%"))
            visit.page.get_by_label("Clear").or_(
                visit.page.get_by_label("Remove Image")
            ).first.click()
            expect(visit.page.locator("#search-result .tl-empty")).to_be_visible(timeout=WAIT_MS)
