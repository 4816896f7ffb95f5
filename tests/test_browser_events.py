"""A page in a real browser stays up to date by events, without polling."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, Request, Route, expect

from searcher.library.worker import ROUND_S
from searcher.ui import events
from tests import onnx_files
from tests.browsing import TOASTS_STAY, WAIT_MS, open_tab, shown_text, violations, visiting
from tests.pictures import folder
from tests.servers import App, running, wait_for
from tests.test_browser_touch import lie_apart
from tests.test_events import Listeners

NO_PICTURE: Any = {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
TABS = ("Search", "Compare", "Arena", "Evaluate", "Map", "Library", "Models")
QUIET_MS = 2000 * ROUND_S  # within which a page that polled would have asked twice
HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
UNDER_TOAST = """part => {
    const [one, other] = [part, document.querySelector(".toast-body")];
    scrollBy(0, one.getBoundingClientRect().y - other.getBoundingClientRect().y);
}"""


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    home = tmp_path_factory.mktemp("events")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"a": 4, "b": 4})
    with running(home) as app:
        yield app


@pytest.fixture
def separate_app(shared_app: App) -> Iterator[App]:
    """The app without the model `mean`, which a test may write."""
    client = Client(shared_app.url, verbose=False)

    def is_gone() -> bool:
        return "mean" not in {model["name"] for model in client.predict(api_name="/models")}

    try:
        yield shared_app
    finally:
        (shared_app.log.parent / "models" / "mean.onnx").unlink(missing_ok=True)
        wait_for(is_gone, what="the removal")


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 8"), timeout=WAIT_MS)
    open_tab(page, "Models")
    # The last thing that the worker does.
    expect(page.locator("#model-shape")).to_contain_text(re.compile(r"\d ms"), timeout=WAIT_MS)
    expect(page.locator("#model-mean")).to_have_count(0, timeout=WAIT_MS)  # of an earlier test


def requests(page: Page) -> list[str]:
    """The paths that a page asks the app for from now on; late scripts of its own do not count."""
    urls: list[str] = []

    def note(request: Request) -> None:
        path = request.url.split("/", 3)[3]
        if not path.startswith("assets/"):
            urls.append(path)

    page.on("request", note)
    return urls


def wait_until_quiet(page: Page) -> None:
    """Wait until the page asks for nothing and all that it asked for is answered."""
    urls = requests(page)

    def is_quiet() -> bool:
        urls.clear()
        page.wait_for_timeout(QUIET_MS)
        return not urls

    wait_for(is_quiet, what=lambda: f"a page that asks for nothing: {urls}")


def test_an_idle_page_asks_for_nothing_and_a_hidden_one_catches_up_when_it_is_seen(
    browser: Browser, separate_app: App
) -> None:
    with visiting(browser, separate_app.url) as visit:
        ready(visit.page)
        wait_until_quiet(visit.page)
        mean = onnx_files.write(separate_app.log.parent / "models", "mean")
        expect(visit.page.locator("#model-mean")).to_contain_text("ready", timeout=WAIT_MS)
        mean.unlink()
        expect(visit.page.locator("#model-mean")).to_have_count(0, timeout=WAIT_MS)

        # A hidden page has no stream.
        wait_until_quiet(visit.page)
        visit.page.evaluate(HIDDEN, True)
        urls = requests(visit.page)
        onnx_files.write(separate_app.log.parent / "models", "mean")
        with Listeners(separate_app.url, 1) as listeners:
            wait_for(lambda: len(listeners.messages[0]) > 1, what="the new model")
        visit.page.wait_for_timeout(1000)
        assert urls == []
        expect(visit.page.locator("#model-mean")).to_have_count(0)
        visit.page.evaluate(HIDDEN, False)
        expect(visit.page.locator("#model-mean")).to_be_visible(timeout=WAIT_MS)


def test_the_windows_of_a_browser_share_a_stream(browser: Browser, separate_app: App) -> None:
    with visiting(browser, separate_app.url) as visit:
        ready(visit.page)
        held = "navigator.locks.query().then(({ held }) => held.length)"
        wait_for(lambda: visit.page.evaluate(held), what="the first window's stream")
        other = visit.page.context.new_page()
        urls = requests(other)
        other.goto(separate_app.url)
        ready(other)
        wait_for(lambda: pause(other) and "twinlens/version" in urls)
        assert "twinlens/events" not in urls
        onnx_files.write(separate_app.log.parent / "models", "mean")
        for page in (visit.page, other):
            expect(page.locator("#model-mean")).to_be_visible(timeout=WAIT_MS)
        # If the window that holds the stream closes, the other one opens one.
        visit.page.evaluate(HIDDEN, True)
        wait_for(lambda: pause(other) and "twinlens/events" in urls)
        (separate_app.log.parent / "models" / "mean.onnx").unlink()
        expect(other.locator("#model-mean")).to_have_count(0, timeout=WAIT_MS)


def test_a_page_for_which_there_is_no_stream_looks_now_and_then(
    browser: Browser, separate_app: App
) -> None:
    client = Client(separate_app.url, verbose=False)

    def is_measured() -> bool:  # the last thing that the worker does
        models = {model["name"]: model for model in client.predict(api_name="/models")}
        return models["shape"]["ms"] is not None

    wait_for(is_measured, what="the speed of shape")
    with (
        Listeners(separate_app.url, events.MAX_STREAMS_PER_ADDRESS),
        visiting(browser, separate_app.url) as visit,
    ):
        ready(visit.page)
        onnx_files.write(separate_app.log.parent / "models", "mean")
        mean = visit.page.locator("#model-mean")
        expect(mean).to_be_visible(timeout=WAIT_MS)


def test_a_page_comes_back_to_an_app_that_was_started_again(
    browser: Browser, tmp_path: Path, baselines: Path
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    with running(tmp_path) as app:
        session = browser.new_context()
        page = session.new_page()
        page.goto(app.url)
        open_tab(page, "Models")
        expect(page.locator("#model-shape")).to_be_visible(timeout=WAIT_MS)
        away = shown_text(page, "The server does not answer.")
        expect(away).to_be_hidden()
    expect(away).to_be_visible()
    assert not violations(page)
    open_tab(page, "Search")
    with page.expect_request("**/gradio_api/app_id*"):  # with which Gradio waits for the server
        page.get_by_role("textbox", name="Words to search with").fill("boat")
        page.keyboard.press("Enter")
    # The line says it already.
    expect(shown_text(page, "Connection to the server was lost.")).to_have_count(0)
    open_tab(page, "Models")
    onnx_files.write(tmp_path / "models", "mean")
    with running(tmp_path, PORT=app.url.rsplit(":", 1)[1]):
        expect(page.locator("#model-mean")).to_be_visible(timeout=WAIT_MS)
        expect(away).to_be_hidden()
        open_tab(page, "Library")  # and what is done on the page works, without a reload
        expect(page.locator("#library-shown")).to_contain_text("No pictures yet.")
        for tab in TABS:
            open_tab(page, tab)
            # What it draws when it is opened comes soon.
            wait_for(lambda: pause(page) and not violations(page), what=tab)
        for tab in ("search", "compare"):  # nothing is searched in an empty library
            open_tab(page, tab.title())
            expect(page.locator(f"#{tab}-result")).to_contain_text("Add pictures in Library")
            box = page.locator(f"#{tab}-image")
            box.locator("input[type=file]").set_input_files(NO_PICTURE)
            expect(box.locator(".tl-refusal")).to_contain_text("note.jpg is not a picture")
    session.close()


def test_what_is_chosen_while_an_answer_is_on_its_way_stays_chosen(
    browser: Browser, separate_app: App
) -> None:
    with visiting(browser, separate_app.url, script=TOASTS_STAY) as visit:
        page = visit.page
        ready(page)
        open_tab(page, "Search")
        model = page.locator("#search-model").get_by_role("combobox")
        routes: list[Route] = []

        def hold_the_first(route: Route) -> None:
            if routes:
                route.continue_()
            else:
                routes.append(route)

        page.route(re.compile(r"/gradio_api/(run|queue/join)"), hold_the_first)
        onnx_files.write(separate_app.log.parent / "models", "mean")
        wait_for(lambda: pause(page) and routes, what="the page's question")
        model.click()
        page.get_by_role("option", name="Shape (baseline)").click()
        expect(model).to_have_value(re.compile("Shape"))
        routes[0].continue_()
        toast = page.get_by_test_id("toast-body").last
        expect(toast).to_contain_text("Mean colour can be searched with.", timeout=WAIT_MS)
        expect(model).to_have_value(re.compile(r"Shape.*all 8"))
        # It makes way for the control in use.
        page.set_viewport_size({"width": 390, "height": 400})
        drop_down = page.locator("#search-model .wrap-inner")
        assert drop_down.evaluate("part => part.offsetHeight") <= 52  # a finger needs 44
        model.blur()
        model.evaluate(UNDER_TOAST)
        assert not lie_apart(toast, model)
        model.focus()
        wait_for(lambda: pause(page) and lie_apart(toast, model), what="the toast elsewhere")
        page.set_viewport_size({"width": 1280, "height": 720})
        model.click()
        expect(page.get_by_role("option", name="Mean colour")).to_be_visible()


def pause(page: Page) -> bool:
    """Let the page go on while its test waits for it."""
    page.wait_for_timeout(50)
    return True
