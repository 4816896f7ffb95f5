"""What the page opens on, in a real browser: a finished comparison, and a tour of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, Request, Route, expect

from tests import onnx_files
from tests.browsing import WAIT_MS, does_not_scroll_sideways, open_tab, violations, visiting
from tests.pictures import encode, folder, paint, save
from tests.servers import App, running

ODD = "{{7}}${6*7}<img src=q onerror=alert(1)>'\".jpg"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
STEPS = ["One query, several models", "Right or wrong", "Now yours"]
# The shifts of the page that no press of the visitor caused, from now on.
WATCH_SHIFTS = """window.shifts = 0;
new PerformanceObserver(list => list.getEntries().filter(entry => !entry.hadRecentInput).forEach(
    entry => window.shifts += entry.value)).observe({type: "layout-shift"});"""
OPENED = "'opened' in document.body.dataset"  # after the first answer, where a tour is shown
MOST_SHIFT = 0.1  # of a good page (web.dev, "Cumulative Layout Shift")


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app with an example and three models."""
    home = tmp_path_factory.mktemp("opening")
    shutil.copytree(baselines, home / "models")
    onnx_files.write(home / "models", "third")
    folder(home / "samples", {"a": 3, "b": 3})
    save(home / "samples" / "queries" / "a_07.jpg", 70)
    (home / "samples" / "a" / ODD).write_bytes(encode(paint(50)))
    with running(home) as app:
        yield app


def test_the_page_opens_on_a_comparison_to_which_models_are_added(
    browser: Browser, opening: App
) -> None:
    """Names that are code to a browser or to the page's templates are only shown."""
    with visiting(browser, opening.url) as visit:
        page = visit.page
        dialogs: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        result = page.locator("#compare-result")
        expect(result).to_contain_text("Your query is in the library", timeout=WAIT_MS)
        expect(result.locator(".tl-side h3")).to_have_text(["Mean colour", "Colour (baseline)"])
        right = result.locator("#compare-side-a .tl-right").count()
        expect(result).to_contain_text(
            f"Of the same kind, a: Mean colour {right} of {6}, Colour (baseline)"
        )
        page.locator("#compare-models").get_by_role("combobox").click()
        page.get_by_role("option", name="Shape (baseline)").click()
        expect(page.locator("#compare-side-c .tl-card:not(.tl-own)")).to_have_count(6)
        expect(result.get_by_role("table").locator("tbody tr")).to_have_count(3)
        expect(result).to_contain_text("found by 3 of 3")
        assert does_not_scroll_sideways(page)
        odd = page.locator("#compare-side-a .tl-card").filter(has_text="onerror")
        expect(odd.locator(".tl-name")).to_have_text(ODD)
        odd.locator(".tl-open").click()
        expect(page.get_by_role("dialog").get_by_role("heading").first).to_have_text(ODD)
        assert dialogs == []


def tour_of(page: Page) -> Locator:
    return page.locator(".tl-tour")


def press(page: Page, name: str) -> None:
    tour_of(page).get_by_role("button", name=name).click()


def covers(page: Page) -> bool:
    """Whether the tour lies over what it explains, which has a ring around it."""
    a, b = (page.locator(part).bounding_box() for part in (".tl-tour", ".tl-tour-ring"))
    assert a is not None
    assert b is not None
    return (
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    )


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}, PHONE], ids=["desktop", "phone"])
def test_a_tour_is_shown_until_it_is_dismissed(
    browser: Browser, opening: App, context: dict[str, Any]
) -> None:
    with visiting(browser, opening.url, tour=True, query=None, **context) as visit:
        page = visit.page
        heading = tour_of(page).get_by_role("heading")
        if "is_mobile" in context:  # who comes with a query gets no tour
            page.goto(f"{opening.url}/?tab=compare&k=3")
            cards = page.locator("#compare-result .tl-card:not(.tl-own)")
            expect(cards.first).to_be_visible(timeout=WAIT_MS)
            page.wait_for_function(OPENED)
            expect(tour_of(page)).to_be_hidden()
        page.goto(opening.url)
        expect(heading).to_have_text(STEPS[0], timeout=WAIT_MS)
        expect(tour_of(page)).to_be_focused()
        page.evaluate(WATCH_SHIFTS)
        for step in STEPS:
            expect(heading).to_have_text(step)
            assert not covers(page)
            assert violations(page) == []
            if step != STEPS[-1]:
                press(page, "Next")
        press(page, "Back")
        expect(heading).to_have_text(STEPS[1])
        page.locator("#compare-result .tl-card .tl-open").first.click()  # it is not modal
        expect(page.locator(".tl-panel")).to_be_visible()
        expect(tour_of(page)).to_be_hidden()
        page.keyboard.press("Escape")  # the panel
        expect(heading).to_have_text(STEPS[1])
        page.keyboard.press("Escape")
        expect(tour_of(page)).to_be_hidden()
        assert page.evaluate("window.shifts") < 0.02
        page.goto(opening.url)
        expect(page.locator("#compare-result .tl-card").first).to_be_visible(timeout=WAIT_MS)
        page.wait_for_function(OPENED)
        expect(tour_of(page)).to_be_hidden()
        open_tab(page, "Search")
        page.get_by_role("button", name="Tour").click()
        expect(heading).to_have_text(STEPS[0])
        press(page, "Skip the tour")
        expect(page.get_by_role("button", name="Tour")).to_be_focused()


@dataclass
class Early:
    """A page whose first answers are held back."""

    page: Page
    address: str
    held: list[Route] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def load(self) -> None:
        """Open the page, without its first answer."""
        self.page.route("**/run/predict*", lambda route: self.held.append(route))
        with self.page.expect_request("**/run/predict*"):
            self.page.goto(self.address)
        expect(self.page.locator("#compare-result .tl-own").first).to_be_visible()

    def act(self, action: Callable[[], None]) -> None:
        """Do something, which must send nothing before the first answer, and let that through."""
        self.page.on("request", self._note)
        action()
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        self.page.remove_listener("request", self._note)
        assert self.sent == []
        self.let_through()

    def _note(self, request: Request) -> None:
        # Of the page itself there are direct calls, when the status changes.
        if "/queue/join" in request.url or "/upload" in request.url:
            self.sent.append(request.url)

    def let_through(self) -> None:
        """Let the first answer through."""
        while self.held:
            self.held.pop().continue_()
        self.page.unroute("**/run/predict*")


@pytest.fixture(scope="module")
def address(browser: Browser, opening: App) -> str:
    """That of the app, once its comparison is there for all pages."""
    with visiting(browser, opening.url) as visit:
        expect(visit.page.locator("#compare-result .tl-own").first).to_be_visible()
    return opening.url


@pytest.fixture
def early(browser: Browser, address: str) -> Iterator[Early]:
    with visiting(browser, address, query=None) as visit:
        yield Early(visit.page, address)


def test_the_page_arrives_with_the_comparison(early: Early) -> None:
    page = early.page
    page.add_init_script(WATCH_SHIFTS)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        early.load()
        expect(page.locator("#compare-models .token")).to_have_count(2)
        early.let_through()
        page.wait_for_function(OPENED)
        assert 0 <= page.evaluate("window.shifts") < MOST_SHIFT


def test_what_is_done_before_the_first_answer_is_not_lost(early: Early, tmp_path: Path) -> None:
    page = early.page
    early.load()
    early.act(page.locator("#compare-side-a .tl-card .tl-open").first.click)
    expect(page.locator(".tl-panel")).to_be_visible()
    page.keyboard.press("Escape")
    early.load()
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    file = page.locator("#compare-image input[type=file]")
    early.act(partial(file.set_input_files, tmp_path / "bad.jpg"))
    box = page.locator("#compare-image")
    expect(box.get_by_role("alert")).to_contain_text("bad.jpg")
    expect(box.locator("img")).to_have_count(0)
    expect(page.locator("#compare-query .tl-part")).to_have_count(0)


def test_the_tour_comes_though_it_is_asked_for_before_the_first_answer(early: Early) -> None:
    """Gradio forgets where a tab was opened by then, and the first answer draws all anew."""
    page = early.page
    early.load()
    open_tab(page, "Search")
    page.get_by_role("button", name="Tour").click()
    early.let_through()
    expect(tour_of(page).get_by_role("heading")).to_have_text(STEPS[0])
    page.wait_for_function(OPENED)
    expect(tour_of(page)).to_be_visible()
    press(page, "Skip the tour")
