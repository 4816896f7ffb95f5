"""The Library tab in a real browser: adding, browsing, opening, searching with, removing."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from gradio_client import Client
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.browsing import (
    CALLS,
    WAIT_MS,
    does_not_scroll_sideways,
    held_calls,
    open_tab,
    violations,
    visiting,
)
from tests.pictures import encode, folder, paint, save
from tests.servers import App, environment, running, wait_for


@pytest.fixture(scope="module")
def separate_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app with 60 pictures, which each test leaves as it finds them, or is the last."""
    home = tmp_path_factory.mktemp("library")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 30, "b": 30})
    with running(home) as app:
        yield app


def test_pictures_are_added_found_and_removed(
    browser: Browser, separate_app: App, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as out:
        for number in range(5):
            out.writestr(f"boats/boat-{number}.jpg", encode(paint(100 + number)))
        out.writestr("boats/film.mov", b"no picture")
    photo = save(tmp_path / "photo.jpg", 200)
    (tmp_path / "letter.jpg").write_text("no picture")
    size = {"width": 390, "height": 900}
    with visiting(browser, separate_app.url, viewport=size) as visit:
        page = visit.page
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 60"), timeout=WAIT_MS)
        open_tab(page, "Library")
        expect(page.locator("#library-summary")).to_contain_text("60 pictures")
        cards = page.locator("#library-shown .tl-card")
        expect(cards).to_have_count(48, timeout=WAIT_MS)
        page.get_by_role("button", name="Next page").first.click()
        expect(cards).to_have_count(12, timeout=WAIT_MS)
        page.get_by_role("button", name="Previous page").first.click()
        expect(cards).to_have_count(48, timeout=WAIT_MS)

        page.get_by_role("button", name="Add pictures").click()
        page.get_by_role("textbox", name="Label For pictures").fill("harbour")
        page.locator("#library-files input[type=file]").set_input_files(
            [tmp_path / "mine.zip", photo, tmp_path / "letter.jpg"]
        )
        added = page.locator("#library-added")
        expect(added).to_contain_text("6 added, 0 known, 1 skipped", timeout=WAIT_MS)
        skipped = added.get_by_role("region", name="Skipped files")
        expect(skipped.get_by_role("rowheader")).to_have_text(["letter.jpg"])
        expect(skipped).to_contain_text("letter.jpg is not a picture")
        with page.expect_download() as saved:
            added.get_by_role("button", name="Save the list as CSV").click()
        rows = Path(saved.value.path()).read_text().splitlines()
        assert rows[0] == "File,Why it was skipped"
        assert rows[1].startswith('letter.jpg,"letter.jpg is not a picture')
        assert violations(page) == []
        expect(page.get_by_test_id("toast-body")).to_have_count(0)  # it would say the same
        expect(added).to_contain_text("Left out: 1 file is no picture (.mov).")
        expect(cards.first).to_contain_text(re.compile("boats|harbour"))
        assert does_not_scroll_sideways(page)

        page.get_by_label("Filter").fill("boats")
        expect(cards).to_have_count(5, timeout=WAIT_MS)
        cards.first.click()
        details = page.get_by_role("dialog")
        expect(details).to_contain_text("320 × 240 pixels", timeout=WAIT_MS)
        name = details.get_by_role("heading").inner_text()
        details.get_by_role("button", name="Search with this one").click()
        first = page.locator("#search-result .tl-card").first
        expect(first).to_contain_text(re.compile(r"your query\s+boats\s"), timeout=WAIT_MS)

        open_tab(page, "Library")
        cards.nth(1).locator(".tl-tick").check()
        cards.nth(2).locator(".tl-tick").check()
        page.get_by_role("toolbar", name="The ticked pictures").get_by_role(
            "button", name="Remove"
        ).click()
        assert does_not_scroll_sideways(page)
        page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
        expect(cards).to_have_count(3, timeout=WAIT_MS)
        expect(cards.first).to_contain_text(name)
        assert does_not_scroll_sideways(page)
        page.get_by_label("Filter").fill("")
        expect(cards).to_have_count(48, timeout=WAIT_MS)
        add_folders(page, tmp_path)
        remove_all_and_begin_again(page, tmp_path)
    library = Library(Settings.from_env(environment(separate_app.log.parent)))
    assert library.records.count() == 60
    assert examine(library).problems == []
    library.close()


def adds(name: str, request: Request) -> bool:
    """Whether a request is a call with a file."""
    return bool(CALLS.search(request.url)) and name in (request.post_data or "")


def add_folders(page: Page, tmp_path: Path) -> None:
    """A folder that is chosen, and one that is dropped: each folder's name is a label."""
    for number, name in enumerate(("trip/day 1/one.jpg", "trip/two.jpg", "walk/deep/three.jpg")):
        save(tmp_path / name, 300 + number)
    (tmp_path / "trip" / ".hidden.jpg").write_bytes(b"hidden")
    (tmp_path / "trip" / "notes.txt").write_text("notes")
    added, box = page.locator("#library-added"), page.locator("#library-files")
    with held_calls(page):  # the second folder comes before the first is added
        with page.expect_request(partial(adds, "two.jpg")):
            page.locator("input[data-picks=folder]").set_input_files(tmp_path / "trip")
        left_out = "2 files that are no pictures were left out."
        expect(box.get_by_role("status")).to_have_text(left_out)
        devices = page.context.new_cdp_session(page)
        with page.expect_request(partial(adds, "three.jpg")):
            for kind in ("dragEnter", "dragOver", "drop"):
                data = {"items": [], "files": [str(tmp_path / "walk")], "dragOperationsMask": 1}
                event = {"type": kind, "x": 100, "y": 500, "data": data}
                devices.send("Input.dispatchDragEvent", event)
        page.get_by_label("Filter").fill("deep")
    expect(added).to_contain_text("1 added, 2 known, 0 skipped")
    notes = page.locator("#library-shown .tl-note")
    expect(notes).to_have_text(["deep"], timeout=WAIT_MS)  # the filter stays, with what was added
    page.get_by_label("Filter").fill("")
    expect(notes).to_have_count(48, timeout=WAIT_MS)
    expect(notes.first).to_have_text("deep", timeout=WAIT_MS)
    assert sorted(notes.all_inner_texts()[:3]) == ["day 1", "deep", "trip"]


def remove_all_and_begin_again(page: Page, tmp_path: Path) -> None:
    gallery = page.locator("#library-shown")
    gallery.get_by_label("Tick this page").check()
    bar = page.get_by_role("toolbar", name="The ticked pictures")
    expect(bar).to_contain_text("48 pictures ticked")
    bar.get_by_role("button", name="Tick all 67").click()
    expect(bar).to_contain_text("67 pictures ticked", timeout=WAIT_MS)
    bar.get_by_role("button", name="Remove").click()
    question = page.get_by_role("alertdialog", name="Remove these 67 pictures?")
    expect(question.get_by_role("listitem").last).to_have_text("+ 7")
    # Those that are still to come would be asked for when they are gone.
    question.locator("img").evaluate_all("all => Promise.all(all.map(img => img.decode()))")
    question.get_by_role("button", name="Remove").click()
    expect(gallery).to_contain_text("No pictures yet.", timeout=WAIT_MS)
    expect(gallery.get_by_role("heading")).to_have_count(3)
    assert violations(page) == []
    assert does_not_scroll_sideways(page)
    # What is asked of the empty library is answered once there are pictures.
    asked = tmp_path / "photo.jpg"
    for name in ("Search", "Compare"):
        open_tab(page, name)
        page.locator(f"#{name.lower()}-image input[type=file]").set_input_files(asked)
        expect(page.locator(f"#{name.lower()}-result [data-unanswered]")).to_be_visible()
    open_tab(page, "Library")
    gallery.get_by_role("button", name="Add the sample pictures").click()
    expect(gallery.locator(".tl-card")).to_have_count(48, timeout=WAIT_MS)
    expect(page.locator("#library-summary")).to_contain_text("60 pictures", timeout=WAIT_MS)
    for name in ("Search", "Compare"):
        open_tab(page, name)
        hit = page.locator(f"#{name.lower()}-result .tl-card:not(.tl-own)").first
        expect(hit).to_be_visible(timeout=WAIT_MS)


def test_adding_can_be_stopped_after_the_page_was_loaded_anew(
    browser: Browser, separate_app: App, tmp_path: Path
) -> None:
    many = 5000  # more than are added while the page is loaded
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as out:
        for number in range(many):  # each shows its number as bits
            bits = Image.frombytes("1", (8, 2), number.to_bytes(2, "big")).resize((64, 16))
            out.writestr(f"boats/boat-{number}.png", encode(bits, "PNG"))
    client = Client(separate_app.url, verbose=False)

    def count() -> int:
        return int(client.predict(api_name="/status")["pictures"])

    with visiting(browser, separate_app.url) as visit:
        page = visit.page
        open_tab(page, "Library")
        expect(page.locator("#library-summary")).to_contain_text("60 pictures", timeout=WAIT_MS)
        page.get_by_role("button", name="Add pictures").click()
        page.locator("#library-files input[type=file]").set_input_files([tmp_path / "many.zip"])
        wait_for(lambda: count() > 60, what="the first pictures")
        total = page.locator("#library-shown .tl-shelf-bar > b")
        expect(total).to_have_text("60 pictures")  # a full page stays as it is
        page.get_by_role("button", name="Refresh: the library has changed").click(timeout=WAIT_MS)
        expect(total).not_to_have_text("60 pictures", timeout=WAIT_MS)
        page.reload()
        open_tab(page, "Library")
        page.locator("#jobs").get_by_role("button", name="Stop").click()
        last = [count()]

        def rests() -> bool:
            last.append(count())
            return len(last) > 20 and len(set(last[-20:])) == 1

        wait_for(rests, what="the end")
    assert 60 < last[-1] < 60 + many
