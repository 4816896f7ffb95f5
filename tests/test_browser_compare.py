"""The Compare tab in a real browser: marking, reasons, robustness, reports, further models."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, Page, expect

from tests.browsing import (
    WAIT_MS,
    Visit,
    does_not_scroll_sideways,
    open_tab,
    shared_page,
    show_inputs,
    violations,
    visiting,
)
from tests.pictures import encode, paint
from tests.servers import App


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App, home: Path) -> Iterator[Visit]:
    """The Compare tab with a result; loaded once, the last tests change it."""
    size = {"width": 390, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        open_comparison(visit.page, home / "samples" / "b" / "b-2.jpg")
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)


def open_comparison(page: Page, path: Path) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile(r"all \d+"), timeout=WAIT_MS)
    open_tab(page, "Compare")
    page.locator("#compare-image input[type=file]").set_input_files(path)
    expect(page.locator("#compare-side-b .tl-card").first).to_be_visible(timeout=WAIT_MS)


def test_a_chosen_hit_is_marked_everywhere(page: Page) -> None:
    panel = page.get_by_role("dialog")
    shared = page.locator("#compare-side-a .tl-card.tl-shared").first
    marked_cards = page.locator(f"[data-id='{shared.get_attribute('data-id')}'].tl-selected")
    shared.click()
    # Both columns, combined, and in each of the two charts both ends and the line between them.
    expect(marked_cards).to_have_count(9)
    expect(panel.get_by_role("row")).to_have_text(
        [
            re.compile("Rank"),
            re.compile(r"Colour \(baseline\)\s*\d+"),
            re.compile(r"Shape \(baseline\)\s*\d+"),
        ]
    )
    panel.get_by_role("button", name="Close").click()
    expect(marked_cards).to_have_count(0)
    expect(shared.locator(".tl-open")).to_be_focused()
    # The same with the keyboard.
    page.keyboard.press("Enter")
    expect(shared).to_have_attribute("aria-current", "true")


def test_each_gallery_shows_its_own_models_hits(page: Page, app: App, home: Path) -> None:
    """The article's own notebook drew one model's pictures twice."""
    client = Client(app.url, verbose=False)
    query = handle_file(str(home / "samples" / "b" / "b-2.jpg"))
    results = client.predict(query, "colour", "shape", 12, api_name="/compare")["results"]
    displayed = {}
    for side, model in (("a", "colour"), ("b", "shape")):
        cards = page.locator(f"#compare-side-{side} .tl-card")
        displayed[model] = [card.get_attribute("data-id") for card in cards.all()]
        assert displayed[model] == [str(hit["id"]) for hit in results[model]]
        images = cards.locator("img").evaluate_all("all => all.map(img => img.src)")
        assert all(f"/{i}.jpg" in src for i, src in zip(displayed[model], images, strict=True))
    assert displayed["colour"] != displayed["shape"]


def test_reasons_and_robustness_are_in_a_report_that_needs_nothing_else(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    page.locator("#compare-side-a .tl-card").nth(2).get_by_text("Why?").click()
    maps = page.locator(".tl-panel .tl-heat")
    expect(maps).to_have_count(4, timeout=WAIT_MS)  # query and hit for two models
    expect(maps.first.locator("rect")).to_have_count(49)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="How robust is this?").click()
    table = page.locator("#compare-robustness")
    expect(table.locator("tbody tr")).to_have_count(7, timeout=WAIT_MS)
    expect(table).to_contain_text(re.compile(r"greyscale\s*\d+%\s*\d+%"))
    assert does_not_scroll_sideways(page)
    page.locator("#comparison-report").click()
    form = page.locator("dialog.tl-report")
    expect(form.locator("[name=section]:visible")).to_have_count(0)  # nothing else is shown
    assert not violations(page)
    form.get_by_label("Title").fill("For <b>the shop</b>")
    form.get_by_label("Remarks").fill("One.\n\nTwo.")
    logo = {"name": "logo.png", "mimeType": "image/png", "buffer": encode(paint(1), "PNG")}
    form.get_by_label("Logo", exact=True).set_input_files(logo)  # type: ignore[arg-type]
    expect(form.get_by_role("img", name="Logo")).to_be_visible()
    with page.expect_download(timeout=WAIT_MS) as download:
        form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    report = tmp_path / download.value.suggested_filename
    download.value.save_as(report)
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", report.read_text())
    context = browser.new_context(offline=True)
    offline = context.new_page()
    offline.goto(report.as_uri())
    expect(
        offline.locator(".column.tl-side-a svg.picture, .column.tl-side-b svg.picture")
    ).to_have_count(
        28  # of 24 hits, and of why one was found
    )
    assert offline.locator("img.logo").evaluate("img => img.naturalWidth") > 0
    expect(offline.locator("h1")).to_have_text("For <b>the shop</b>")
    expect(offline.locator("h2")).to_have_text("Colour (baseline) and Shape (baseline)")
    expect(offline.locator(".remarks p")).to_have_text(["One.", "Two."])
    expect(offline.get_by_role("region", name="Robustness")).to_contain_text("greyscale")
    assert not violations(offline)
    offline.set_viewport_size({"width": 390, "height": 800})
    assert does_not_scroll_sideways(offline)
    context.close()


def test_a_hit_becomes_the_query(page: Page) -> None:
    second = page.locator("#compare-side-a .tl-card").nth(1)
    name = second.locator(".tl-name").inner_text()
    second.click()
    page.get_by_role("button", name="Search with this one").click()
    first = page.locator("#compare-side-a .tl-card").first
    expect(first).to_contain_text(name, timeout=WAIT_MS)
    expect(first).to_contain_text("your query")
    expect(page.locator("#compare-side-b .tl-card").first).to_contain_text(name)


def test_one_model_alone_is_nothing_to_compare(page: Page) -> None:
    show_inputs(page)
    page.locator("#compare-models").get_by_role("button", name="Remove").first.click()
    expect(page.locator("#compare-result")).to_contain_text("Choose 2 to 6 models", timeout=WAIT_MS)
    assert does_not_scroll_sideways(page)
