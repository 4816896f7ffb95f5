"""The page by keyboard, without motion, and under the rules of axe-core."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, open_tab, violations, visiting
from tests.servers import App


def ready(page: Page) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("all 24"), timeout=WAIT_MS)


def search(page: Page, home: Path, tab: str) -> None:
    box = page.locator(f"#{tab}-image input[type=file]")
    box.set_input_files(home / "samples" / "a" / "a-1.jpg")
    expect(page.locator(f"#{tab}-result .tl-card").first).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 390)])
def test_no_serious_violation_on_any_tab(
    browser: Browser, app: App, home: Path, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    with visiting(browser, app.url, viewport=size, color_scheme=scheme) as visit:
        page = visit.page
        ready(page)
        assert violations(page) == []

        search(page, home, "search")
        page.locator("#search-result .tl-open").nth(2).click()
        expect(page.get_by_role("dialog")).to_contain_text("pixels", timeout=WAIT_MS)
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#search-result .tl-open").nth(2)).to_be_focused()
        if width < 900:
            page.locator("#search-query").get_by_role("button", name="Change").click()
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


def test_everything_is_reached_by_keyboard_and_shows_the_focus(
    browser: Browser, app: App, home: Path
) -> None:
    with visiting(browser, app.url, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.page
        ready(page)
        search(page, home, "search")
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            focus = page.evaluate(
                """() => {
                    const {activeElement: one} = document;
                    const shown = [one, one.parentElement, one.closest(".wrap")].some((part) => {
                        if (!part) return false;
                        const style = getComputedStyle(part);
                        return style.outlineStyle !== "none" || style.boxShadow !== "none";
                    });
                    const name = one.getAttribute("aria-label") ?? one.textContent.trim();
                    return {name, shown, body: one === document.body, html: one.outerHTML};
                }"""
            )
            if focus["body"]:
                break
            assert focus["shown"], focus["html"][:300]
            reached.add(focus["name"])
        assert {
            "Search",
            "Region of the query picture: all of it",
            "Model",
            "Upload file",
        } <= reached
        assert {name for name in reached if name.endswith(": details")}


def test_who_wants_no_motion_gets_none(browser: Browser, app: App) -> None:
    with visiting(browser, app.url, reduced_motion="reduce") as visit:
        ready(visit.page)
        longest = """Math.max(0, ...document.getAnimations().map(
            animation => animation.effect.getComputedTiming().endTime))"""
        assert visit.page.evaluate(longest) <= 1  # milliseconds
