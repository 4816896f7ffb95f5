"""The switches of language and theme in the page's header."""

import re
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, does_not_scroll_sideways, open_tab, visiting
from tests.servers import App

DARK = re.compile(r"\bdark\b")


def cookies(page: Page) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}


def speaks(page: Page, lang: str, model: str, tab: str, title: str) -> None:
    """All parts of the page agree: server's words, labels, Gradio's own words, `lang`."""
    expect(page.locator("html")).to_have_attribute("lang", lang, timeout=WAIT_MS)
    choice = page.locator("#search-model").get_by_role("combobox")
    expect(choice).to_have_value(re.compile(model), timeout=WAIT_MS)
    expect(page.get_by_role("tab", name=tab)).to_be_visible()
    expect(page.locator(".tl-footer")).to_contain_text(title)


ENGLISH = ("en", "all 24", "Search", "Use it from code")
SPANISH = ("es", "las 24", "Buscar", "Úsalo desde un programa")


def test_the_language_switch_changes_all_and_is_kept(browser: Browser, app: App) -> None:
    with visiting(browser, app.url, locale="en-US") as visit:
        page = visit.page
        speaks(page, *ENGLISH)
        expect(page.get_by_label("Theme")).to_have_value("")
        expect(page.locator("body")).not_to_have_class(DARK)  # as the browser wishes
        page.get_by_label("Language").select_option("Español")
        speaks(page, *SPANISH)
        expect(page.get_by_label("Idioma")).to_have_value("es")
        page.reload()
        speaks(page, *SPANISH)
        (cookie,) = page.context.cookies()
        assert cookie["sameSite"] == "Lax"
        assert cookie["path"] == "/"
        page.get_by_label("Idioma").select_option("Automático")
        speaks(page, *ENGLISH)
        assert cookies(page) == {}


def test_a_language_that_there_is_not_is_english_everywhere(browser: Browser, app: App) -> None:
    with visiting(browser, app.url, locale="de-DE") as visit:
        speaks(visit.page, *ENGLISH)


def test_the_theme_switch_changes_at_once_and_is_kept(browser: Browser, app: App) -> None:
    options: dict[str, Any] = {"locale": "en-US", "color_scheme": "light"}
    with visiting(browser, app.url, query="?__theme=dark", **options) as visit:
        page = visit.page
        theme, body = page.get_by_label("Theme"), page.locator("body")
        # The switch goes before a theme in the address.
        expect(theme).to_have_value("dark", timeout=WAIT_MS)
        expect(body).to_have_class(DARK)
        theme.select_option("Light")
        expect(body).not_to_have_class(DARK)
        expect(page).not_to_have_url(re.compile("__theme"))
        page.reload()
        expect(theme).to_have_value("light", timeout=WAIT_MS)
        expect(body).not_to_have_class(DARK)
        theme.select_option("Dark")
        expect(body).to_have_class(DARK)
        page.reload()
        expect(theme).to_have_value("dark", timeout=WAIT_MS)
        expect(body).to_have_class(DARK)
        theme.select_option("Light")
        expect(body).not_to_have_class(DARK)
        page.emulate_media(color_scheme="dark")
        expect(body).not_to_have_class(DARK)
        theme.select_option("System")
        expect(body).to_have_class(DARK)
        page.emulate_media(color_scheme="light")
        expect(body).not_to_have_class(DARK)
        assert cookies(page) == {}


def test_the_switches_fit_take_the_keyboard_and_go_before_the_browser(
    browser: Browser, app: App
) -> None:
    with visiting(browser, app.url, locale="es-MX", color_scheme="light") as visit:
        page = visit.page
        speaks(page, *SPANISH)
        language, theme = page.get_by_label("Idioma"), page.get_by_label("Tema")
        expect(theme).to_be_visible(timeout=WAIT_MS)
        for width in (390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function("new Promise(requestAnimationFrame)")
            title = page.get_by_role("heading", name="Twinlens").bounding_box()
            assert title
            for switch in (language, theme):
                box = switch.bounding_box()
                assert box and box["height"] >= 32 and box["x"] + box["width"] <= width
                assert abs(box["y"] + box["height"] / 2 - title["y"] - title["height"] / 2) < 8
        assert does_not_scroll_sideways(page)
        language.focus()
        page.keyboard.press("Tab")
        expect(theme).to_be_focused()
        page.keyboard.press("End")
        expect(page.locator("body")).to_have_class(DARK)
        open_tab(page, "Modelos")
        assert does_not_scroll_sideways(page)
        expect(page).to_have_url(re.compile("tab=models"))
        open_tab(page, "Buscar")
        expect(page).not_to_have_url(re.compile("tab=models"))  # with which it is loaded anew
        language.select_option("English")
        speaks(page, *ENGLISH)


def test_the_first_answer_is_in_language_and_theme_already(app: App) -> None:
    headers = {"cookie": "twinlens-language=es; twinlens-theme=dark", "accept-language": "en"}
    page = httpx.get(app.url, headers=headers).text
    assert 'lang="es"' in page
    assert '<gradio-app theme_mode="dark"' in page
    assert "var(--bg-dark); color: var(--col-dark)" in page
    plain = httpx.get(app.url, headers={"accept-language": "en"}).text
    assert 'lang="en"' in plain
    assert "theme_mode" not in plain


def test_what_cookies_say_is_no_part_of_the_page(app: App) -> None:
    evil = '"><script>alert(1)</script>'
    headers = {"cookie": f"twinlens-language={evil}; twinlens-theme={evil}"}
    page = httpx.get(app.url, headers=headers).text
    assert "alert(1)" not in page
    assert 'lang="en"' in page
