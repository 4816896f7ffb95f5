"""The page on touch screens of any width, with six models and long names, under axe-core."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from searcher.export.contract import Metadata
from searcher.export.install import make_baselines
from tests import onnx_files
from tests.browsing import TOASTS_STAY, WAIT_MS, Visit, open_tab, shared_page, violations, visiting
from tests.library_page import question, toolbar
from tests.pictures import save
from tests.servers import App, running, wait_for
from tests.test_accessibility import ready
from tests.touch import stays_in_line, unfit

MODELS = {
    "mean": "ConvNeXt-V2-Huge-with-a-very-long-title-pretrained-on-ImageNet-22k-384",
    "a_model_of_a_very_long_file_name_224_openclip": "Mean, its title of many short words in a row",
    "of_16": "LargeWithRegistersPretrainedOnAHundredMillionPicturesWithoutAnySpaces",
    "of_64": "Small",
}
LABELS = ("a", "Schmetterlingssammlung_der_Universitaetsbibliothek_Freiburg_1897", "of two words")
SCROLLS = """(window.scrolls = []) && (() => {
    const scroll = Element.prototype.scrollIntoView;
    Element.prototype.scrollIntoView = function (options) {
        window.scrolls.push(options?.behavior);
        return scroll.call(this, options);
    };
})()"""
# Texts of a chart that lie on each other, by their boxes.
OVERPRINTED = """charts => charts.flatMap(chart => {
    const texts = [...chart.querySelectorAll("text, small, b, figcaption")]
        .filter(text => text.checkVisibility() && text.textContent.trim());
    const boxes = texts.map(text => text.getBoundingClientRect());
    return texts.flatMap((text, i) => texts.slice(0, i)
        .filter((other, j) => !other.contains(text) && !text.contains(other)
            && boxes[i].left < boxes[j].right - 1 && boxes[j].left < boxes[i].right - 1
            && boxes[i].top < boxes[j].bottom - 1 && boxes[j].top < boxes[i].bottom - 1)
        .map(other => `${other.textContent} | ${text.textContent}`));
})"""


@pytest.fixture(scope="module")
def large_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with six models and a broken one, and pictures and labels of long names."""
    home = tmp_path_factory.mktemp("touch")
    models = home / "models"
    models.mkdir()
    make_baselines(models)
    for number, (name, title) in enumerate(MODELS.items()):
        about = Metadata(title, "mean of the pixels", "none: a test", "Apache-2.0")
        onnx_files.write(models, name, 8 << number, about)
    onnx_files.write_broken(models / "bad.onnx", "not unit")
    for number in range(24):
        label = LABELS[number % 3]
        name = f"IMG_20240131_235959_{label}_original_scan_{number}" if number % 2 else str(number)
        save(home / "samples" / label / f"{name}.jpg", number)
    with running(home, KERAS_HOME=str(home / "keras")) as app:
        yield app


@pytest.fixture(scope="module")
def visit(browser: Browser, large_app: App) -> Iterator[Visit]:
    size = {"width": 390, "height": 800}
    phone: dict[str, Any] = {"viewport": size, "has_touch": True, "reduced_motion": "reduce"}
    with visiting(browser, large_app.url, script=f"{SCROLLS};{TOASTS_STAY}", **phone) as visit:
        ready(visit.page)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)


def check(page: Page) -> None:
    """Nothing is cut off, too small, or against the rules of axe-core."""
    assert unfit(page) == []
    assert violations(page) == []


def comes_before(first: Locator, second: Locator) -> bool:
    """Whether one element is above another, or the other is hidden."""
    boxes = first.bounding_box(), second.bounding_box()
    return boxes[1] is None or (boxes[0] is not None and boxes[0]["y"] < boxes[1]["y"])


def lie_apart(first: Locator, second: Locator) -> bool:
    a, b = first.bounding_box(), second.bounding_box()
    assert a and b
    return a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def stays(name: Locator) -> bool:
    """Whether a name stays at the edge of a table that scrolls, or the table has room."""
    moved = """name => {
        const scroller = name.closest(".tl-scroll");
        scroller.scrollLeft = 10_000;
        const [a, b] = [name, scroller].map((part) => part.getBoundingClientRect().left);
        const scrolled = scroller.scrollLeft;
        scroller.scrollLeft = 0;
        return scroller.scrollWidth === scroller.clientWidth || (scrolled && Math.abs(a - b) < 2);
    }"""
    return bool(name.evaluate(moved))


def test_search_and_compare_by_touch(page: Page, large_app: App) -> None:
    open_tab(page, "Search")
    check(page)
    pictures = large_app.log.parent / "samples" / "a"
    page.locator("#search-image input[type=file]").set_input_files(next(pictures.glob("*.jpg")))
    cards = page.locator("#search-result .tl-card")
    expect(cards.nth(5)).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#search-image")).to_be_hidden()
    check(page)
    page.locator("#search-query").get_by_role("button", name="Change").tap()
    expect(page.locator("#search-image")).to_be_visible()
    check(page)
    page.locator("#search-query").get_by_role("button", name="Change").tap()

    cards.nth(2).locator(".tl-open").tap()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("pixels", timeout=WAIT_MS)
    assert panel.evaluate("e => e.clientWidth") == 390  # a sheet, without a border
    assert len({*cards.evaluate_all("all => all.slice(0, 4).map(e => e.offsetWidth)")}) == 1
    check(page)
    panel.get_by_role("button", name="Close").tap()

    picture = cards.nth(2).get_attribute("data-id")
    names = ",".join(["colour", "shape", *MODELS])
    page.goto(f"{large_app.url}/?tab=compare&picture={picture}&models={names}")
    columns = page.locator("#compare-result .tl-side")
    expect(columns).to_have_count(6, timeout=WAIT_MS)
    expect(page.locator("#compare-result").get_by_role("status")).to_have_count(1)
    assert comes_before(columns.first, page.locator("#compare-models"))
    page.get_by_role("button", name="How robust is this?").tap()
    robust = page.locator("#compare-robustness")
    expect(robust.locator("tbody tr")).to_have_count(7, timeout=WAIT_MS)
    assert stays(robust.locator("tbody th").first)
    check(page)
    page.locator("#compare-result .tl-card").nth(1).get_by_text("Why?").tap()
    expect(page.locator(".tl-panel .tl-heat").first).to_be_visible(timeout=WAIT_MS)
    check(page)
    panel.get_by_role("button", name="Close").tap()
    page.locator("#comparison-report").tap()
    expect(page.locator("dialog.tl-report")).to_be_visible()
    check(page)


def test_arena_evaluate_and_map_by_touch(page: Page) -> None:
    open_tab(page, "Arena")
    counts = page.locator("#arena-counts")
    expect(counts).to_contain_text("0 votes by you")  # the tab is drawn
    page.get_by_role("button", name="Start").tap()
    expect(page.locator("#arena-side-right li")).to_have_count(6, timeout=WAIT_MS)
    page.get_by_role("button", name="Left is better").tap()
    name = page.locator("#arena-board tbody th").first
    expect(name).to_be_visible(timeout=WAIT_MS)
    assert stays(name)
    check(page)
    page.locator("#arena-side-right li button").nth(1).tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Close").tap()

    open_tab(page, "Evaluate")
    page.get_by_role("button", name="Measure").tap()
    result = page.locator("#evaluate-result")
    expect(result.get_by_role("status")).to_contain_text("p@10", timeout=WAIT_MS)
    truth = page.locator("#evaluate-truth")
    assert truth.is_hidden()  # the result comes first
    result.get_by_role("button", name="Change").tap()
    expect(truth).to_be_visible()
    result.get_by_role("button", name="Change").tap()
    for fold in result.locator("summary").all():
        fold.tap()
    for table in result.locator("table").all():
        assert stays(table.locator("tbody th").first)
    result.locator("td button").first.tap()
    look = page.locator("#evaluate-look")
    expect(look.locator(".tl-case").first).to_be_visible(timeout=WAIT_MS)
    assert "smooth" not in page.evaluate("scrolls")
    look.get_by_role("button", name="Confused labels").tap()
    expect(look.locator(".tl-confusion")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Show what it costs").tap()
    costs = page.locator("#cost-result")
    expect(costs.locator(".tl-cost-curve").first).to_be_visible(timeout=WAIT_MS)
    check(page)
    charts = page.locator(".tl-quality, .tl-depth figure, .tl-cost-chart")
    assert charts.evaluate_all(OVERPRINTED) == []
    assert min(charts.evaluate_all("all => all.map(e => e.clientWidth)")) > 300  # of 390

    open_tab(page, "Map")
    maps = page.locator("#map-result canvas[tabindex]")
    expect(page.locator("#map-result canvas[data-visible]")).to_have_count(2, timeout=WAIT_MS)
    assert comes_before(maps.first, page.locator("#map-a"))
    page.locator("#map-result").get_by_role("button", name="Change").tap()
    assert comes_before(page.locator("#map-a"), maps.first)
    page.locator("#map-result").get_by_role("button", name="Select all in view").first.tap()
    expect(page.locator(".tl-selected button").first).to_be_visible()
    check(page)
    # Maps that nobody has asked for leave the inputs open.
    field = page.locator(".tl-map-label")
    field.get_by_role("textbox").fill("c")
    field.get_by_role("button").tap()
    of_c = page.locator(".tl-legend").get_by_role("button", name="c", exact=True)
    expect(of_c).to_be_visible()
    page.locator("#map-undo").get_by_role("button", name="Undo").tap()
    expect(of_c).to_have_count(0)
    change = page.locator("#map-result .tl-change")
    expect(change).to_have_attribute("aria-expanded", "true")
    page.locator("#map-method").get_by_role("combobox").tap()
    page.get_by_role("option", name="PCA").tap()
    expect(page.locator("#map-a")).to_be_hidden()


def test_library_and_models_by_touch(page: Page) -> None:
    open_tab(page, "Library")
    cards = page.locator("#library-shown .tl-card")
    for number in range(2):
        cards.nth(number).locator(".tl-tick").tap()
    expect(toolbar(page)).to_contain_text("2 pictures ticked")
    open_tab(page, "Models")
    page.get_by_role("button", name="Measure again").tap()
    toast = page.locator(".toast-body")
    expect(toast).to_be_visible(timeout=WAIT_MS)
    open_tab(page, "Library")
    wait_for(lambda: lie_apart(toast, toolbar(page)), what="the toast above the toolbar")
    check(page)
    toast.get_by_test_id("toast-close").tap()
    expect(toast).to_have_count(0)
    toolbar(page).get_by_role("button", name="Remove").tap()
    expect(question(page)).to_be_visible()
    check(page)
    question(page).get_by_role("button", name="Remove").tap()
    expect(cards).to_have_count(22, timeout=WAIT_MS)
    page.locator("#library-undo").get_by_role("button", name="Undo").tap()
    expect(cards).to_have_count(24, timeout=WAIT_MS)
    page.locator(".tl-facets summary").tap()
    page.get_by_role("button", name="Add pictures").tap()
    expect(page.locator("#library-files")).to_be_visible()
    check(page)
    cards.first.locator(".tl-open").tap()
    expect(page.get_by_role("dialog")).to_contain_text("pixels", timeout=WAIT_MS)
    check(page)
    page.get_by_role("button", name="Close").first.tap()
    open_tab(page, "Models")
    page.locator("#model-bad summary").tap()
    page.get_by_role("button", name="Bring a model").tap()
    check(page)
    stays_in_line(page.get_by_role("tab", name="Models"))
