"""Files dropped and pasted anywhere in the window, on every tab, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from tests.browsing import WAIT_MS, open_tab, visiting
from tests.servers import App

# What the browser does with files, as [name, type, bytes], on a drag ("drop") or Ctrl+V ("paste").
BRING = """(target, [kind, files, texts, steps]) => {
    const carried = new DataTransfer();
    for (const [name, type, bytes] of files) {
        carried.items.add(new File([new Uint8Array(bytes)], name, {type}));
    }
    for (const [type, text] of Object.entries(texts)) carried.setData(type, text);
    const values = {bubbles: true, cancelable: true};
    return steps.map(step => {
        const event = kind === "paste"
            ? new ClipboardEvent(step, {...values, clipboardData: carried})
            : new DragEvent(step, {...values, dataTransfer: carried});
        target.dispatchEvent(event);
        return event.defaultPrevented;
    });
}"""
File = tuple[str, str, bytes]


def bring(
    target: Locator, *files: File, texts: dict[str, str] | None = None, steps: tuple[str, ...]
) -> list[bool]:
    """Dispatch events with files and texts; returns which of them were handled."""
    kind = "paste" if "paste" in steps else "drop"
    data = [[name, media, list(content)] for name, media, content in files]
    handled: list[bool] = target.evaluate(BRING, [kind, data, texts or {}, list(steps)])
    return handled


def drop(
    page: Page,
    *files: File,
    on: str = "h1",
    sign: str = "Drop to",
    texts: dict[str, str] | None = None,
) -> None:
    """Drag files over the window, check the sign, and drop them."""
    target = page.locator(on)
    assert bring(target, *files, texts=texts, steps=("dragenter", "dragover")) == [True, True]
    words = page.locator(".tl-drop-sign b:visible")
    expect(words).to_have_text(re.compile(sign))
    assert bring(target, *files, texts=texts, steps=("drop",)) == [True]
    expect(page.locator(".tl-drop-sign")).to_be_hidden()


def picture(home: Path, number: int, name: str = "") -> File:
    path = home / "samples" / "a" / f"a-{number}.jpg"
    return name or path.name, "image/jpeg", path.read_bytes()


def complaints_of(page: Page) -> list[str]:
    """What the browser's console has from now on: errors, warnings, requests that are refused."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def on_response(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", on_response)
    return complaints


@pytest.fixture(scope="module")
def page(browser: Browser, app: App) -> Iterator[Page]:
    """The page, loaded once."""
    with visiting(browser, app.url) as visit:
        model = visit.page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)
        yield visit.page


def first(page: Page, cards: str) -> Locator:
    return page.locator(f"{cards} .tl-name").first


def test_a_drop_anywhere_becomes_the_query(page: Page, home: Path) -> None:
    open_tab(page, "Search")
    drop(page, picture(home, 3), sign="Drop to search")
    expect(first(page, "#search-result")).to_have_text("a-3.jpg", timeout=WAIT_MS)
    drop(page, picture(home, 5), on="#search-result", sign="Drop to search")
    expect(first(page, "#search-result")).to_have_text("a-5.jpg", timeout=WAIT_MS)
    open_tab(page, "Compare")
    notes = ("notes.txt", "text/plain", b"words")
    drop(page, notes, picture(home, 4), picture(home, 6), sign="Drop to compare")
    expect(first(page, "#compare-side-a")).to_have_text("a-4.jpg", timeout=WAIT_MS)
    expect(page.locator("#compare-image .tl-refusal")).to_contain_text("a-4.jpg was taken")
    open_tab(page, "Evaluate")
    drop(page, picture(home, 7), sign="Drop to search")
    expect(first(page, "#search-result")).to_have_text("a-7.jpg", timeout=WAIT_MS)
    expect(page.get_by_role("tab", name="Search")).to_have_attribute("aria-selected", "true")


def test_what_is_no_picture_is_refused_in_the_box(page: Page, home: Path) -> None:
    open_tab(page, "Search")
    box, cards = page.locator("#search-image"), page.locator("#search-result .tl-card:not(.tl-own)")
    for files, texts, sentence in (
        ([("notes.txt", "text/plain", b"words")], {}, "notes.txt is no picture"),
        ([], {"text/uri-list": "http://example.org/cat.jpg"}, "an address, which is not fetched"),
    ):
        drop(page, picture(home, 3))
        expect(cards).to_have_count(12, timeout=WAIT_MS)
        drop(page, *files, texts=texts)
        expect(box.get_by_role("alert")).to_contain_text(sentence, timeout=WAIT_MS)
        expect(box.locator("img")).to_have_count(0)
        expect(cards).to_have_count(0, timeout=WAIT_MS)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


def test_pasted_text_stays_text(page: Page, home: Path) -> None:
    open_tab(page, "Search")
    words = page.locator("#search-words").get_by_role("textbox")
    texts = {"text/plain": "boat"}
    # Of a cell of a spreadsheet, the clipboard has a picture, too.
    assert bring(words, picture(home, 3), texts=texts, steps=("paste",)) == [False]
    assert bring(words, picture(home, 3), steps=("paste",)) == [True]
    expect(first(page, "#search-result")).to_have_text("a-3.jpg", timeout=WAIT_MS)
    assert bring(words, texts={"text/uri-list": "http://example.org"}, steps=("dragover",)) == [
        False
    ]


def test_the_library_and_models_take_files(page: Page, home: Path) -> None:
    open_tab(page, "Library")
    notes = [(name, "text/plain", b"words") for name in ("a.txt", "b.txt")]
    drop(page, *notes, sign="Drop to add to the library")
    added = page.locator("#library-added")
    expect(added).to_contain_text("0 added, 0 known, 2 skipped", timeout=WAIT_MS)
    open_tab(page, "Models")
    drop(page, ("net.onnx", "", b"\x08\x09"), sign="Drop to bring this model")
    expect(page.locator("#bring-file")).to_contain_text("net", timeout=WAIT_MS)
    drop(page, ("notes.txt", "", b"words"), sign="Drop to bring this model")
    expect(page.locator("#bring-file").get_by_role("alert")).to_contain_text("no model")
    drop(page, picture(home, 6), sign="Drop to search")
    expect(first(page, "#search-result")).to_have_text("a-6.jpg", timeout=WAIT_MS)


def test_the_console_stays_empty(page: Page, home: Path, app: App, tmp_path: Path) -> None:
    complaints = complaints_of(page)
    for tab in ("Compare", "Arena", "Evaluate", "Map", "Library", "Models", "Search"):
        open_tab(page, tab)
    drop(page, picture(home, 7), sign="Drop to search")
    expect(first(page, "#search-result")).to_have_text("a-7.jpg")
    (tmp_path / "trip").mkdir()
    (tmp_path / "trip" / "broken.jpg").write_bytes(b"no picture")
    open_tab(page, "Library")
    page.locator("input[data-picks=folder]").set_input_files(tmp_path / "trip")
    expect(page.locator("#library-added")).to_contain_text("0 added, 0 known, 1 skipped")
    described = page.locator(".api-docs").get_by_text("/add_dataset").first
    page.get_by_role("link", name="API").click()
    expect(described).to_be_visible()
    assert complaints == []
    page.goto("about:blank")  # Gradio complains of the requests that leaving breaks off
    complaints.clear()
    page.goto(f"{app.url}/?view=api")
    expect(described).to_be_visible()
    assert complaints == []
