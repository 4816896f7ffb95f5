"""Buttons, ticks and focus stay with their model or picture while the list changes."""

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from searcher.export.contract import Metadata
from searcher.models.catalog import CATALOGUE
from tests import onnx_files
from tests.browsing import WAIT_MS, answered, open_tab, visiting
from tests.pictures import folder
from tests.servers import App, running

READY = re.compile(r"ready.*all 8", re.S)
LAST = list(CATALOGUE)[-1]  # the card before those of files


@pytest.fixture
def separate_app(tmp_path: Path, baselines: Path) -> Iterator[App]:
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "samples", {"a": 4, "b": 4})
    onnx_files.write(tmp_path / "models", "mean")
    with running(tmp_path) as app:
        yield app


@pytest.fixture
def page(browser: Browser, separate_app: App) -> Iterator[Page]:
    """The Models tab with a model that can be removed."""
    # Tall, so that nothing scrolls while cards are inserted.
    size = {"width": 1280, "height": 2600}
    with visiting(browser, separate_app.url, viewport=size) as visit:
        open_tab(visit.page, "Models")
        expect(visit.page.locator("#model-mean")).to_contain_text(READY, timeout=WAIT_MS)
        yield visit.page


def add_an_earlier_one(page: Page, app: App, name: str) -> None:
    """Insert a model before the one that was listed first; once ready, its card is as high."""
    about = Metadata(name.title(), "mean of the pixels", "none: a test", "Apache-2.0")
    onnx_files.write(app.log.parent / "models", name, side=9, metadata=about)
    expect(page.locator(f"#model-{name}")).to_contain_text(READY, timeout=WAIT_MS)


def test_a_focused_and_a_pressed_button_stay_their_models(page: Page, separate_app: App) -> None:
    page.locator("#model-mean").get_by_role("button", name="Remove").focus()
    add_an_earlier_one(page, separate_app, "beta")
    question = answered(page, partial(page.keyboard.press, "Enter"), yes=False)
    assert question == "Delete Mean colour and its vectors?"

    box = page.locator("#model-mean").get_by_role("button", name="Remove").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    add_an_earlier_one(page, separate_app, "alpha")
    remove = page.locator("#model-mean").get_by_role("button", name="Remove")
    assert remove.bounding_box() == box, "nothing moves under the pointer"
    page.mouse.move(0, 0)
    page.mouse.up()
    question = answered(page, remove.click, yes=True)
    assert question == "Delete Mean colour and its vectors?"
    expect(page.locator("#model-mean")).to_have_count(0, timeout=WAIT_MS)
    expect(page.locator(f"#model-{LAST}")).to_contain_text("not installed")
    assert (separate_app.log.parent / "models" / "alpha.onnx").exists()


def test_a_chosen_hit_stays_chosen_when_more_are_asked_for(
    browser: Browser, app: App, home: Path
) -> None:
    with visiting(browser, app.url) as visit:
        page = visit.page
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        open_tab(page, "Compare")
        query = home / "samples" / "b" / "b-2.jpg"
        page.locator("#compare-image input[type=file]").set_input_files(query)
        cards = page.locator("#compare-side-a .tl-card:not(.tl-own)")
        expect(cards).to_have_count(12, timeout=WAIT_MS)
        chosen_id = cards.nth(1).get_attribute("data-id")
        cards.nth(1).click()
        number = page.locator("#compare-k").get_by_role("spinbutton")
        number.fill("20")
        number.blur()
        expect(cards).to_have_count(20, timeout=WAIT_MS)
        marked = page.locator(".tl-card.tl-selected")
        ids = marked.evaluate_all("all => [...new Set(all.map(card => card.dataset.id))]")
        assert ids == [chosen_id]
        expect(page.get_by_role("dialog")).to_be_visible()
