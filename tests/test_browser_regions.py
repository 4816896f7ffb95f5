"""A region is drawn over the query's picture, where it stays, by mouse, finger and keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import WAIT_MS, Visit, does_not_scroll_sideways, open_tab, shared_page, visiting
from tests.pictures import encode, paint
from tests.servers import App

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
Point = tuple[float, float]


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Two pictures of the library one above the other: higher than wide, and turned by its EXIF."""
    image = Image.new("RGB", (320, 480))
    image.paste(paint(2), (0, 0))
    image.paste(paint(4), (0, 240))
    path = tmp_path / "both.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    path.write_bytes(encode(image.transpose(Image.Transpose.ROTATE_90), quality=95, exif=exif))
    return path


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page, loaded once."""
    with visiting(browser, app.url, viewport={"width": 1280, "height": 900}) as visit:
        ready(visit.page)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)
    assert does_not_scroll_sideways(visit.page)


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)


def give(page: Page, tab: str, path: Path) -> Locator:
    """Search with a picture; return the layer over it."""
    open_tab(page, tab.title())
    page.locator(f"#{tab}-image input[type=file]").set_input_files(path)
    expect(page.locator(f"#{tab}-query .tl-part")).to_contain_text(path.name)
    expect(page.locator(f"#{tab}-result .tl-card").first).to_be_visible(timeout=WAIT_MS)
    return page.locator(f"#{tab}-image .tl-region-layer")


def at(layer: Locator, point: Point) -> Point:
    """Where a point of the picture, in shares of its sides, is in the window."""
    layer.scroll_into_view_if_needed()
    area = layer.bounding_box()
    assert area is not None
    return area["x"] + area["width"] * point[0], area["y"] + area["height"] * point[1]


def drag(layer: Locator, start: Point, end: Point) -> None:
    mouse = layer.page.mouse
    mouse.move(*at(layer, start))
    mouse.down()
    mouse.move(*at(layer, end), steps=3)
    mouse.up()


def first(page: Page, tab: str) -> Locator:
    return page.locator(f"#{tab}-result .tl-card .tl-name").first


def test_a_region_is_drawn_sized_and_moved_with_the_mouse(page: Page, both: Path) -> None:
    layer = give(page, "search", both)
    label = "Region of the query picture: {} from the left, {} from the top, {} wide, {} high"
    drag(layer, (0.99, 0.99), (0, 0.5))
    expect(first(page, "search")).to_have_text("a-4.jpg", timeout=WAIT_MS)
    expect(layer).to_have_attribute("aria-label", label.format("0%", "50%", "99%", "49%"))
    handles = layer.locator("[data-handle]:not([data-handle=move])")
    expect(handles).to_have_count(8)
    for handle in handles.all():
        area = handle.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= 24
    drag(layer, (0.5, 0.5), (0.5, 0.8))  # the upper side
    expect(layer).to_have_attribute("aria-label", label.format("0%", "80%", "99%", "19%"))
    drag(layer, (0.5, 0.9), (0.5, 0.15))  # the whole region
    expect(layer).to_have_attribute("aria-label", label.format("0%", "5%", "99%", "19%"))
    expect(page.locator("#search-region")).to_contain_text("With 19% of the picture")
    page.get_by_role("button", name="Whole picture").click()
    expect(page.locator("#search-region")).to_contain_text("Drag on the picture")
    expect(layer).to_be_focused()
    expect(layer.locator("[data-handle]:visible")).to_have_count(0)


def test_a_region_in_compare_outlives_a_reload(page: Page, home: Path) -> None:
    layer = give(page, "compare", home / "samples" / "a" / "a-5.jpg")
    page.locator("#compare-result .tl-card").nth(1).click()
    page.get_by_role("button", name="Search with this one").click()
    expect(page).to_have_url(re.compile(r"picture=\d+"), timeout=WAIT_MS)
    expect(page.locator("#compare-image img")).to_have_attribute("src", re.compile("thumbs"))
    expect(page.locator(".tl-panel")).to_be_hidden()
    drag(layer, (0.2, 0.1), (0.6, 0.9))
    expect(page).to_have_url(re.compile("box"), timeout=WAIT_MS)
    expect(page.locator("#compare-result .tl-card").first).to_be_visible()
    label = layer.get_attribute("aria-label")
    assert label
    assert "20% from the left" in label
    page.reload()
    expect(layer).to_have_attribute("aria-label", label, timeout=WAIT_MS)
    expect(page.locator("#compare-query .tl-part img")).to_have_attribute(
        "src", re.compile("data:image/jpeg")
    )
    layer.press("Delete")
    expect(page).not_to_have_url(re.compile("box"), timeout=WAIT_MS)


def test_a_region_is_marked_and_removed_with_the_keyboard(page: Page, both: Path) -> None:
    layer = give(page, "compare", both)
    layer.focus()
    keys = ["Enter"] + ["ArrowUp"] * 13 + ["ArrowLeft"] * 13
    for key in keys + ["Shift+ArrowRight"] * 25 + ["Shift+ArrowUp"] * 5:
        page.keyboard.press(key)
    values = "0% from the left, 0% from the top, 100% wide, 40% high"
    expect(page.locator("#compare-image output")).to_contain_text(values)
    expect(first(page, "compare")).to_have_text("a-2.jpg", timeout=WAIT_MS)
    page.keyboard.press("Escape")
    expect(page.locator("#compare-region")).to_contain_text("Drag on the picture")
    expect(page.locator("#compare-image output")).to_contain_text("all of it")


def test_a_finger_scrolls_the_page_or_draws(browser: Browser, app: App, both: Path) -> None:
    with visiting(browser, app.url, **PHONE) as visit:
        page = visit.page
        ready(page)
        layer = give(page, "search", both)
        page.locator("#search-query").get_by_role("button", name="Change").click()
        expect(layer).to_be_visible()
        handle = layer.locator("[data-handle=se]")
        fingers = page.context.new_cdp_session(page)

        def touch(kind: str, *points: Point) -> None:
            places = [{"x": x, "y": y} for x, y in points]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        x, y = at(layer, (0.5, 0.9))
        before = page.evaluate("scrollY")
        touch("touchStart", (x, y))
        for way in range(10, 130, 10):
            touch("touchMove", (x, y - way))
        touch("touchEnd")
        page.wait_for_function("before => scrollY > before + 50", arg=before)
        expect(handle).to_be_hidden()

        page.evaluate("before => scrollTo(0, before)", before)
        way_down = [at(layer, point) for point in ((0.05, 0.02), (0.05, 0.3), (0.95, 0.4))]
        touch("touchStart", way_down[0])
        expect(layer).to_have_class(re.compile("tl-held"))
        for point in way_down[1:]:
            touch("touchMove", point)
        touch("touchEnd")
        expect(first(page, "search")).to_have_text("a-2.jpg", timeout=WAIT_MS)
        assert abs(page.evaluate("scrollY") - before) < 30  # not as far as the finger went
        area = handle.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= 44
        assert does_not_scroll_sideways(page)
