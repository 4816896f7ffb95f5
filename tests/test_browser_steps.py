"""The steps in the page's history, by address.js alone in a page whose server is the test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from searcher.ui.components.address import ON_LOAD

HOME = "http://twinlens.test/"
# The parts of the page that address.js knows, and what Gradio and the server do.
HTML = """<!doctype html>
<div id="tabs">
  <button role="tab" data-tab-id="compare" aria-selected="true">Compare</button>
  <button role="tab" data-tab-id="library" aria-selected="false">Library</button>
</div>
<div id="status"></div>
<div id="element"><div data-keys="tab filter hit" data-first="compare"></div></div>
<script>
document.body.dataset.ready = "";
document.querySelector("#tabs").addEventListener("click", ({ target }) => {
  if (window.isDeaf) return;
  for (const tab of document.querySelectorAll("[role=tab]"))
    tab.setAttribute("aria-selected", tab === target);
});
const announce = (link, isPart = false) =>
  document.dispatchEvent(new CustomEvent("tl-state", { detail: { link, isPart } }));
const asked = [];
const drawn = [];
const answer = (link) => {
  const { state, turn } = asked.at(-1);
  const tab = new URLSearchParams(link).get("tab") ?? "compare";
  Object.assign(document.querySelector("#element > div").dataset, { tab, turn, state: link });
  drawn.forEach((watcher) => watcher());
};
const cards = new Set(); // that can be opened
document.addEventListener("tl-show", ({ detail }) => {
  detail.found = cards.has(detail.id);
  if (detail.found)
    document.dispatchEvent(new CustomEvent("tl-panel", { detail: { id: detail.id } }));
});
</script>
<script>
new Function("element", "trigger", "watch", {source})(
  document.querySelector("#element"),
  (kind, event) => asked.push(event),
  (name, watcher) => drawn.push(watcher),
);
</script>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with address.js, whose time goes on when the test says so."""
    source = json.dumps(ON_LOAD)
    session = browser.new_context()
    try:
        page = session.new_page()
        page.clock.install()

        def serve(route: Route) -> None:
            route.fulfill(body=HTML.replace("{source}", source), content_type="text/html")

        page.route(f"{HOME}**", serve)
        yield page
    finally:
        session.close()


def announce(page: Page, link: str) -> None:
    """A component shows a state, and the time passes in which that becomes one step."""
    page.evaluate("announce", link)
    page.clock.run_for(100)


def answer(page: Page, link: str, seconds: float = 0.1) -> None:
    """The server answers with a state, and time passes."""
    page.evaluate("answer", link)
    for _ in range(round(10 * seconds)):
        page.clock.run_for(100)


def state(page: Page) -> Any:
    return page.evaluate("asked.at(-1)?.state")


def is_open(page: Page, name: str) -> None:
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def test_what_a_visitor_does_is_a_step_and_late_answers_are_none(page: Page) -> None:
    page.goto(HOME)
    first = page.evaluate("history.length")
    page.get_by_role("tab", name="Library").click()
    page.clock.run_for(100)
    expect(page).to_have_url(f"{HOME}?tab=library")
    announce(page, "tab=library")
    page.keyboard.press("a")
    announce(page, "tab=library&filter=a")
    expect(page).to_have_url(f"{HOME}?tab=library&filter=a")
    assert page.evaluate("history.length") == first + 2

    page.reload()
    answer(page, "tab=library&filter=a")
    announce(page, "tab=library&filter=a")
    page.go_back()
    assert state(page) == {"tab": "library"}
    answer(page, "tab=library")
    # Of the list that was drawn when the tab opened, and of the filter, which is empty again.
    announce(page, "tab=library&filter=a")
    announce(page, "tab=library")
    assert page.evaluate("history.length") == first + 2
    expect(page).to_have_url(f"{HOME}?tab=library")
    page.go_back()
    page.clock.run_for(100)
    is_open(page, "Compare")
    expect(page).to_have_url(HOME)


@pytest.mark.parametrize("seconds", [0.5, 20])
def test_a_slow_page_shows_the_state_of_its_address(page: Page, seconds: float) -> None:
    """Tabs that forget clicks, and a picture that is drawn late."""
    page.goto(f"{HOME}?tab=library&hit=7")
    page.evaluate("window.isDeaf = true")
    answer(page, "tab=library&hit=7", seconds)
    page.evaluate("window.isDeaf = false")
    for _ in range(round(10 * seconds)):
        page.clock.run_for(100)
    is_open(page, "Library")
    page.evaluate("cards.add('7')")
    page.clock.run_for(200)
    assert page.evaluate("'opened' in document.body.dataset")
    expect(page).to_have_url(f"{HOME}?tab=library&hit=7")


def test_a_visitor_is_not_held_back_by_what_does_not_appear(page: Page) -> None:
    page.goto(f"{HOME}?tab=library&hit=7")
    answer(page, "tab=library&hit=7")
    page.get_by_role("tab", name="Compare").click()
    page.clock.run_for(1000)
    is_open(page, "Compare")
    expect(page).to_have_url(HOME)
    page.go_back()
    page.clock.run_for(100)
    is_open(page, "Library")
    page.keyboard.press("b")
    announce(page, "tab=library&filter=b")
    expect(page).to_have_url(f"{HOME}?tab=library&filter=b")


def test_an_address_is_asked_for_again_while_it_is_the_latest(page: Page) -> None:
    link, again = "tab=library&filter=a", "document.dispatchEvent(new Event('tl-again'))"
    page.goto(f"{HOME}?{link}")
    answer(page, link)  # of a server whose store does not answer
    for name, times in (("Library", 2), ("Compare", 2)):
        page.get_by_role("tab", name=name).click()
        page.clock.run_for(100)
        page.evaluate(again)
        assert page.evaluate("asked.length") == times
        answer(page, link)
