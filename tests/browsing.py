"""Pages in a real browser, checked for console errors and requests to other machines."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Request, expect

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
                self.errors.append(message.text)

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
def visiting(browser: Browser, address: str, **context: Any) -> Iterator[Visit]:
    """Open a page in a new context; fails at the end if an error was noted."""
    session = browser.new_context(**context)
    try:
        session.set_default_timeout(WAIT_MS)
        visit = Visit(session.new_page())
        visit.watch(address)
        visit.page.goto(address)
        yield visit
        assert not visit.errors, visit.errors
        assert not visit.strangers, visit.strangers
    finally:
        session.close()


def does_not_scroll_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def open_tab(page: Page, name: str) -> None:
    """Open a tab; on narrow screens from the overflow menu."""
    tab = page.get_by_role("tab", name=name)
    menu = page.locator(".overflow-menu > button")
    expect(tab.or_(menu).first).to_be_visible(timeout=WAIT_MS)
    if tab.is_visible():
        tab.click()
    else:
        menu.click()
        page.locator(".overflow-dropdown").get_by_role("button", name=name).click()
