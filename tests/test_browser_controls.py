"""Gradio's controls as the page's scripts mend them: numbers, lists of models, the skip link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, open_tab, show_inputs, visiting
from tests.pictures import encode, paint
from tests.servers import App


@pytest.fixture(scope="module")
def page(browser: Browser, app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page with the hits of one query, on a telephone; loaded once."""
    with visiting(browser, app.url, viewport={"width": 390, "height": 800}) as visit:
        page = visit.page
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        query = tmp_path_factory.mktemp("controls") / "query.jpg"
        query.write_bytes(encode(paint(99)))
        page.locator("#search-image input[type=file]").set_input_files(query)
        expect(page.locator("#search-result .tl-card")).to_have_count(12, timeout=WAIT_MS)
        expect(page.locator("#search-query .tl-part")).to_have_count(1)
        show_inputs(page)
        yield page


def test_a_typed_number_counts_without_leaving_the_field(page: Page) -> None:
    number = page.locator("#search-k").get_by_role("spinbutton")
    cards = page.locator("#search-result .tl-card")
    number.fill("5")
    number.press("Enter")
    expect(cards).to_have_count(5, timeout=WAIT_MS)
    number.fill("7")  # and a pause
    expect(cards).to_have_count(7, timeout=WAIT_MS)
    number.fill("999")
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"From 1 to (\d+): \1 is used\."))
    expect(cards).to_have_count(24, timeout=WAIT_MS)
    expect(number).to_be_focused()
    number.fill("3")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(cards).to_have_count(3, timeout=WAIT_MS)


def test_the_list_of_models_shows_all_and_closes_on_tab(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    options = page.get_by_test_id("dropdown-option")
    model.click()  # which waits until it can be clicked
    expect(model).to_be_focused()
    expect(options).to_have_count(2)
    model.press("Shift")
    model.press("ArrowDown")
    expect(options).to_have_count(2)
    model.press("Tab")
    expect(model).not_to_be_focused()
    expect(options).to_have_count(0)


def test_a_link_skips_to_the_open_tab(page: Page) -> None:
    open_tab(page, "Models")
    link = page.get_by_role("link", name="Skip to the open tab")
    link.focus()
    link.press("Enter")
    expect(page.get_by_role("tabpanel")).to_be_focused()


def test_all_tabs_are_in_one_line_that_scrolls(page: Page) -> None:
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(7)
    heights = {box["y"] for tab in tabs.all() if (box := tab.bounding_box())}
    assert len(heights) == 1
    tabs.last.focus()
    tabs.last.press("Enter")
    expect(page.locator("#models-list")).to_be_visible(timeout=WAIT_MS)
    expect(tabs.last).to_be_in_viewport(ratio=0.9)
