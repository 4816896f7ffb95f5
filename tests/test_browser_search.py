"""The Search tab in a real browser: details, near-duplicates, recent queries, links."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import (
    WAIT_MS,
    Visit,
    does_not_scroll_sideways,
    shared_page,
    show_inputs,
    visiting,
)
from tests.pictures import encode, folder, paint
from tests.servers import App, running


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine pictures; one is another at half its size."""
    samples = tmp_path_factory.mktemp("search") / "samples" / "a"
    folder(samples.parent, {"a": 8})
    (samples / "half.jpg").write_bytes(encode(paint(0).resize((160, 120)), quality=80))
    return samples


@pytest.fixture(scope="module")
def app(samples: Path, baselines: Path) -> Iterator[App]:
    home = samples.parent.parent
    (home / "models").symlink_to(baselines)
    with running(home) as app:
        yield app


@pytest.fixture(scope="module")
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page, loaded once; a new picture takes the place of the query that is left there."""
    size = {"width": 390, "height": 900}
    with visiting(browser, app.url, viewport=size) as visit:
        ready(visit.page)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    yield from shared_page(visit)
    assert does_not_scroll_sideways(visit.page)


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 9"), timeout=WAIT_MS)


def names(page: Page) -> Locator:
    return page.locator("#search-result .tl-card:visible .tl-name")


def drop(page: Page, path: Path) -> None:
    page.locator("#search-image input[type=file]").set_input_files(path)
    expect(page.locator("#search-query .tl-part")).to_contain_text(path.name)
    expect(names(page).first).to_be_visible(timeout=WAIT_MS)


def test_recent_queries_outlive_the_page(page: Page, samples: Path) -> None:
    for number in (1, 2):
        address = page.url
        drop(page, samples / f"a-{number}.jpg")
        expect(names(page).first).to_have_text(f"a-{number}.jpg", timeout=WAIT_MS)
        expect(page).not_to_have_url(address)
    page.reload()
    recent = page.locator("#search-recent button[data-action=again]")
    expect(recent).to_have_count(2, timeout=WAIT_MS)
    expect(names(page).first).to_have_text("a-2.jpg")
    show_inputs(page)
    recent.nth(1).click()
    expect(names(page).first).to_have_text("a-1.jpg", timeout=WAIT_MS)
    expect(recent).to_have_count(2)
    show_inputs(page)
    page.get_by_role("button", name="Forget").click()
    expect(recent).to_have_count(0, timeout=WAIT_MS)
    page.reload()
    expect(names(page).first).to_have_text("a-1.jpg", timeout=WAIT_MS)
    expect(recent).to_have_count(0)


def test_a_hit_is_opened_and_searched_with(page: Page, samples: Path) -> None:
    drop(page, samples / "a-3.jpg")
    expect(names(page).first).to_have_text("a-3.jpg")
    second = names(page).nth(2).inner_text()
    page.locator("#search-result .tl-open").nth(2).focus()
    page.keyboard.press("Enter")
    details = page.get_by_role("dialog")
    row = r"Colour \(baseline\)\s*2\s+\d+\.\d%"
    expect(details).to_contain_text(re.compile(row), timeout=WAIT_MS)
    details.get_by_role("button", name="Search with this one").click()
    expect(names(page).first).to_have_text(second, timeout=WAIT_MS)
    # The stored vector is used: nothing is decoded or embedded.
    expect(page.locator("#search-result .tl-line")).not_to_contain_text(re.compile("decode|embed"))
    expect(details).to_have_count(0)


def test_near_duplicates_are_folded_and_unfolded(page: Page, tmp_path: Path) -> None:
    (tmp_path / "again.jpg").write_bytes(encode(paint(0), quality=70))
    drop(page, tmp_path / "again.jpg")
    expect(page.locator("#search-result")).to_contain_text("1 near-duplicate folded")
    expect(names(page)).to_have_count(8)
    more = page.get_by_role("button", name="+1 alike")
    more.click()
    expect(names(page)).to_have_count(9)
    expect(names(page).nth(1)).to_have_text(re.compile("a-0.jpg|half.jpg"))
    # An unfolded group stays unfolded when its position changes.
    show_inputs(page)
    number = page.locator("#search-k").get_by_role("spinbutton")
    number.fill("5")
    number.blur()
    expect(page.locator("#search-result .tl-card")).to_have_count(5, timeout=WAIT_MS)
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(names(page)).to_have_count(5)
    more.click()
    expect(names(page)).to_have_count(4)


def test_the_address_restores_model_number_and_picture(page: Page, samples: Path) -> None:
    drop(page, samples / "a-5.jpg")
    page.locator("#search-result .tl-open").nth(2).click()
    page.get_by_role("dialog").get_by_role("button", name="Search with this one").click()
    expect(page).to_have_url(re.compile(r"model=colour&k=\d+&picture=\d+"), timeout=WAIT_MS)
    first = names(page).first.inner_text()
    page.goto(re.sub(r"model=colour&k=\d+", "model=shape&k=4", page.url))
    expect(names(page).first).to_have_text(first, timeout=WAIT_MS)
    expect(page.locator("#search-result")).to_contain_text("4 of 9 pictures")
    model = page.locator("#search-model input")  # not shown on telephones
    expect(model).to_have_value(re.compile("Shape"))
    expect(page).to_have_url(re.compile(r"model=shape&k=4&picture=\d+"))
