"""Removing pictures in a real browser: the ticked, confirmed and removed pictures are the same."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import (
    WAIT_MS,
    Visit,
    open_tab,
    violations,
    visiting,
)
from tests.library_page import card, names, open_library, question, remove, ticked, toolbar
from tests.pictures import folder
from tests.servers import App, running

APART = "all => all[0].getBoundingClientRect().bottom <= all[1].getBoundingClientRect().y"


@pytest.fixture(scope="module")
def separate_app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app with 70 pictures, 40 of them with the label boat."""
    home = tmp_path_factory.mktemp("removal")
    shutil.copytree(baselines, home / "models")
    folder(home / "samples", {"boat": 40, "tree": 30})
    with running(home) as app:
        yield app


@pytest.fixture(scope="module")
def visit(browser: Browser, separate_app: App) -> Iterator[Visit]:
    with visiting(browser, separate_app.url, viewport={"width": 1280, "height": 900}) as visit:
        open_library(visit.page)
        yield visit


@pytest.fixture
def page(visit: Visit) -> Iterator[Page]:
    """The first pictures of the Library, all of them and none ticked or open.

    What the test before left is put back by clicks.
    """
    page = visit.page
    previous = page.get_by_role("button", name="Previous page").first
    untick = toolbar(page).get_by_role("button", name="Untick all")
    for button in (previous, untick):
        if button.is_visible() and button.is_enabled():
            button.click()
    expect(page.locator(".tl-tick:checked, dialog[open]")).to_have_count(0)
    expect(page.locator("#library-shown .tl-card:visible")).to_have_count(48, timeout=WAIT_MS)
    yield page
    assert not visit.errors, visit.errors


def test_a_filter_ticks_nobody_else(page: Page) -> None:
    cards = page.locator("#library-shown .tl-card")
    cards.first.locator(".tl-tick").check()
    expect(toolbar(page)).to_contain_text("1 picture ticked")
    page.get_by_label("Filter").fill("boat-1")
    expect(cards).to_have_count(11, timeout=WAIT_MS)
    assert ticked(page) == []
    expect(toolbar(page)).to_be_hidden()
    page.get_by_label("Filter").fill("")
    expect(cards).to_have_count(48, timeout=WAIT_MS)
    assert ticked(page) == []


def test_another_page_ticks_nobody_else(page: Page) -> None:
    cards = page.locator("#library-shown .tl-card")
    cards.nth(1).locator(".tl-tick").check()
    page.get_by_role("button", name="Next page").first.click()
    expect(cards.nth(40)).to_have_count(0, timeout=WAIT_MS)
    assert ticked(page) == []
    expect(toolbar(page)).to_be_hidden()


def test_the_list_is_narrowed_down_turned_and_ordered(page: Page, separate_app: App) -> None:
    cards, gallery = page.locator("#library-shown .tl-card"), page.locator("#library-shown")
    before = names(page)
    boat = gallery.get_by_role("button", name=re.compile(r"boat\s+40"))
    boat.click()
    expect(cards).to_have_count(40, timeout=WAIT_MS)
    expect(page.get_by_label("Filter")).to_have_value("label:boat")
    expect(page).to_have_url(re.compile("filter=label%3Aboat"))
    expect(boat).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    boat.click()
    expect(cards).to_have_count(48, timeout=WAIT_MS)
    expect(gallery.get_by_role("navigation")).to_have_count(2)
    last = gallery.get_by_role("navigation", name="Pages, below")
    last.get_by_role("button", name="Page 2").click()
    expect(cards).to_have_count(22, timeout=WAIT_MS)
    expect(last.get_by_role("button", name="Page 2")).to_have_attribute("aria-current", "page")
    oldest = names(page)[::-1]
    gallery.get_by_label("Order").select_option("oldest")
    expect(cards).to_have_count(48, timeout=WAIT_MS)
    assert names(page)[:22] == oldest
    expect(page).to_have_url(re.compile("order=oldest"))
    width = cards.first.bounding_box()
    gallery.get_by_label("Size").fill("336")
    page.reload()
    expect(cards.first).to_contain_text(oldest[0], timeout=WAIT_MS)
    assert names(page)[:22] == oldest
    wider = cards.first.bounding_box()
    assert width and wider and wider["width"] > 1.3 * width["width"]
    page.go_back()
    page.go_back()
    expect(cards).to_have_count(48, timeout=WAIT_MS)
    expect(cards.first).to_contain_text(before[0], timeout=WAIT_MS)


def test_one_removal_after_the_other_removes_just_what_was_ticked(page: Page) -> None:
    before = names(page)
    first, _, second = before[3:6]
    card(page, first).locator(".tl-tick").check()
    remove(page, first)
    assert ticked(page) == []
    expect(toolbar(page)).to_be_hidden()
    card(page, second).locator(".tl-tick").check()
    assert ticked(page) == [second]
    remove(page, second)
    remaining = [name for name in before if name not in (first, second)]
    assert names(page)[: len(remaining)] == remaining


def test_ticks_stay_with_their_pictures_when_the_list_changes(
    page: Page, separate_app: App
) -> None:
    remaining, removed = names(page)[6], names(page)[2]
    card(page, remaining).locator(".tl-tick").check()
    other = page.context.new_page()
    other.goto(separate_app.url)
    open_library(other)
    card(other, removed).locator(".tl-tick").check()
    remove(other, removed)
    other.close()
    open_tab(page, "Models")
    open_tab(page, "Library")
    expect(card(page, removed)).to_have_count(0, timeout=WAIT_MS)
    assert ticked(page) == [remaining]
    expect(toolbar(page)).to_contain_text("1 picture ticked")
    page.get_by_role("button", name="Untick all").click()
    assert ticked(page) == []


def test_the_question_shows_the_pictures_and_how_many(page: Page) -> None:
    picked = names(page)[4:7]
    for name in picked:
        card(page, name).locator(".tl-tick").check()
    sources = [card(page, name).locator("img").get_attribute("src") for name in picked]
    button = toolbar(page).get_by_role("button", name="Remove")
    button.click()
    expect(question(page)).to_have_accessible_name("Remove these 3 pictures?")
    expect(question(page).get_by_role("listitem")).to_have_text(picked)
    images = question(page).locator("img")
    thumbnails = images.evaluate_all("all => all.map(img => new URL(img.src).pathname.slice(1))")
    assert thumbnails == sources
    images.evaluate_all(
        "all => Promise.all(all.map(img => img.decode()))"
    )  # fails for a broken one
    expect(question(page).get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question(page)).to_have_count(0)
    expect(button).to_be_focused()
    assert ticked(page) == picked
    button.click()
    page.keyboard.press("Enter")  # the focused answer is Cancel
    expect(question(page)).to_have_count(0)
    assert names(page)[4:7] == picked


def test_an_opened_picture_is_asked_for_in_the_same_way(page: Page) -> None:
    details = page.get_by_role("dialog")
    name = names(page)[4]  # of the first column: the panel is wide
    other = names(page)[8]
    card(page, other).locator(".tl-tick").check()
    card(page, name).locator(".tl-open").click()
    expect(details).to_contain_text(name, timeout=WAIT_MS)
    expect(details.locator(".tl-actions")).to_be_visible()
    expect(details.locator(".tl-panel-hit img")).to_have_js_property("complete", True)
    assert details.locator(".tl-panel-hit img, .tl-actions").evaluate_all(APART)
    details.get_by_role("button", name="Remove").click()
    expect(question(page)).to_have_accessible_name("Remove this picture?")
    expect(question(page).get_by_role("listitem")).to_have_text([name])
    question(page).get_by_role("button", name="Remove").click()
    expect(card(page, name)).to_have_count(0, timeout=WAIT_MS)
    expect(details).to_have_count(0)
    assert ticked(page) == [other]


def test_undo_brings_back_what_was_removed_also_after_a_reload(page: Page) -> None:
    before = names(page)
    picked = [before[7], before[9]]
    for name in picked:
        card(page, name).locator(".tl-tick").check()
    remove(page, *picked)
    line = page.locator("#library-undo")
    expect(line).to_contain_text("2 pictures removed.", timeout=WAIT_MS)
    page.reload()  # which opens the same tab
    expect(page.locator("#library-shown .tl-card").nth(9)).to_be_visible(timeout=WAIT_MS)
    expect(line).to_contain_text("2 pictures removed.", timeout=WAIT_MS)
    line.get_by_role("button", name="Undo").click()
    for name in picked:
        expect(card(page, name)).to_have_count(1, timeout=WAIT_MS)
    assert sorted(names(page)) == sorted(before)
    assert ticked(page) == []


def test_ticked_pictures_get_a_label_and_their_former_one_back(page: Page) -> None:
    picked = names(page)[2:4]
    notes = [card(page, name).locator(".tl-note") for name in picked]
    former = [note.inner_text() for note in notes]
    for name in picked:
        card(page, name).locator(".tl-tick").check()
    field = toolbar(page).get_by_role("combobox", name="New label of the ticked pictures")
    toolbar(page).get_by_role("button", name="Set label").click()
    expect(field).to_be_focused()  # nothing was typed
    field.fill("by hand")
    field.press("Enter")
    for note in notes:
        expect(note).to_have_text("by hand", timeout=WAIT_MS)
    assert ticked(page) == []
    line = page.locator("#library-undo")
    expect(line).to_contain_text("2 pictures got another label.", timeout=WAIT_MS)
    line.get_by_role("button", name="Undo").click()
    for note, text in zip(notes, former, strict=True):
        expect(note).to_have_text(text, timeout=WAIT_MS)


def test_a_picture_is_removed_and_brought_back_with_the_keyboard(page: Page) -> None:
    name = names(page)[0]
    card(page, name).locator(".tl-tick").focus()
    page.keyboard.press("Space")
    toolbar(page).get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(question(page)).to_be_visible()
    for _ in range(4):  # the focus stays in the dialog
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    question(page).get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(card(page, name)).to_have_count(0, timeout=WAIT_MS)
    expect(page.locator("#library-undo").get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, name)).to_have_count(1, timeout=WAIT_MS)
