"""Names, labels and titles are shown as they are, wherever they are shown, and are never HTML."""

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import onnx
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from searcher.export.contract import Metadata
from tests.browsing import TOASTS_STAY, WAIT_MS, visiting
from tests.onnx_files import write
from tests.pictures import encode, folder, paint
from tests.raw_calls import Raw
from tests.servers import App, running, wait_for

HOSTILE = (
    "<img src=x onerror=pwned=1><a href=//evil.example>a</a>"
    "<form action=//evil.example>${6*7}{{7}}`b`"
)
NAME = f"{HOSTILE}'\".jpg"
LABEL = HOSTILE[:80]
FILE_NAME = "<img src=x onerror=pwned=1><form action=evil>.jpg"  # as a disk can have it
TITLES = {"colour": f"A {HOSTILE}", "shape": f"B {HOSTILE}"}
LATE = f"C {HOSTILE}"
FOREIGN = "img[src='x'], [href*='evil'], [action*='evil'], [onerror], .prose form"


@pytest.fixture(scope="module")
def separate_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app with hostile titles, names and labels in its library."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "models").mkdir()
    for name, title in TITLES.items():
        model = onnx.load(baselines / f"{name}.onnx")
        for entry in model.metadata_props:
            if entry.key in ("architecture", "licence"):
                entry.value = HOSTILE
            elif entry.key == "title":
                entry.value = title
        onnx.save(model, home / "models" / f"{name}.onnx")
    folder(home / "samples", {"a": 4, "b": 4})
    with running(home) as app:

        def indexed() -> bool:
            models = answer(app, "models")[0]
            return [m["coverage"] for m in models if m["state"] == "ready"] == [8, 8]

        wait_for(indexed, what="the samples")
        files = [put(app, encode(paint(40 + number))) for number in range(4)]
        assert answer(app, "add", files, LABEL)[0]["added"] == 4
        yield app


def answer(app: App, name: str, *values: Any) -> Any:
    """Call an endpoint; gradio_client would upload the files by itself, with their own names."""
    raw = Raw(app)
    number = next(function["id"] for function in raw.functions() if function["api_name"] == name)
    return raw.call(number, list(values))[1]


def put(app: App, data: bytes) -> dict[str, Any]:
    """Upload a picture, which says that it is called NAME."""
    address = f"{app.url}/gradio_api/upload"
    (path,) = httpx.post(address, files={"files": ("x.jpg", data)}).json()
    return {"path": path, "orig_name": NAME, "meta": {"_type": "gradio.FileData"}}


def test_programs_get_text_and_no_html(separate_app: App) -> None:
    refusal = answer(separate_app, "search", put(separate_app, b"no picture"), "colour", 3)
    assert refusal.startswith(f"{NAME[:120]} is not a picture")
    (response,) = answer(separate_app, "search", put(separate_app, encode(paint(40))), "colour", 1)
    assert (response["hits"][0]["name"], response["hits"][0]["label"]) == (NAME, LABEL)


class Walk:
    """One visit in which no hostile text may become markup or script."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialogs: list[str] = []
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()

    def check(self, selector: str, *texts: str) -> None:
        """Check that this part of the page shows the texts literally, without markup from them."""
        for text in texts:
            expect(self.page.locator(selector).first).to_contain_text(text, timeout=WAIT_MS)
        assert self.page.locator(FOREIGN).count() == 0, selector
        assert not self.page.evaluate("'pwned' in window"), selector
        assert "&lt;" not in self.page.locator("body").inner_text(), selector

    def toast(self, *texts: str) -> None:
        """The same for a message that pops up; all are closed."""
        for text in texts:
            shown = self.page.get_by_test_id("toast-body").filter(has_text=text)
            expect(shown.first).to_be_visible(timeout=WAIT_MS)
        self.check("[data-testid=toast-body]")
        for close in self.page.get_by_test_id("toast-close").all():
            close.click()
        expect(self.page.get_by_test_id("toast-body")).to_have_count(0, timeout=WAIT_MS)

    def upload(self, box: str, data: bytes) -> None:
        """Choose a file that is called FILE_NAME."""
        file = {"name": FILE_NAME, "mimeType": "image/jpeg", "buffer": data}
        self.page.locator(f"{box} input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def test_nothing_comes_to_life_in_any_tab(
    browser: Browser, separate_app: App, tmp_path: Path
) -> None:
    """In English: translations have the same HTML (tests/test_language.py)."""
    picture = encode(paint(40))
    with visiting(browser, separate_app.url, script=TOASTS_STAY) as visit:
        page, walk = visit.page, Walk(visit.page)
        page.set_default_timeout(WAIT_MS)
        model = page.locator("#search-model").get_by_role("combobox")
        expect(model).to_have_value(re.compile(re.escape(TITLES["colour"])), timeout=WAIT_MS)

        walk.upload("#search-image", b"no picture")
        walk.check("#search-image .tl-refusal", f"{FILE_NAME} is not a picture")
        model.click()
        walk.check("[role=listbox]", *TITLES.values())
        page.locator("h1").click()  # a menu that is left searches once more
        walk.upload("#search-image", picture)
        walk.check("#search-result", NAME, LABEL)
        page.locator("#search-result .tl-open").first.click()
        walk.check(".tl-panel[open]", NAME, LABEL)
        expect(page.locator("#search-result .tl-name").first).to_have_attribute("title", NAME)
        page.locator(".tl-panel[open] [data-action=query]").click()
        expect(page.locator(f'#search-recent [title="{quoted(NAME)}"]')).to_be_visible()
        walk.check("#search-result", NAME)

        page.locator("#search-result [data-action=less]").first.click()
        walk.check("#search-query", NAME, LABEL)
        # Not the file itself, which would be no hit.
        compare(walk, encode(paint(40), quality=80), tmp_path / "report.html", browser)
        measure(walk)
        change(walk, separate_app)


def quoted(text: str) -> str:
    """For an attribute in a CSS selector."""
    return text.replace('"', r"\"")


def tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}-button").click()


def compare(walk: Walk, picture: bytes, report: Path, browser: Browser) -> None:
    page = walk.page
    tab(page, "compare")
    walk.upload("#compare-image", picture)
    walk.check("#compare-side-a", TITLES["colour"], NAME)
    walk.check("#compare-result .tl-slope", NAME)
    page.locator("#compare-side-a .tl-card").first.click()
    walk.check(".tl-panel[open]", NAME, LABEL, *TITLES.values())
    page.locator(".tl-panel[open] [data-action=why]").click()
    walk.check(".tl-panel[open] .tl-why", NAME, *TITLES.values())
    page.keyboard.press("Escape")
    page.locator("#compare-robust").click()
    walk.check("#compare-robustness", *TITLES.values())
    page.locator("#comparison-report").click()
    form = page.locator("dialog.tl-report")
    for field in ("title", "remarks"):
        form.locator(f"[name={field}]").fill(HOSTILE)
    with page.expect_download(timeout=WAIT_MS) as download:
        form.locator("[data-action=save]").click()
    download.value.save_as(report)
    context = browser.new_context(offline=True)
    saved = Walk(context.new_page())
    saved.page.goto(report.as_uri())
    saved.check("body", NAME, HOSTILE, *TITLES.values())
    assert HOSTILE.strip() in saved.page.title()
    context.close()


def measure(walk: Walk) -> None:
    page = walk.page
    tab(page, "arena")
    page.locator("#arena-next").click()
    page.locator("#arena-left").click()
    walk.check("#arena", HOSTILE)
    walk.check("#arena-board", *TITLES.values())
    tab(page, "evaluate")
    page.locator("#evaluate-start").click()
    walk.check("#evaluate-result", LABEL, *TITLES.values())
    walk.check("#evaluate-result .tl-quality", *TITLES.values())
    tab(page, "map")
    walk.check("#map-result", LABEL, *TITLES.values())
    expect(page.locator("#map-result .tl-making").first).to_be_hidden(timeout=WAIT_MS)
    announcement = page.locator("#map-result .tl-readout")
    arrows = cycle(["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"])

    def is_reached() -> bool:
        """The map's scripts come after its canvas."""
        page.locator("#map-result canvas[tabindex]").first.press(next(arrows))
        return NAME in announcement.inner_text()

    wait_for(is_reached, what="the picture on the map")
    walk.check("#map-result .tl-readout", f"{NAME} · {LABEL}")
    walk.check("#map-result figcaption", NAME)


def change(walk: Walk, separate_app: App) -> None:
    page = walk.page
    tab(page, "library")
    walk.check("#library-shown", NAME, LABEL)
    walk.check("#library-summary", *TITLES.values())
    page.locator("#library-filter textarea, #library-filter input").fill("<img src=x")
    expect(page.locator("#library-shown .tl-card")).to_have_count(4, timeout=WAIT_MS)
    page.locator("#library-filter textarea, #library-filter input").fill(f"{HOSTILE} nothing")
    walk.check("#library-shown .tl-empty")
    page.locator("#library-filter textarea, #library-filter input").fill("")
    page.locator("#library-add button").first.click()
    walk.upload("#library-files", b"no picture")
    walk.check("#library-added", f"{FILE_NAME} is not a picture")
    tab(page, "models")
    walk.check("#models-list", *TITLES.values(), HOSTILE)
    # One more model comes while somebody looks, and goes again.
    write(
        separate_app.log.parent / "models",
        "late",
        metadata=Metadata(LATE, HOSTILE, HOSTILE, HOSTILE),
    )
    walk.toast(LATE)
    assert walk.dialogs == []
    page.locator("#model-late button").click()
    expect(page.locator("#model-late")).to_have_count(0, timeout=WAIT_MS)
    (question,) = walk.dialogs
    assert LATE in question
    walk.check("#models-list")
