"""Code blocks on the page, checked for accessibility."""

from playwright.sync_api import Browser, expect

from searcher import __version__
from tests.browsing import WAIT_MS, does_not_scroll_sideways, visiting
from tests.servers import App
from tests.test_accessibility import violations

# What Gradio does when it draws the code, which on a busy machine comes late.
DRAW_ANEW = """code => {
    code.innerHTML = code.innerHTML.replace(location.origin + "/", "http://localhost:7860");
}"""


def test_the_page_shows_how_to_use_it_from_code(browser: Browser, app: App) -> None:
    size = {"width": 1280, "height": 900}
    with visiting(browser, app.url, viewport=size, color_scheme="light") as visit:
        page = visit.page
        footer = page.locator(".tl-footer")
        expect(footer).to_contain_text(f"Twinlens {__version__}", timeout=WAIT_MS)
        expect(page.get_by_text("Built with Gradio")).to_be_hidden()
        fold = footer.get_by_role("button", name="Use it from code")
        program = page.locator("#code-example code")
        expect(program).to_be_hidden()
        fold.click()
        expect(program).to_contain_text(f'Client("{app.url}/")')
        program.evaluate(DRAW_ANEW)
        expect(program).to_contain_text(f'Client("{app.url}/")')
        expect(program).not_to_contain_text("localhost")
        assert violations(page) == []
        page.set_viewport_size({"width": 390, "height": 900})
        page.emulate_media(color_scheme="dark")
        expect(page.locator("body.dark")).to_have_count(1)
        assert violations(page) == []
        expect(footer.get_by_role("link", name="API")).to_be_visible()
        assert does_not_scroll_sideways(page)
