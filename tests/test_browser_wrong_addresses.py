"""Addresses that can't be followed, and parameters of others, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import shown_text, visiting
from tests.servers import App
from tests.test_browser_address import chips, entries


@pytest.fixture(scope="module")
def page(browser: Browser, app: App, locations: dict[str, str]) -> Iterator[Page]:
    """A page that has loaded nothing, of an app whose samples are searchable."""
    with visiting(browser, app.url, query=None) as visit:
        yield visit.page


@pytest.mark.parametrize(
    ("query", "sentence", "corrected"),
    [
        ("tab=nonsense", "There is no tab “nonsense”.", ""),
        ("tab=search&picture=77&k=5", "in the library any more", "tab=search&model=colour&k=5"),
        (
            "tab=compare&models=shape,nope,colour&k=9999&text=boat",
            "The model “nope” is not here. k is a number from 1 to 50, not “9999”.",
            "tab=compare&models=shape%2Ccolour&k=50&text=boat",
        ),
        (
            'parts=[{"text":"red"},{"picture":"77","weight":-0.5}]&size=huge&label=a',
            "not in the library any more",
            "tab=search&model=colour&k=12&text=red&label=a&size=huge",
        ),
        ("parts=[&orientation=round", "This query has no part", ""),
        ("tab=library&page_number=99&hit=x", "There is no page 99.", "tab=library"),
        (
            "tab=map&method=x&colour=x&page=9",
            re.compile("no projection “x”.*no colours “x”"),
            "tab=map&models=colour%2Cshape&method=tsne",
        ),
        (f"text={'x' * 20_000}", "The address is too long to be followed.", ""),
    ],
)
def test_a_wrong_address_is_said_once_and_corrected(
    page: Page, app: App, query: str, sentence: str | re.Pattern[str], corrected: str
) -> None:
    page.goto(f"{app.url}/?{query}")
    expect(shown_text(page, sentence)).to_have_count(1)
    expect(page).to_have_url(f"{app.url}/?{corrected}" if corrected else f"{app.url}/")
    if "text=" not in corrected:
        return  # a reload is the same for all; those with words have the longest addresses
    entry = entries(page)
    page.reload()
    expect(page.get_by_role("tab", selected=True)).to_have_count(1)
    expect(page).to_have_url(f"{app.url}/?{corrected}")
    assert entries(page) == entry


def test_parameters_of_others_and_the_state_outlive_each_other(page: Page, app: App) -> None:
    page.goto(f"{app.url}/?__theme=dark&tab=search&text=boat&k=7")
    expect(chips(page)).to_contain_text("boat")
    expect(page).to_have_url(re.compile(r"\?__theme=dark&tab=search&model=colour&k=7&text=boat$"))
    page.locator("select[name=language]").select_option("es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(chips(page)).to_contain_text("boat")
    expect(page).to_have_url(re.compile(r"\?__theme=dark&tab=search&model=colour&k=7&text=boat$"))
