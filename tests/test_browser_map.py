"""The Map tab in a real browser: pointing, searching, zoom, selection, colours, another model."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import WAIT_MS, Visit, does_not_scroll_sideways, open_tab, visiting
from tests.map_scripts import MOVING, NAMES, PACE, PAINTED
from tests.servers import App


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page, loaded once."""
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        model = visit.page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    """The Map tab with both baselines' maps, on which nothing is selected."""
    page = visit.page
    open_tab(page, "Map")
    drawn(page, 2)
    expect(page.locator(".tl-plain")).to_be_hidden()
    canvases(page).first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".tl-selection")).to_be_hidden()
    yield page
    assert not visit.errors, visit.errors


def drawn(page: Page, count: int) -> None:
    """Wait for maps that are drawn."""
    expect(page.locator("#map-result canvas[data-visible]")).to_have_count(count, timeout=WAIT_MS)
    for canvas in page.locator("#map-result .tl-dots").all():
        page.wait_for_function(f"canvas => ({PAINTED})(canvas) > 0", arg=canvas.element_handle())


def canvases(page: Page) -> Locator:
    return page.locator("#map-result canvas[tabindex]")


def lasso(page: Page, canvas: Locator) -> None:
    """Draw around the right half of a map."""
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    assert area
    across, down = area["width"], area["height"]
    page.mouse.move(area["x"] + across / 2, area["y"] + 3)
    page.mouse.down()
    for x, y in ((across - 60, 3), (across - 3, down - 3), (across / 2, down - 3)):
        page.mouse.move(area["x"] + x, area["y"] + y, steps=4)
    page.mouse.up()


def test_names_lie_at_clusters_and_few_dots_move_where_frames_are_slow(page: Page) -> None:
    assert page.evaluate(NAMES) == ["b 0.2 0.8", "a 0.2 0.2", "a 0.8 0.8"]
    # On late frames fewer dots move; more while they are on time, later where that failed before.
    most = page.evaluate(PACE, [16.7, 25, 16.7, 16.7, 16.7])
    assert most == [32_000, 14_933, 14_933, 29_866, 29_866]
    rest, _, moving, again = page.evaluate(MOVING)
    assert 0 < moving < 0.7 * rest
    assert again == pytest.approx(rest, rel=0.05)


def test_a_picture_is_shown_on_both_maps_and_searched_with(page: Page) -> None:
    first, second = canvases(page).all()
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("data-picture", re.compile(r"\d"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    picture = first.get_attribute("data-picture")
    expect(second).to_have_attribute("data-picture", picture or "none")
    images = page.locator("#map-result figure img")
    expect(images.first).to_be_visible()
    for image in images.all():
        expect(image).to_have_attribute("src", re.compile(f"/{picture}.jpg$"))
    expect(page.locator(".tl-readout")).to_have_text(re.compile(r"^[ab]-\d+\.jpg · [ab]$"))
    assert does_not_scroll_sideways(page)
    page.keyboard.press("Enter")
    hit = page.locator("#search-result .tl-card").first
    expect(hit).to_have_attribute("data-id", picture or "", timeout=WAIT_MS)
    open_tab(page, "Map")  # on which the query is shown now
    expect(page.locator(".tl-maps")).not_to_have_attribute("data-query", "[null, null]")


def test_zoom_is_linked_and_a_selection_goes_to_other_tabs(page: Page) -> None:
    first, second = canvases(page).all()
    first.focus()
    page.keyboard.press("ArrowDown")
    for _ in range(6):  # so far that hardly another picture is left
        page.keyboard.press("+")
    expect(first).to_have_attribute("data-scale", "16.78")
    expect(second).not_to_have_attribute("data-scale", "1.00")
    for _ in range(6):
        page.keyboard.press("-")
    expect(second).to_have_attribute("data-scale", "1.00")

    page.get_by_role("button", name="Select an area").click()
    lasso(page, first)
    root = page.locator(".tl-maps")
    expect(root).not_to_have_attribute("data-selected", "0")
    count = int(root.get_attribute("data-selected") or 0)
    assert 0 < count < 24
    expect(page.locator(".tl-selected li")).to_have_count(count)
    page.get_by_role("button", name="Show in the library").click()
    expect(page.locator("#library-shown .tl-card")).to_have_count(count, timeout=WAIT_MS)
    page.go_back()
    expect(root).to_have_attribute("data-selected", str(count), timeout=WAIT_MS)
    page.get_by_role("button", name="Compare models with them").click()
    expect(page).to_have_url(re.compile("tab=compare.*picture"), timeout=WAIT_MS)
    expect(page.locator("#compare-query .tl-part[data-id]")).to_have_count(
        min(8, count), timeout=WAIT_MS
    )


def test_colours_legend_and_another_model(page: Page) -> None:
    label = page.locator(".tl-legend").get_by_role("button", name="b", exact=True)
    label.click()
    expect(label).to_have_attribute("aria-pressed", "true")
    canvases(page).first.focus()
    for _ in range(4):  # the keys go to pictures of that label only
        page.keyboard.press("ArrowDown")
        expect(page.locator(".tl-readout")).to_contain_text("· b")
    page.keyboard.press("a")
    expect(page.locator(".tl-maps")).to_have_attribute("data-selected", "12")
    page.keyboard.press(" ")
    expect(page.locator(".tl-maps")).to_have_attribute("data-selected", "11")
    field = page.locator(".tl-map-label")
    field.get_by_role("textbox").fill("c")
    field.get_by_role("button").click()
    line, legend = page.locator("#map-undo"), page.locator(".tl-legend")
    expect(line).to_contain_text("11 pictures got another label.", timeout=WAIT_MS)
    of_c = legend.get_by_role("button", name="c", exact=True)
    expect(of_c).to_be_visible(timeout=WAIT_MS)
    line.get_by_role("button", name="Undo").click()
    expect(of_c).to_have_count(0, timeout=WAIT_MS)
    expect(line).to_be_hidden()
    drawn(page, 2)
    canvases(page).first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".tl-selection")).to_be_hidden()
    page.get_by_label("Colour by").select_option("agreement")
    expect(page.locator(".tl-legend")).to_contain_text("10 of 10 neighbours in common")
    page.get_by_label("Colour by").select_option("right")
    share = page.locator(".tl-share").first
    expect(share).to_contain_text("% of the pictures")
    share.click()  # selects the others
    selected = page.locator(".tl-selection b")
    expect(selected).to_be_visible()
    right, others = (int(part.inner_text().split()[0]) for part in (share, selected))
    assert right == pytest.approx(100 * (1 - others / 24), abs=1)
    canvases(page).first.focus()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("tab=map.*colour=right.*label=b"))

    box = page.locator("#map-b").get_by_role("combobox")
    box.fill("Colour")
    box.press("Enter")
    expect(canvases(page)).to_have_count(1, timeout=WAIT_MS)  # both are the same model
    drawn(page, 1)
    expect(page.get_by_label("Colour by")).to_have_value("right")
    assert does_not_scroll_sideways(page)


def test_without_webgl_the_dots_are_drawn_plainly(browser: Browser, app: App) -> None:
    script = """
        const open = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
            return kind.startsWith("webgl") ? null : open.call(this, kind, ...options);
        };
    """
    query = "?tab=map&colour=right&method=pca"
    with visiting(browser, app.url, query=query, script=script) as visit:
        page = visit.page
        drawn(page, 2)
        expect(page.locator(".tl-plain")).to_be_visible()
        expect(page.get_by_label("Colour by")).to_have_value("right")
