"""The page by keyboard, without motion, in forced colours, and under the rules of axe-core.

test_browser_touch.py has further states, and those of narrow windows.
"""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, open_tab, violations, visiting
from tests.library_page import question
from tests.screen_reader import hears, listen
from tests.servers import App


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)


def search(page: Page, home: Path, tab: str) -> None:
    box = page.locator(f"#{tab}-image input[type=file]")
    box.set_input_files(home / "samples" / "a" / "a-1.jpg")
    expect(page.locator(f"#{tab}-result .tl-card").first).to_be_visible(timeout=WAIT_MS)


def test_no_violation_on_any_tab(browser: Browser, app: App, home: Path) -> None:
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size, color_scheme="dark") as visit:
        page = visit.page
        ready(page)
        assert violations(page) == []

        search(page, home, "search")
        page.locator("#search-result .tl-open").nth(2).click()
        expect(page.get_by_role("dialog")).to_contain_text("pixels", timeout=WAIT_MS)
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#search-result .tl-open").nth(2)).to_be_focused()
        page.locator("#search-image .tl-region-layer").press("ArrowLeft")
        expect(page.get_by_role("button", name="Whole picture")).to_be_visible()
        assert violations(page) == []

        open_tab(page, "Compare")
        search(page, home, "compare")
        page.locator("#compare-result .tl-card").nth(2).click()
        expect(page.get_by_role("dialog")).to_contain_text("pixels", timeout=WAIT_MS)
        assert violations(page) == []
        page.keyboard.press("Escape")

        open_tab(page, "Arena")
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".tl-arena-side").first).to_be_visible(timeout=WAIT_MS)
        assert violations(page) == []

        open_tab(page, "Evaluate")
        page.get_by_role("button", name="Measure").click()
        expect(page.get_by_role("table").first).to_be_visible(timeout=WAIT_MS)
        assert violations(page) == []

        open_tab(page, "Map")
        expect(page.locator("#map-result canvas[data-visible]")).to_have_count(2, timeout=WAIT_MS)
        page.locator("#map-result canvas[tabindex]").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("a")
        expect(page.locator(".tl-selected button").first).to_be_visible()
        assert violations(page) == []

        open_tab(page, "Library")
        page.locator("#library-shown .tl-open").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("pixels", timeout=WAIT_MS)
        assert violations(page) == []
        page.keyboard.press("Escape")

        open_tab(page, "Models")
        expect(page.locator("#model-colour")).to_be_visible(timeout=WAIT_MS)
        assert violations(page) == []


def focused(page: Page) -> str:
    """Return the name of what has the focus, which must be visible."""
    focus = page.evaluate(
        """() => {
            const {activeElement: one} = document;
            const shown = [one, one.parentElement, one.closest(".wrap")].some((part) => {
                if (!part) return false;
                const style = getComputedStyle(part);
                return style.outlineStyle !== "none" || style.boxShadow !== "none";
            });
            const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent
                ?? (one.textContent.trim() || one.querySelector("img")?.alt || one.outerHTML);
            return {name: name.trim(), shown, body: one === document.body, html: one.outerHTML};
        }"""
    )
    assert focus["shown"] or focus["body"], focus["html"][:300]
    return "" if focus["body"] else str(focus["name"])


def tab_to(page: Page, pattern: str, key: str = "Tab") -> list[str]:
    """Press Tab until something of this name has the focus; return the names on the way."""
    names: list[str] = []
    for _ in range(150):
        page.keyboard.press(key)
        names.append(focused(page))
        if re.search(pattern, names[-1]):
            return names
    raise AssertionError(names)


def go_to_tab(page: Page, name: str) -> None:
    """Open a tab from the start of the page."""
    page.evaluate("document.activeElement.blur(); getSelection().collapse(document.body, 0)")
    tab_to(page, f"^{name}$")
    page.keyboard.press("Enter")


def test_the_whole_walk_by_keyboard_alone(browser: Browser, app: App, home: Path) -> None:
    with visiting(browser, app.url, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.page
        ready(page)
        listen(page)
        search(page, home, "search")  # the browser's own dialog opens files
        hears(page, "12 of 24 pictures")
        names = tab_to(page, "^Model$")
        assert {"Search", "Region of the query picture: all of it", "Upload file"} <= {*names}
        model = page.locator("#search-model").get_by_role("combobox")
        before = model.input_value()
        for key in ("ArrowDown", "Enter"):
            page.keyboard.press(key)
        expect(model).not_to_have_value(before)
        tab_to(page, ": details$")
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog")
        expect(panel).to_contain_text("pixels", timeout=WAIT_MS)
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        assert focused(page).endswith(": details")

        go_to_tab(page, "Library")
        cards = page.locator("#library-shown .tl-card")
        expect(cards).to_have_count(24, timeout=WAIT_MS)
        tab_to(page, "^Tick (?!this)")
        page.keyboard.press("Space")
        hears(page, "1 picture ticked")
        tab_to(page, "^Remove$")
        page.keyboard.press("Enter")
        expect(question(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(question(page)).to_have_count(0)
        assert focused(page) == "Remove"
        page.keyboard.press("Enter")
        tab_to(page, "^Remove$")
        page.keyboard.press("Enter")
        expect(cards).to_have_count(23, timeout=WAIT_MS)
        expect(page.locator("#library-undo").get_by_role("button", name="Undo")).to_be_focused()
        page.keyboard.press("Enter")
        expect(cards).to_have_count(24, timeout=WAIT_MS)
        page.wait_for_function("document.activeElement.matches(':not(body, #library-undo *)')")
        assert focused(page)  # what comes next, since Undo is gone

        go_to_tab(page, "Compare")
        search(page, home, "compare")
        tab_to(page, ", rank 1$")
        page.keyboard.press("Enter")
        expect(panel).to_contain_text("pixels", timeout=WAIT_MS)
        page.keyboard.press("Escape")
        assert focused(page).endswith(", rank 1")

        go_to_tab(page, "Arena")
        tab_to(page, "^Start$")
        page.keyboard.press("Enter")
        expect(page.locator(".tl-arena-side").first).to_be_visible(timeout=WAIT_MS)
        left = page.get_by_role("button", name="Left is better")
        expect(left).to_be_focused(timeout=WAIT_MS)  # Start is gone
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Next")).to_be_focused(timeout=WAIT_MS)
        hears(page, "1 vote by you")
        page.keyboard.press("Control+z")
        hears(page, "0 votes by you")
        expect(left).to_be_focused(timeout=WAIT_MS)

        go_to_tab(page, "Evaluate")
        tab_to(page, "^Measure$")
        page.keyboard.press("Enter")
        hears(page, "are tied in p@10")
        tab_to(page, r"^\d\.\d{3}$")
        page.keyboard.press("Enter")
        larger = page.locator("#evaluate-look .tl-larger").first
        expect(larger).to_be_visible(timeout=WAIT_MS)
        larger.press("Enter")
        expect(page.locator(".tl-zoomed")).to_be_visible()
        page.keyboard.press("Escape")
        expect(larger).to_be_focused()

        go_to_tab(page, "Map")
        expect(page.locator("#map-result canvas[data-visible]")).to_have_count(2, timeout=WAIT_MS)
        tab_to(page, "^Map of ")
        for key in ("ArrowDown", "a"):
            page.keyboard.press(key)
        expect(page.locator(".tl-selected button").first).to_be_visible()
        go_to_tab(page, "Models")
        tab_to(page, "^Details")
        page.keyboard.press("Enter")
        expect(page.locator(".tl-model details[open]")).to_have_count(1)


LONGEST_ANIMATION_MS = """Math.max(0, ...document.getAnimations().map(
    animation => animation.effect.getComputedTiming().endTime))"""
# Of elements whose backgrounds tell something, those that have none but the page's.
INVISIBLE = """selectors => selectors.filter((selector) => {
    const [part, pseudo] = selector.split("::");
    const element = document.querySelector(part);
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.background = "Canvas";
    const canvas = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const {backgroundColor} = getComputedStyle(element, pseudo && `::${pseudo}`);
    return [canvas, "rgba(0, 0, 0, 0)"].includes(backgroundColor);
})"""


def test_forced_colours_lose_nothing_and_who_wants_no_motion_gets_none(
    browser: Browser, app: App, home: Path
) -> None:
    size = {"width": 1280, "height": 900}
    media: dict[str, Any] = {"forced_colors": "active", "reduced_motion": "reduce"}
    with visiting(browser, app.url, viewport=size, **media) as visit:
        page = visit.page
        ready(page)
        assert page.evaluate(LONGEST_ANIMATION_MS) <= 1
        search(page, home, "search")
        bars = ["#search-result .tl-near-bar span", "#tabs button.selected::after"]
        assert page.evaluate(INVISIBLE, [*bars, "#search-query .tl-what"]) == []
        page.locator("#search-result .tl-open").nth(2).click()
        chosen = page.locator("#search-result .tl-card[aria-current]")
        expect(chosen).to_have_css("outline-style", "solid")
        page.keyboard.press("Escape")
        assert violations(page) == []

        open_tab(page, "Evaluate")
        page.get_by_role("button", name="Measure").click()
        expect(page.locator("#evaluate-result table").first).to_be_visible(timeout=WAIT_MS)
        dots = [".tl-quality .tl-track > em", ".tl-quality .tl-track > i"]
        assert page.evaluate(INVISIBLE, dots) == []
        open_tab(page, "Map")
        expect(page.locator("#map-result canvas[data-visible]")).to_have_count(2, timeout=WAIT_MS)
        assert page.evaluate(INVISIBLE, ["#map-result .tl-legend i"]) == []
