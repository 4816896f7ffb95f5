"""The list of the Library tab in a real browser, and the removal of what is ticked in it."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browsing import WAIT_MS, open_tab


def open_library(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile(r"all \d\d"), timeout=WAIT_MS)
    open_tab(page, "Library")
    expect(page.locator("#library-shown .tl-card").nth(9)).to_be_visible(timeout=WAIT_MS)


def card(page: Page, name: str) -> Locator:
    return page.locator("#library-shown .tl-card").filter(has_text=name)


def names(page: Page) -> list[str]:
    return page.locator("#library-shown .tl-name").all_inner_texts()


def ticked(page: Page) -> list[str]:
    """The names of the pictures whose ticks can be seen."""
    cards = page.locator("#library-shown .tl-card:has(.tl-tick:checked) .tl-name")
    return cards.all_inner_texts()


def toolbar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="The ticked pictures")


def question(page: Page) -> Locator:
    return page.get_by_role("alertdialog")


def remove(page: Page, *expected: str) -> None:
    """Remove what is ticked; the question must show just the expected pictures."""
    toolbar(page).get_by_role("button", name="Remove").click()
    expect(question(page).get_by_role("listitem")).to_have_text(list(expected))
    question(page).get_by_role("button", name="Remove").click()
    expect(question(page)).to_have_count(0)
    for name in expected:
        expect(card(page, name)).to_have_count(0, timeout=WAIT_MS)
