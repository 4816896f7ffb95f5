"""Pages in a real browser, checked for console errors and requests to other machines."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Frame,
    Locator,
    Page,
    Request,
    Route,
    TimeoutError,
    expect,
)

from tests.servers import wait_for

# Without these, Chromium itself sends requests to Google's servers.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium without its windows: a page costs a tenth of a second of processor time, not 0.75.
EXECUTABLES = ("chromium-headless-shell", "chromium", "google-chrome")
WAIT_MS = 60_000
WIDTHS = (390, 1280)
CALLS = re.compile("/gradio_api/queue/join")
DISMISS_TOUR = "localStorage.setItem('twinlens-tour', 'dismissed')"
CONTEXTS: dict[str, list[BrowserContext]] = {}  # that nobody uses, by their options
AXE = """async (excluded) =>
  (await axe.run({ exclude: [excluded] }, { resultTypes: ["violations"] })).violations"""
# Nothing fades or moves, but the line in a message that shows for how long it stays (10 s).
RESTS = """document.getAnimations().every(animation => animation.playState !== "running"
    || animation.effect.target.matches(".toast-body .timer"))"""
MORE_OF_A_LIST = ".tl-card:nth-child(n + 6)"
# Messages that Gradio closes after 10 s stay ten times as long: a busy machine is that slow.
TOASTS_STAY = """{
    const set = setTimeout;
    window.setTimeout = (call, time, ...rest) =>
        set(call, time === 10_000 ? 10 * time : time, ...rest);
}"""
FITS = "document.documentElement.scrollWidth <= innerWidth"
expect.set_options(timeout=WAIT_MS)  # of all expectations; the default is 5 s


def find_browser() -> str | None:
    """Return the path of the first of EXECUTABLES that is installed."""
    return next(filter(None, map(shutil.which, EXECUTABLES)), None)


@dataclass
class Visit:
    """One open page, with the errors and foreign requests noted so far."""

    page: Page
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, address: str) -> None:
        """Note console errors, failed scripts and requests that leave the machine."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(f"{message.text} {message.location.get('url', '')}")

        def on_request(request: Request) -> None:
            if not request.url.startswith((address, "data:", "blob:")):
                self.strangers.append(request.url)

        def on_navigation(frame: Frame) -> None:
            if frame == self.page.main_frame:
                self.errors.clear()  # errors of requests that the navigation aborted

        self.page.on("framenavigated", on_navigation)
        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", on_request)


@contextmanager
def held_calls(page: Page, url: str | re.Pattern[str] = CALLS) -> Iterator[None]:
    """Keep the page's calls, or other requests, from the server until the end of the block."""
    held: list[Route] | None = []

    def hold(route: Route) -> None:
        if held is None:
            route.continue_()
        else:
            held.append(route)

    def is_holding() -> bool:
        page.wait_for_timeout(20)  # a request is seen a moment before it is held
        return bool(held)

    page.route(url, hold)
    try:
        yield
        wait_for(is_holding, what="a call")
    finally:
        calls, held = held or [], None
        for route in calls:
            route.continue_()
            route.request.response()  # or they would come in any order


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    tour: bool = False,
    query: str | None = "",
    script: str = "",
    **context: Any,
) -> Iterator[Visit]:
    """Open a page as a new visitor; fails at the end if an error was noted.

    It is that of a visitor who has dismissed the tour, unless `tour`. With a `query` of None,
    nothing is loaded yet. A script runs before those of the page. Visitors of the same kind share a
    context, one after the other, in which Chromium has the compiled scripts already.
    """
    idle = CONTEXTS.setdefault(str(context), [])
    session = idle.pop() if idle else browser.new_context(**context)
    is_clean = False
    try:
        session.set_default_timeout(WAIT_MS)
        visit = Visit(session.new_page())
        if not tour:
            visit.page.add_init_script(DISMISS_TOUR)
        if script:
            visit.page.add_init_script(script)
        visit.watch(address)
        if query is not None:
            visit.page.goto(f"{address}/{query}")
        yield visit
        assert not visit.errors, visit.errors
        assert not visit.strangers, visit.strangers
        visit.page.goto("about:blank")  # where nothing is written any more
        client = session.new_cdp_session(visit.page)
        parts = urlsplit(address)
        stored = {"origin": f"{parts.scheme}://{parts.netloc}", "storageTypes": "all"}
        client.send("Storage.clearDataForOrigin", stored)
        session.clear_cookies()
        is_clean = True
    finally:
        for page in session.pages if is_clean else ():
            page.close()
        if is_clean:
            idle.append(session)
        else:
            session.close()


def shown_text(page: Page, text: str | re.Pattern[str]) -> Locator:
    """What shows a text; the region that tells it to screen readers is left out."""
    return page.get_by_text(text).and_(page.locator(":not(#tl-spoken)"))


def shared_page(visit: Visit) -> Iterator[Page]:
    """The page of a visit that tests share, with no dialog open; fails if a test left errors."""
    dialogs = visit.page.get_by_role("dialog")
    if dialogs.count():
        visit.page.keyboard.press("Escape")
        expect(dialogs).to_have_count(0)
    yield visit.page
    assert not visit.errors, visit.errors


def does_not_scroll_sideways(page: Page) -> bool:
    """Whether all fits, in the page's own width and in those of a telephone and a desk."""
    own = page.viewport_size
    assert own is not None
    try:
        for width in (own["width"], *WIDTHS):
            page.set_viewport_size({"width": width, "height": own["height"]})
            page.wait_for_function(FITS)
    except TimeoutError:
        return False
    finally:
        page.set_viewport_size(own)
    page.wait_for_function(f"innerWidth === {own['width']}")
    return True


def answered(page: Page, act: Callable[[], None], yes: bool) -> str:
    """Click or press a button and answer the browser's question, which can come after that."""
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.accept() if yes else dialog.dismiss()

    page.once("dialog", answer)
    act()
    end = time.monotonic() + WAIT_MS / 1000
    while not questions:
        assert time.monotonic() < end, "no question"
        page.wait_for_timeout(20)
    return questions[0]


def open_tab(page: Page, name: str) -> None:
    """Open a tab."""
    page.get_by_role("tab", name=name).click()


def show_inputs(page: Page) -> None:
    """Show the inputs of the answered query, which narrow screens have behind a button."""
    button = page.locator(".tl-change[aria-expanded=false]:visible")
    if button.count():
        button.click()


def violations(page: Page, pending: bool = False) -> list[str]:
    """What breaks the rules of axe-core (Deque), with the first element of each.

    It takes milliseconds an element, so of each list of hits it looks at the first five. Where
    something is `pending`, it looks at all else.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    excluded = f"{MORE_OF_A_LIST}, .pending" if pending else MORE_OF_A_LIST
    # A result that is still fading in has too little contrast for a moment.
    if not pending:
        expect(page.locator(".pending")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_function(RESTS)
    issues = page.evaluate(AXE, excluded)
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in issues]
