"""The page in a real browser, as a visitor uses it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import (
    WAIT_MS,
    Visit,
    does_not_scroll_sideways,
    open_tab,
    show_inputs,
    violations,
    visiting,
)
from tests.pictures import encode, paint
from tests.servers import App


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page, loaded once, with all samples searchable."""
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        model = visit.page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        yield visit


def query(home: Path, number: int) -> Path:
    return home / "samples" / "a" / f"a-{number}.jpg"


def test_a_picture_is_searched_and_compared(visit: Visit, home: Path) -> None:
    page = visit.page
    open_tab(page, "Search")
    expect(page).to_have_title("Twinlens")
    page.locator("#search-image input[type=file]").set_input_files(query(home, 4))
    status = page.locator("#search-result")
    expect(status).to_contain_text(
        re.compile(r"12 of 24.*decode.*ms.*embed.*ms.*Milvus.*ms.*Redis.*ms.*total.*ms", re.S),
        timeout=WAIT_MS,
    )
    cards = page.locator("#search-result .tl-card")
    expect(cards).to_have_count(13)
    expect(cards.first).to_have_text(re.compile(r"^\s*your query\s+a\s+a-4\.jpg\s*$"))
    expect(cards.nth(1)).to_contain_text(re.compile(r"1\s.*\d\.\d%", re.S))
    assert does_not_scroll_sideways(page)

    open_tab(page, "Compare")
    page.locator("#compare-image input[type=file]").set_input_files(query(home, 4))
    result = page.locator("#compare-result")
    expect(result).to_contain_text(re.compile(r"They agree on \d+ of 12; "), timeout=WAIT_MS)
    for side in ("a", "b"):
        cards = page.locator(f"#compare-side-{side} .tl-card")
        expect(cards).to_have_count(13)
        expect(cards.first).to_contain_text(re.compile(r"your query\s+a\s+a-4\.jpg"))
    expect(result).to_contain_text("Your query is in the library; it does not count.")
    expect(result.locator(".tl-fused .tl-card")).to_have_count(12)
    expect(result.locator(".tl-fused")).not_to_contain_text("a-4.jpg")
    expect(page.locator("#compare-side-a h3")).to_have_text("Colour (baseline)")
    expect(page.locator("#compare-side-b h3")).to_have_text("Shape (baseline)")
    shared = page.locator("#compare-side-a .tl-shared").count()
    expect(page.locator("#compare-side-a .tl-only")).to_have_count(12 - shared)
    expect(page.locator("#compare-side-b .tl-shared")).to_have_count(shared)
    expect(result).to_contain_text(f"{shared} of 12")
    expect(page.locator("#compare-side-a img").first).to_have_js_property("complete", True)
    assert page.locator("#compare-side-a img").first.evaluate("img => img.naturalWidth") > 0
    assert does_not_scroll_sideways(page)


def paste(page: Page, path: Path) -> None:
    """What the browser does on Ctrl+V with a picture in the clipboard."""
    page.evaluate(
        """bytes => {
            const clipboardData = new DataTransfer();
            const picture = new File([new Uint8Array(bytes)], "pasted.jpg", {type: "image/jpeg"});
            clipboardData.items.add(picture);
            const event = new ClipboardEvent("paste", {clipboardData, bubbles: true});
            document.body.dispatchEvent(event);
        }""",
        list(path.read_bytes()),
    )


def test_pasted_pictures_are_searched(visit: Visit, home: Path) -> None:
    page = visit.page
    names = page.locator("#compare-side-a .tl-name")
    open_tab(page, "Compare")
    for number in (3, 7):
        paste(page, query(home, number))
        expect(names.first).to_have_text(f"a-{number}.jpg", timeout=WAIT_MS)
    open_tab(page, "Search")
    paste(page, query(home, 5))
    expect(page.locator("#search-result .tl-card:not(.tl-own)")).to_have_count(12, timeout=WAIT_MS)


def test_model_and_number_of_results_can_be_changed(visit: Visit, home: Path) -> None:
    page = visit.page
    open_tab(page, "Search")
    page.locator("#search-image input[type=file]").set_input_files(query(home, 1))
    expect(page.locator("#search-result .tl-own")).to_contain_text("a-1.jpg")
    cards = page.locator("#search-result .tl-card:not(.tl-own)")
    expect(cards).to_have_count(12, timeout=WAIT_MS)
    before = cards.all_inner_texts()
    show_inputs(page)
    page.locator("#search-model").get_by_role("combobox").click()
    page.get_by_role("option", name="Shape (baseline)").click()
    expect(cards.nth(1)).not_to_have_text(before[1], timeout=WAIT_MS)
    number = page.locator("#search-k").get_by_role("spinbutton")
    for results in (5, 12):
        number.fill(str(results))
        number.blur()
        expect(cards).to_have_count(results, timeout=WAIT_MS)


def test_what_is_no_picture_gets_a_sentence(visit: Visit, home: Path, tmp_path: Path) -> None:
    page = visit.page
    open_tab(page, "Search")
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(encode(paint(1))[:500])
    box, cards = page.locator("#search-image"), page.locator("#search-result .tl-card:not(.tl-own)")
    box.locator("input[type=file]").set_input_files(query(home, 1))
    expect(cards).to_have_count(12, timeout=WAIT_MS)
    for _ in range(2):
        box.locator("input[type=file]").set_input_files(bad)
        sentence = "holiday.jpg is damaged or cut off and can't be decoded."
        expect(page.get_by_role("alert")).to_have_text(sentence, timeout=WAIT_MS)
        expect(box.locator("img")).to_have_count(0)
        expect(cards).to_have_count(0)
    expect(box.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    # And the page goes on working.
    page.locator("#search-image input[type=file]").set_input_files(query(home, 2))
    expect(cards).to_have_count(12, timeout=WAIT_MS)
    expect(page.get_by_role("alert")).to_have_count(0)
    # It is seen beside the answer to words, too, where the inputs are behind a button.
    show_inputs(page)
    words = page.locator("#search-words").get_by_role("textbox")
    words.fill("boat")
    words.press("Enter")
    expect(page.locator("#search-query .tl-part")).to_have_count(2)
    box.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_role("alert")).to_have_text(sentence)
