"""The page's address in a real browser: Back and Forward, reload, links, wrong addresses."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import open_tab, shown_text, visiting
from tests.pictures import folder, save
from tests.servers import App, running

# Chromium drops a step that begins before the last one has happened.
FORWARD = """async (steps) => { for (; steps; steps--) await new Promise((done) => {
  addEventListener("popstate", done, { once: true }); history.forward(); }); }"""
FLASHES = """new MutationObserver(() => {
  const card = document.querySelector("#compare-result .tl-card");
  if (card?.checkVisibility({ visibilityProperty: true })) window.flashed = true;
}).observe(document, { subtree: true, childList: true, attributes: true });"""
SIZE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
UPLOAD = re.compile(r"[?&]upload=[0-9a-f]{64}(&|$)")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app that opens on the comparison of an example."""
    home = tmp_path_factory.mktemp("address")
    (home / "models").symlink_to(baselines)
    folder(home / "samples", {"a": 12, "b": 12})
    save(home / "samples" / "queries" / "a_07.jpg", 70)
    with running(home) as app:
        yield app


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    """The page as it opens, with the finished example, and without the tour."""
    with visiting(browser, app.url, **SIZE) as visit:
        expect(cards(visit.page, "compare").first).to_be_visible()
        visit.page.wait_for_function("'opened' in document.body.dataset")
        yield visit.page


def cards(page: Page, tab: str) -> Locator:
    return page.locator(f"#{tab}-result .tl-card:visible")


def chips(page: Page, tab: str = "search") -> Locator:
    return page.locator(f"#{tab}-query .tl-part")


def dialog(page: Page) -> Locator:
    return page.locator("dialog.tl-panel[open]")


def is_open(page: Page, name: str) -> None:
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def drop(page: Page, tab: str, path: Path) -> None:
    page.locator(f"#{tab}-image input[type=file]").set_input_files(path)
    expect(chips(page, tab)).to_contain_text(path.name)


def sample(app: App, name: str) -> Path:
    return app.log.parent / "samples" / name[0] / f"{name}.jpg"


def choose_number(page: Page, tab: str, number: int) -> None:
    field = page.locator(f"#{tab}-k").get_by_role("spinbutton")
    field.fill(str(number))
    field.press("Enter")
    expect(page).to_have_url(re.compile(rf"[?&]k={number}&"))


def entries(page: Page) -> int:
    return int(page.evaluate("history.length"))


def test_back_and_forward_walk_through_tabs_queries_and_hits(page: Page, app: App) -> None:
    start = entries(page)
    cards(page, "compare").nth(1).locator(".tl-open").click()
    expect(page).to_have_url(re.compile(r"\?tab=compare&hit=\d+$"))
    open_tab(page, "Search")
    expect(page).to_have_url(f"{app.url}/?tab=search")
    drop(page, "search", sample(app, "a-1"))
    expect(page).to_have_url(UPLOAD)
    choose_number(page, "search", 5)
    expect(cards(page, "search")).to_have_count(6)  # with the query itself
    hit = cards(page, "search").nth(2)
    name, number = hit.locator(".tl-name").inner_text(), hit.get_attribute("data-id")
    hit.locator(".tl-open").click()
    expect(page).to_have_url(re.compile(f"&hit={number}$"))
    with_hit = page.url
    dialog(page).get_by_role("button", name="Search with this one").click()
    expect(page).to_have_url(re.compile(f"&picture={number}$"))
    expect(cards(page, "search").first.locator(".tl-name")).to_have_text(name)
    assert entries(page) == start + 6

    page.go_back()
    expect(dialog(page).get_by_role("heading").first).to_have_text(name)
    expect(chips(page)).to_contain_text("a-1.jpg")
    expect(page).to_have_url(with_hit)
    page.go_back()
    expect(dialog(page)).to_have_count(0)
    page.go_back()
    expect(cards(page, "search")).to_have_count(13)
    page.go_back()
    expect(chips(page)).to_have_count(0)
    page.go_back()
    is_open(page, "Compare")
    expect(dialog(page)).to_be_visible()
    page.go_back()
    expect(dialog(page)).to_have_count(0)
    expect(page).to_have_url(f"{app.url}/")

    # Faster than the answers: what counts is where it ends.
    page.evaluate(FORWARD, 6)
    expect(chips(page)).to_contain_text(name)
    expect(page).to_have_url(re.compile(f"k=5&picture={number}$"))
    page.evaluate("for (let step = 0; step < 3; step++) history.back()")
    expect(cards(page, "search")).to_have_count(13)
    expect(page).to_have_url(re.compile(r"&k=12&upload="))
    assert entries(page) == start + 6

    # An example has its name in the address.
    open_tab(page, "Compare")
    page.locator("#tab-compare").get_by_role("button", name="a 07").click()
    expect(page).to_have_url(re.compile(r"[?&]example=a_07$"))
    page.reload()
    expect(chips(page, "compare")).to_contain_text("a_07")


def test_an_upload_is_brought_back_without_its_metadata_until_it_is_deleted(
    page: Page, app: App, browser: Browser, tmp_path: Path
) -> None:
    path = save(tmp_path / "mine.jpg", 500)
    page.locator("#compare-image input[type=file]").set_input_files(path)
    expect(page).to_have_url(UPLOAD)
    choose_number(page, "compare", 4)
    found = [card.get_attribute("data-id") for card in cards(page, "compare").all()]
    page.get_by_role("button", name="Copy link").click()
    expect(shown_text(page, "The link is copied.")).to_be_visible()
    link = page.url
    page.reload()
    expect(cards(page, "compare")).to_have_count(len(found))
    for card, picture in zip(cards(page, "compare").all(), found, strict=True):
        expect(card).to_have_attribute("data-id", picture or "")

    with visiting(browser, app.url, query=link.removeprefix(f"{app.url}/")) as visit:
        other = visit.page
        expect(chips(other, "compare")).to_contain_text("mine.jpg")
        expect(cards(other, "compare")).to_have_count(len(found))
        shown = other.locator("#compare-image img").first
        address = shown.get_attribute("src") or ""
        assert other.request.get(address).body() != path.read_bytes()
        expect(other).to_have_url(link)

        kept = (app.log.parent / "data").glob("incoming/*/mine.jpg")
        (original,) = (file for file in kept if file.read_bytes() == path.read_bytes())
        assert original.parent.name not in link
        original.unlink()
        other.reload()
        expect(other.get_by_text("is not kept any more: drop it again.")).to_have_count(1)
        expect(chips(other, "compare")).to_have_count(0)
        assert not UPLOAD.search(other.url)


def test_the_map_and_the_library_and_the_evaluation_are_brought_back(page: Page, app: App) -> None:
    open_tab(page, "Library")
    line = page.locator("#library-filter textarea, #library-filter input").first
    listed = page.locator("#library-shown .tl-card")
    expect(listed).to_have_count(24)
    expect(page).to_have_url(re.compile(r"\?tab=library$"))
    line.fill("a-3")
    expect(listed).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?tab=library&filter=a-3$"))
    listed.locator(".tl-open").click()
    expect(page).to_have_url(re.compile("&hit="))
    page.reload()
    expect(dialog(page).get_by_role("heading").first).to_have_text("a-3.jpg")
    expect(listed).to_have_count(1)
    page.go_back()
    page.go_back()
    expect(listed).to_have_count(24)
    expect(line).to_have_value("")
    page.go_back()
    is_open(page, "Compare")

    open_tab(page, "Map")
    legend = page.locator(".tl-legend").get_by_role("button", name="b")
    legend.click()
    expect(page).to_have_url(re.compile(r"\?tab=map&models=colour%2Cshape&method=tsne&label=b$"))
    linked = page.get_by_label("Zoom both maps")
    linked.uncheck()
    expect(page).to_have_url(re.compile("&linked=0"))
    page.reload()
    expect(linked).not_to_be_checked()
    expect(legend).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(linked).to_be_checked()
    page.go_back()
    expect(legend).to_have_attribute("aria-pressed", "false")

    open_tab(page, "Evaluate")
    page.get_by_role("button", name="Measure").click()
    table = page.locator("#evaluate-result .tl-evaluation")
    expect(table).to_be_visible()
    expect(page).to_have_url(f"{app.url}/?tab=evaluate&measured=1")
    page.reload()
    expect(table).to_be_visible()
    is_open(page, "Evaluate")

    # With its ground truth, what it costs, and two models in an order of one's own.
    page.goto(f"{app.url}/?tab=evaluate&query_share=0.25&cost=shape&price=7")
    expect(page.locator("#cost-result table")).to_be_visible()
    page.get_by_role("button", name="Measure").click()
    expect(table).to_contain_text("Queries: 6, pictures: 18")
    page.get_by_role("button", name="Disagreements").click()
    page.locator(".tl-choices select").last.select_option(label="they find different pictures")
    expect(page).to_have_url(re.compile("look=disagreements&side=overlap"))
    shown = page.url
    query = parse_qs(urlsplit(shown).query)
    figures = [query[key] for key in ("query_share", "cost", "price")]
    assert figures == [["0.25"], ["shape"], ["7"]]
    a, b = query["models"][0].split(",")
    for address in (shown, shown.replace(f"{a}%2C{b}", f"{b}%2C{a}")):
        page.goto(address)
        expect(page.locator("#evaluate-look .tl-case").first).to_be_visible()
        expect(page.locator("#cost-result table")).to_be_visible()
        expect(table).to_contain_text("Queries: 6, pictures: 18")
        expect(page.get_by_label("Share of queries").first).to_be_visible()
        expect(page).to_have_url(address)


@pytest.mark.parametrize("address", ["tab=search&text=boat", "tab=library&filter=a-3"])
def test_the_example_does_not_flash_before_another_state(
    browser: Browser, app: App, address: str
) -> None:
    with visiting(browser, app.url, query=f"?{address}", script=FLASHES, **SIZE) as visit:
        page = visit.page
        expect(chips(page).or_(page.locator("#library-shown .tl-card"))).to_be_visible()
        assert not page.evaluate("window.flashed")
        # It is there all the same.
        open_tab(page, "Compare")
        expect(cards(page, "compare").first).to_be_visible()
        assert page.evaluate("window.flashed")
