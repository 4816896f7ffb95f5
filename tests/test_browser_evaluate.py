"""The Evaluate tab in a real browser, and the layout of its chart."""

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from searcher.presentation.cost_chart import cost_chart
from tests.browsing import (
    WAIT_MS,
    Visit,
    does_not_scroll_sideways,
    open_tab,
    shared_page,
    shown_text,
    violations,
    visiting,
)
from tests.pictures import encode
from tests.screen_reader import hears, listen
from tests.servers import App, wait_for


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The Evaluate tab with a measurement of all samples, loaded once."""
    with visiting(browser, app.url, viewport={"width": 1280, "height": 900}) as visit:
        model = visit.page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        open_tab(visit.page, "Evaluate")
        visit.page.get_by_role("button", name="Measure").click()
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)


def test_quality_is_measured_and_shown(page: Page) -> None:
    result = page.locator("#evaluate-result")
    expect(result).to_contain_text("pictures: 24, labels: 2", timeout=WAIT_MS)
    expect(result).to_contain_text(re.compile(r"\(baseline\) (is best|are tied)"))
    expect(result.locator(".tl-quality .tl-track > i")).to_have_count(2)
    rows = result.locator("table").first.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(re.compile(r"\d\.\d{3}\s*\[\d\.\d\d – \d\.\d\d\]"))
    result.get_by_text("Differences, query by query").click()
    compared = result.get_by_role("region", name="Differences, query by query")
    expect(compared.locator("tbody tr")).to_have_count(1)
    expect(result.locator("tfoot td").first).to_have_text("1.000")
    result.get_by_text("precision@5 by label").click()
    expect(result.locator(".tl-heatmap tbody tr")).to_have_count(2)
    result.get_by_text("Precision and recall by depth").click()
    expect(result.locator(".tl-depth path")).to_have_count(6)  # two of them the most possible
    result.locator(".tl-plane em").last.click()
    expect(page).to_have_url(re.compile("measure=recall%4010"), timeout=WAIT_MS)
    result.get_by_text("All measures", exact=True).click()
    every = result.get_by_role("region", name="All measures")
    every.get_by_role("row", name=re.compile("^r_precision")).get_by_role("button").first.click()
    look = page.locator("#evaluate-look")
    expect(page).to_have_url(re.compile("measure=r_precision"), timeout=WAIT_MS)
    near = look.locator(".tl-larger").nth(1)
    near.click()
    large = page.locator(".tl-zoomed")
    expect(large.locator("img")).to_have_js_property("naturalWidth", 320)
    large.press("Escape")
    expect(large).to_have_count(0)
    compared.get_by_role("button").last.click()  # the p-value
    expect(page).to_have_url(re.compile("look=disagreements"), timeout=WAIT_MS)
    look.get_by_text("Differences in every measure").click()
    expect(
        look.get_by_role("region").get_by_role("row", name=re.compile("^knn@10"))
    ).to_be_visible()
    assert does_not_scroll_sideways(page)


def test_numbers_open_their_pictures_and_those_open_in_compare(page: Page) -> None:
    look, cases = page.locator("#evaluate-look"), page.locator("#evaluate-look .tl-case")
    page.locator("#evaluate-result td button").first.click(timeout=WAIT_MS)
    expect(cases).to_have_count(12, timeout=WAIT_MS)
    expect(page).to_have_url(re.compile("look=hardest&measure=p%401"))
    page.locator("#evaluate-result tfoot button").nth(1).click()
    expect(cases.first).to_contain_text("p@5 at most", timeout=WAIT_MS)
    expect(page).to_have_url(re.compile("look=limits&measure=p%405"))
    page.locator("#evaluate-result td button").first.click()
    expect(page).to_have_url(re.compile("look=hardest"), timeout=WAIT_MS)
    look.get_by_role("button", name="More").click()
    expect(cases).to_have_count(24, timeout=WAIT_MS)
    expect(page).to_have_url(re.compile("page_number=2"))
    page.reload()
    expect(cases).to_have_count(24, timeout=WAIT_MS)
    look.get_by_role("button", name="Confused labels").click()
    cell = look.locator("td:not(.tl-diagonal) button").first
    cell.click(timeout=WAIT_MS)
    expect(cases.first).to_be_visible(timeout=WAIT_MS)
    expect(page).to_have_url(re.compile("&label="), timeout=WAIT_MS)
    address = page.url
    picture = cases.first.get_attribute("data-id") or "none"
    cases.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"tab=compare.*picture={picture}"), timeout=WAIT_MS)
    own = page.locator("#compare-result .tl-own").first
    expect(own).to_have_attribute("data-id", picture, timeout=WAIT_MS)
    page.go_back()
    expect(page).to_have_url(address, timeout=WAIT_MS)
    expect(cases.first).to_be_visible(timeout=WAIT_MS)


def test_a_measurement_is_stopped_by_a_click(browser: Browser, app: App, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as out:
        picture = encode(Image.new("RGB", (3000, 2000)), "PNG")  # small, but slow to decode
        for number in range(1000):  # each is another one by the bytes after its end
            out.writestr(f"a/{number}.png", picture + number.to_bytes(2, "big"))
    with visiting(browser, app.url) as visit:
        page = visit.page
        open_tab(page, "Evaluate")
        page.get_by_role("button", name="Ground truth and depth").click()
        chosen = page.locator("#evaluate-queries")
        chosen.locator("input[type=file]").set_input_files(tmp_path / "many.zip")
        expect(chosen).to_contain_text("many", timeout=WAIT_MS)
        expect(chosen.get_by_role("button", name="Add more files")).to_be_visible()
        assert violations(page, pending=True) == []
        page.get_by_role("button", name="Ground truth and depth").click()
        listen(page)
        stop = page.locator("#evaluate-stop")
        expect(stop).to_be_hidden()
        page.get_by_role("button", name="Measure").click()
        expect(page.locator("#evaluate-result")).to_contain_text("Measuring", timeout=WAIT_MS)
        expect(stop).to_be_visible()
        assert violations(page, pending=True) == []
        open_tab(page, "Library")
        expect(page.locator("#jobs li")).to_contain_text("Measuring")
        wait_for(lambda: not violations(page, pending=True), what="the list's pictures")
        # Stop is there while the job is: not without the server, and again when that is back.
        open_tab(page, "Evaluate")
        page.context.set_offline(True)
        expect(shown_text(page, "The server does not answer.")).to_be_visible()
        expect(stop).to_be_hidden()
        page.context.set_offline(False)
        stop.click()
        visit.errors.clear()
        expect(shown_text(page, "The measurement was stopped.")).to_be_visible(timeout=WAIT_MS)
        expect(stop).to_be_hidden()
        hears(page, "The measurement was stopped.", "Measuring: stopped.")
        expect(page.locator("#evaluate-result table")).to_have_count(0)


def test_the_cost_of_smaller_vectors_is_shown_and_they_are_stored(page: Page, app: App) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    result = page.locator("#cost-result")
    variant = page.locator("#cost-variant").get_by_role("combobox")
    chosen = page.locator("#cost-model .token")
    expect(chosen).to_have_count(2, timeout=WAIT_MS)  # all that are ready
    for name in ("first-114", "float32"):
        result.evaluate("it => it.querySelector('section')?.setAttribute('data-former', '')")
        page.get_by_role("button", name="Show what it costs").click()
        expect(result.locator("[data-former]")).to_have_count(0, timeout=WAIT_MS)
        expect(result.locator(".tl-cost-curve")).to_have_count(2, timeout=WAIT_MS)
        expect(result).to_contain_text("bytes a picture")
        expect(page).to_have_url(re.compile("cost=colour%2Cshape"))
        assert does_not_scroll_sideways(page)
        result.get_by_text("Colour (baseline)", exact=True).last.click()
        if name == "first-114":
            changed = result.locator("[data-to='colour/first-114']:is(button)").first
            changed.click()
            look = page.locator("#cost-look")
            expect(look).to_contain_text("first-114 instead of float32", timeout=WAIT_MS)
            expect(page).to_have_url(re.compile("changes=colour%2Ffirst-114"))
            assert does_not_scroll_sideways(page)
        row = result.get_by_role("button", name=name, exact=True)
        row.click()
        expect(variant).to_have_value(re.compile(f"Colour.*: {name}"), timeout=WAIT_MS)
        expect(row).to_have_attribute("aria-current", "true")
        expect(result.locator("circle.tl-chosen")).to_have_count(1)
        page.get_by_role("button", name="Store these vectors").click()
        wait_for(partial(stores, app, {name, "float32"}), what=f"{name} vectors")


def stores(app: App, forms: set[str]) -> bool:
    """Whether the vectors of the app's models are in these forms."""
    models = Client(app.url, verbose=False).predict(api_name="/models")
    return {model["vectors"] for model in models} - {None} == forms


def document(stored: str, *variants: tuple[str, float, int, bool]) -> dict[str, Any]:
    return {
        "model": "m",
        "measure": "p@10",
        "stored": stored,
        "recommended": variants[-1][0],
        "variants": [
            {"variant": name, "quality": quality, "bytes": size, "can_be_stored": is_there}
            for name, quality, size, is_there in variants
        ],
    }


def test_the_chart_of_costs_has_a_rising_curve_and_the_marked_dots_on_top() -> None:
    variants = [
        ("float32", 0.6, 4096, True),
        ("int8", 0.61, 1024, False),
        ("pca-64", 0.5, 256, True),
    ]
    chart = cost_chart({"A": document("float32", *variants), "B": document("pca-64", *variants)})
    assert [curve.key for curve in chart.curves] == ["a", "b"]
    dots = {dot.name: dot for dot in chart.curves[0].dots}
    assert [(d.name, d.marks) for d in chart.curves[0].dots] == [
        *(("int8", ("away",)), ("float32", ("stored",)), ("pca-64", ("recommended",)))
    ]
    assert chart.curves[1].dots[-1].marks == ("recommended", "stored")
    assert dots["pca-64"].x < dots["int8"].x < dots["float32"].x
    assert dots["int8"].y < dots["float32"].y < dots["pca-64"].y
    heights = [float(point.split()[1]) for point in chart.curves[0].path[1:].split(" L")]
    assert heights == sorted(heights, reverse=True)
    assert all(chart.top <= dot.y <= chart.bottom for dot in dots.values())
    assert [dots[name].can_be_stored for name in ("int8", "pca-64")] == [False, True]
    # The names of six curves that lie on each other are apart, or left out.
    many = {str(n): document("float32", *variants) for n in range(6)}
    names = cost_chart(many).names
    assert 1 < len(names) < 6
    assert not any(a.overlaps(b) for place, a in enumerate(names) for b in names[:place])
