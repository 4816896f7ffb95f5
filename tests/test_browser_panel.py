"""The panel of an opened hit in a real browser: beside the results, which do not move."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from tests.browsing import WAIT_MS, Visit, does_not_scroll_sideways, open_tab, shared_page, visiting
from tests.servers import App
from tests.test_accessibility import ready, search, violations

MAX_SHIFT = 0.02
# Counts shifts that follow an input, too, which the usual measure leaves out.
OBSERVE = """() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) window.shift += value;
    }).observe({ type: "layout-shift" });
}"""
# Entries are reported after the frame in which the page moved.
SHIFT = """() => new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.shift)));
})"""


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App, home: Path) -> Iterator[Visit]:
    """The hits of a search on a telephone; loaded once."""
    options: dict[str, Any] = {
        "viewport": {"width": 390, "height": 900},
        "has_touch": True,
        "permissions": ["clipboard-read", "clipboard-write"],
    }
    with visiting(browser, app.url, **options) as visit:
        ready(visit.page)
        search(visit.page, home, "search")
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)
    assert does_not_scroll_sideways(visit.page)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def card(page: Page, tab: str, number: int) -> Locator:
    return page.locator(f"#{tab}-result .tl-card").nth(number)


def title(of_card: Locator) -> str:
    return of_card.locator(".tl-name").inner_text()


def box(part: Locator) -> FloatRect:
    area = part.bounding_box()
    assert area is not None
    return area


def is_narrow(page: Page) -> bool:
    return bool(page.evaluate("innerWidth < 561"))


def test_on_a_telephone_a_hit_opens_over_the_results(page: Page) -> None:
    results_do_not_move(page, "search")


def test_on_a_desk_a_hit_opens_beside_the_results(browser: Browser, app: App, home: Path) -> None:
    with visiting(browser, app.url, viewport={"width": 1280, "height": 900}) as visit:
        ready(visit.page)
        open_tab(visit.page, "Compare")
        search(visit.page, home, "compare")
        results_do_not_move(visit.page, "compare")
        assert does_not_scroll_sideways(visit.page)


def results_do_not_move(page: Page, tab: str) -> None:
    """Open a hit, and check what was shown and what is."""
    hit = card(page, tab, 3)
    hit.scroll_into_view_if_needed()
    before = box(hit)
    page.evaluate(OBSERVE)
    hit.locator("img").click()
    panel = dialog(page)
    expect(panel).to_contain_text(re.compile(r"320 × 240 pixels.*id\s*\d+", re.S))
    expect(panel.get_by_role("heading").first).to_have_text(title(hit))
    assert page.evaluate(SHIFT) < MAX_SHIFT
    assert box(hit) == before
    expect(hit).to_have_attribute("aria-current", "true")
    assert panel.evaluate("panel => panel.contains(document.activeElement)")
    assert violations(page) == []

    # Query and hit lie side by side, whole.
    pictures = [panel.locator(f".tl-panel-{which} img") for which in ("query", "hit")]
    for picture in pictures:
        expect(picture).to_have_css("object-fit", "contain")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("img => img.naturalWidth") > 0
    query, opened = (box(picture) for picture in pictures)
    assert query["y"] == opened["y"]
    assert query["x"] + query["width"] <= opened["x"]
    area = box(panel)
    if is_narrow(page):
        assert (area["x"], area["y"], area["width"], area["height"]) == (0, 0, 390, 900)
    else:  # not over the card
        assert (
            area["x"] >= before["x"] + before["width"] or area["x"] + area["width"] <= before["x"]
        )


def test_keys_and_buttons_go_through_the_hits(page: Page) -> None:
    card(page, "search", 0).locator(".tl-open").press("Enter")
    heading = dialog(page).get_by_role("heading").first
    previous = dialog(page).get_by_role("button", name="Previous picture")
    following = dialog(page).get_by_role("button", name="Next picture")
    expect(heading).to_have_text(title(card(page, "search", 0)))
    expect(previous).to_be_disabled()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(heading).to_have_text(title(card(page, "search", 3)))
    page.keyboard.press("ArrowLeft")
    following.click()
    following.click()
    expect(heading).to_have_text(title(card(page, "search", 4)))
    # The first card is the query itself.
    expect(dialog(page).get_by_role("cell").first).to_have_text("4")
    expect(page.locator("#search-result [aria-current]")).to_have_count(1)
    expect(card(page, "search", 4)).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(card(page, "search", 4).locator(".tl-open")).to_be_focused()
    expect(page.locator("#search-result [aria-current]")).to_have_count(0)


def test_a_swipe_goes_to_the_next_hit(page: Page) -> None:
    card(page, "search", 1).locator("img").tap()
    heading = dialog(page).get_by_role("heading").first
    client = page.context.new_cdp_session(page)

    def swipe(start: int, end: int) -> None:
        for kind, points in (
            ("touchStart", [{"x": start, "y": 250}]),
            ("touchMove", [{"x": end, "y": 255}]),
            ("touchEnd", []),
        ):
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for start, end, number in ((300, 100, 2), (100, 300, 1)):
        swipe(start, end)
        expect(heading).to_have_text(title(card(page, "search", number)))


def test_the_panel_searches_on_and_hands_out_file_and_link(page: Page, app: App) -> None:
    second = card(page, "search", 1)
    name, number = title(second), second.get_attribute("data-id")
    second.locator(".tl-open").click()
    panel = dialog(page)
    panel.get_by_role("button", name="Copy link").click()
    expect(panel.get_by_role("status")).to_have_text("The link is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    expect(page).to_have_url(link)
    assert link.endswith(f"&hit={number}")
    file = panel.get_by_role("link", name="Open the file").get_attribute("href")
    response = page.request.get(f"{app.url}/{file}")
    assert (response.status, response.headers["content-type"]) == (200, "image/jpeg")

    panel.get_by_role("button", name="Why?").click()
    expect(panel.locator(".tl-heat")).to_have_count(2, timeout=WAIT_MS)  # of query and hit
    panel.get_by_role("button", name="More like this").click()
    expect(page.locator("#search-query .tl-part")).to_have_count(2)
    expect(panel).to_have_count(0)
    page.goto(link)
    expect(panel.get_by_role("heading").first).to_have_text(name)
    expect(page.locator("#search-query .tl-part")).to_have_count(1)


def test_the_meaning_of_the_bars_is_told_on_focus(page: Page) -> None:
    result = page.locator("#search-result")
    expect(result).not_to_contain_text(re.compile(r"d 0\.\d"))
    bars = result.locator(".tl-near")
    expect(bars).to_have_count(12)
    expect(bars.first).to_contain_text(re.compile(r"closer than \d+\.\d%"))
    said = result.get_by_role("button", name="of random pairs")
    expect(said).to_have_count(1)
    meaning = result.get_by_role("tooltip")
    expect(meaning).to_be_hidden()
    said.focus()
    expect(meaning).to_be_visible()
    expect(said).to_have_accessible_description(re.compile("Distances of two models"))
