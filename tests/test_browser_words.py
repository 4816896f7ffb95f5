"""Words, sums of parts and filters in a real browser: typed, combined, switched off, reloaded."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import (
    WAIT_MS,
    Visit,
    does_not_scroll_sideways,
    open_tab,
    shared_page,
    show_inputs,
    shown_text,
    visiting,
)
from tests.servers import App
from tests.test_accessibility import ready, violations

HOSTILE = "<img src=x onerror=pwned=1> {{7}}"


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page, loaded once; new words take the place of those that are left there."""
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        ready(visit.page)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)
    assert does_not_scroll_sideways(visit.page)


def names(page: Page) -> Locator:
    return page.locator("#search-result .tl-card:visible .tl-name")


def labels(page: Page) -> Locator:
    return page.locator("#search-result .tl-card:visible .tl-label")


def chips(page: Page) -> Locator:
    return page.locator("#search-query .tl-part")


def search_words(page: Page, words: str, tab: str = "search") -> None:
    show_inputs(page)
    line = page.locator(f"#{tab}-words").get_by_role("textbox", name="Words to search with")
    line.fill(words)
    line.press("Enter")


def choose(page: Page, filter_name: str, value: str) -> None:
    show_inputs(page)
    page.locator("#search-query").get_by_label(filter_name).select_option(value)


def test_words_are_combined_with_hits_and_filtered(page: Page) -> None:
    search_words(page, "boat")
    expect(names(page).first).to_have_text("a-4.jpg")
    expect(page).to_have_url(re.compile(r"[?&]text=boat"))

    seventh = page.locator("#search-result .tl-card").filter(has_text="a-7.jpg")
    seventh.get_by_role("button", name="More like a-7.jpg").click()
    expect(chips(page)).to_have_text([re.compile("boat"), re.compile("a-7.jpg")])
    expect(page).to_have_url(re.compile(r"[?&]parts="))
    expect(names(page).nth(1)).to_have_text(re.compile("a-[47].jpg"))

    # By keyboard the words are switched off: what is left is the picture.
    boat = page.get_by_role("button", name="Search with boat")
    expect(boat).to_have_attribute("aria-pressed", "true")
    boat.press("Enter")
    expect(names(page).first).to_have_text("a-7.jpg")
    expect(boat).to_have_attribute("aria-pressed", "false")
    expect(boat).to_be_focused()
    assert violations(page) == []

    expect(page).to_have_url(re.compile("off"))  # the address follows a moment later
    page.reload()
    expect(names(page).first).to_have_text("a-7.jpg", timeout=WAIT_MS)
    expect(boat).to_have_attribute("aria-pressed", "false")

    choose(page, "Label", "b")
    expect(labels(page)).to_have_text(["b"] * 12)
    boat.click()
    expect(boat).to_have_attribute("aria-pressed", "true")
    expect(page).not_to_have_url(re.compile("off"))
    page.reload()
    expect(labels(page)).to_have_text(["b"] * 12, timeout=WAIT_MS)
    choose(page, "Orientation", "portrait")
    expect(shown_text(page, "No picture fits these filters.")).to_have_count(1)
    page.get_by_role("button", name="Reset filters").click()
    expect(names(page)).to_have_count(13)  # with the part of the query that is in the library

    page.get_by_role("button", name="More like a-7.jpg. Press for less").click()
    expect(page.get_by_role("button", name="Less like a-7.jpg. Press for more")).to_be_visible()
    boat.click()
    expect(shown_text(page, "One part must count for pictures")).to_be_visible()
    page.get_by_role("button", name="Remove boat from the query").click()
    expect(chips(page)).to_have_count(1)
    drop = page.get_by_role("button", name="Remove a-7.jpg from the query")
    expect(drop).to_be_focused()
    drop.press("Enter")
    expect(shown_text(page, "Drop a picture, paste one, or type words.")).to_be_visible()
    expect(page).not_to_have_url(re.compile("parts="))


def test_words_are_shown_as_they_are(page: Page) -> None:
    search_words(page, HOSTILE)
    expect(chips(page).first).to_contain_text(HOSTILE)
    show_inputs(page)
    recent = page.get_by_role("button", name=f"Search again: {HOSTILE}", exact=True)
    expect(recent).to_have_text(HOSTILE)
    page.get_by_role("button", name="+ Add another").click()
    line = page.locator("#search-words").get_by_role("textbox")
    expect(line).to_have_value("")
    search_words(page, "boat")
    expect(chips(page)).to_have_count(2)
    show_inputs(page)
    recent.click()
    expect(chips(page)).to_have_count(1)
    show_inputs(page)
    expect(line).to_have_value(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    assert not page.evaluate("'pwned' in window")


def test_models_without_words_say_so(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    model.click()
    page.get_by_role("option", name=re.compile("Shape")).click()
    search_words(page, "boat")
    result = page.locator("#search-result")
    expect(result).to_contain_text("Shape (baseline) does not understand words. These models do:")
    result.get_by_role("button", name="Colour (baseline)").click()
    expect(names(page).first).to_have_text("a-4.jpg")
    show_inputs(page)
    expect(model).to_have_value(re.compile(r"Colour \(baseline\) · understands words"))
    page.locator("#search-result .tl-card").nth(1).get_by_role("button", name="Less like").click()
    expect(chips(page)).to_have_count(2)

    open_tab(page, "Compare")
    search_words(page, "boat", "compare")
    result = page.locator("#compare-result")
    expect(result).to_contain_text("Only Colour (baseline) understands words")
    expect(page.locator("#compare-side-a .tl-name").first).to_have_text("a-4.jpg")
    expect(page.locator("#compare-side-b")).to_contain_text("does not understand words")
    page.locator("#compare-side-a .tl-card").nth(2).click()
    page.get_by_role("button", name="More like this").click()
    note = page.locator("#compare-query .tl-part").filter(has_text="boat")
    expect(note).to_contain_text("not seen by Shape (baseline)")
    expect(page.locator("#compare-side-b .tl-card:not(.tl-own)")).to_have_count(12)
    assert violations(page) == []
    expect(page).to_have_url(re.compile(r"tab=compare&models=colour%2Cshape&.*parts="))
    page.reload()
    cards = page.locator("#compare-side-b .tl-card:not(.tl-own)")
    expect(cards).to_have_count(12, timeout=WAIT_MS)
    expect(page.locator("#compare-query .tl-part")).to_have_count(2)

    open_tab(page, "Arena")
    page.locator("#arena-choice").get_by_role("button", name="words").click()
    line = page.locator("#arena-words").get_by_role("textbox")
    line.fill("boat")
    line.press("Enter")
    sentence = shown_text(page, "The arena needs two models that understand words.")
    expect(sentence).to_have_count(1)
