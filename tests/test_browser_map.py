"""The Map tab in a real browser: pointing, searching, keys, zoom, the legend, another model."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import WAIT_MS, Visit, does_not_scroll_sideways, open_tab, visiting
from tests.servers import App

# A request in one frame is drawn in the next.
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PAINTED = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
    return count / data.length * 4;
}"""


@pytest.fixture
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The Map tab with both baselines' maps."""
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        model = visit.page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        open_tab(visit.page, "Map")
        expect(canvases(visit.page)).to_have_count(2, timeout=WAIT_MS)
        yield visit


def canvases(page: Page) -> Locator:
    return page.locator("#map-result canvas")


def painted(canvas: Locator) -> float:
    """The share of the pixels that have a colour."""
    canvas.page.evaluate(FRAMES)
    return float(canvas.evaluate(PAINTED))


def test_a_picture_is_shown_on_both_maps_and_searched_with(visit: Visit) -> None:
    page = visit.page
    first, second = canvases(page).all()
    assert painted(first) > 0.001
    assert painted(second) > 0.001
    first.focus()
    page.keyboard.press("ArrowDown")
    picture = first.get_attribute("data-picture")
    assert picture
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    picture = first.get_attribute("data-picture")
    assert second.get_attribute("data-picture") == picture
    images = page.locator("#map-result figure img")
    expect(images.first).to_be_visible()
    for image in images.all():
        expect(image).to_have_attribute("src", re.compile(f"/{picture}.jpg$"))
    words = page.locator(".tl-readout").inner_text()
    assert re.fullmatch(r"[ab]-\d+\.jpg · [ab]", words)
    assert does_not_scroll_sideways(page)
    page.keyboard.press("Enter")
    hit = page.locator("#search-result .tl-card").first
    expect(hit).to_have_attribute("data-id", picture or "", timeout=WAIT_MS)


def test_pointing_shows_and_a_click_searches(visit: Visit) -> None:
    page = visit.page
    first = canvases(page).first
    first.focus()
    page.keyboard.press("ArrowDown")
    picture = first.get_attribute("data-picture")
    # The thumbnail gives the vertical position; moving the pointer finds the horizontal one.
    down = float(page.locator("#map-result figure").first.evaluate("f => parseFloat(f.style.top)"))
    area = first.bounding_box()
    assert area
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] - 5)
    page.mouse.move(area["x"] + 14, area["y"] + area["height"] - 14)
    expect(first).to_have_attribute("data-picture", "")
    for right in range(10, int(area["width"]), 10):
        page.mouse.move(area["x"] + right, area["y"] + down)
        if first.get_attribute("data-picture") == picture:
            break
    assert first.get_attribute("data-picture") == picture
    page.mouse.down()
    page.mouse.up()
    hit = page.locator("#search-result .tl-card").first
    expect(hit).to_have_attribute("data-id", picture or "", timeout=WAIT_MS)


def test_zoom_legend_and_another_model(visit: Visit) -> None:
    page = visit.page
    first = canvases(page).first
    full_view = painted(first)
    page.get_by_role("button", name="Zoom in").first.click()
    assert painted(first) != full_view
    page.get_by_role("button", name="Zoom out").first.click()
    assert painted(first) == full_view

    label = page.locator(".tl-legend").get_by_role("button", name="b", exact=True)
    label.click()
    expect(label).to_have_attribute("aria-pressed", "true")
    first.focus()
    for _ in range(4):  # the keys go to pictures of that label only
        page.keyboard.press("ArrowDown")
        expect(page.locator(".tl-readout")).to_contain_text("· b")
    label.click()
    expect(label).to_have_attribute("aria-pressed", "false")

    box = page.locator("#map-b").get_by_role("combobox")
    box.fill("Colour")
    box.press("Enter")
    expect(canvases(page)).to_have_count(1, timeout=WAIT_MS)  # both are the same model
    assert painted(canvases(page).first) > 0.001
    canvases(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tl-readout")).not_to_be_empty()
    assert does_not_scroll_sideways(page)
