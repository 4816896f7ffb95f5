"""The page in Spanish, in a browser that asks for it."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, Visit, does_not_scroll_sideways, open_tab, visiting
from tests.servers import App

# Words that only the English page has.
ENGLISH = re.compile(
    r"\b(the|pictures?|search|closer|than|models|library|with|and|ready|added|label|rank)\b", re.I
)


def no_english(page: Page) -> None:
    """What is seen has no English words, but for names, file names and code."""
    shown = page.locator("main .tabs").first.inner_text()
    shown = re.sub(r"Average hash.*|.*\(baseline\).*|\S+\.\w+|precision@\d+.*", "", shown)
    assert ENGLISH.findall(shown) == [], shown


def test_every_tab_in_spanish(browser: Browser, app: App, home: Path) -> None:
    with visiting(
        browser, app.url, locale="es-ES", viewport={"width": 390, "height": 900}
    ) as visit:
        page = visit.page
        walk(visit, home)
        expect(page.locator("html")).to_have_attribute("lang", "es")


def walk(visit: Visit, home: Path) -> None:
    page = visit.page
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("las 24"), timeout=WAIT_MS)
    expect(page.get_by_text("Suelta una imagen o pégala.")).to_be_visible()
    expect(page.get_by_text("¿Qué modelo de embeddings ve mejor tus imágenes?")).to_be_visible()
    no_english(page)
    query = home / "samples" / "a" / "a-1.jpg"
    page.locator("#search-image input[type=file]").set_input_files(query)
    result = page.locator("#search-result")
    expect(result).to_contain_text("12 de 24 imágenes", timeout=WAIT_MS)
    expect(result).to_contain_text("más cerca que el")
    page.locator("#search-result .tl-open").nth(1).click()
    expect(page.get_by_role("button", name="Buscar con esta")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Marcar una región").click()
    no_english(page)
    assert does_not_scroll_sideways(page)

    open_tab(page, "Comparar")
    page.locator("#compare-image input[type=file]").set_input_files(query)
    expect(page.locator("#compare-result")).to_contain_text("Coinciden en", timeout=WAIT_MS)
    page.locator("#compare-side-a .tl-card").nth(2).click()
    page.get_by_role("button", name="¿Por qué?").click()
    expect(page.locator("#compare-why .tl-heat")).to_have_count(4, timeout=WAIT_MS)
    page.get_by_role("button", name="¿Es robusto?").click()
    expect(page.locator("#compare-robustness")).to_contain_text("en espejo", timeout=WAIT_MS)
    no_english(page)
    assert does_not_scroll_sideways(page)

    open_tab(page, "Arena")
    page.get_by_role("button", name="Empezar").click()
    page.get_by_role("button", name="Mejor la izquierda").click(timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Siguiente")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#arena-board")).to_contain_text("Clasificación")
    no_english(page)

    open_tab(page, "Evaluar")
    page.get_by_role("button", name="Medir").click()
    expect(page.locator("#evaluate-result")).to_contain_text("es el mejor", timeout=WAIT_MS)
    no_english(page)

    open_tab(page, "Mapa")
    expect(page.locator("#map-result canvas")).to_have_count(2, timeout=WAIT_MS)
    expect(page.locator("#map-result")).to_contain_text("de la varianza")
    no_english(page)

    open_tab(page, "Biblioteca")
    expect(page.locator("#library-summary")).to_contain_text("24 imágenes")
    page.get_by_role("button", name="Añadir imágenes").click()
    broken = {"name": "carta.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.locator("#library-files input[type=file]").set_input_files(broken)  # type: ignore[arg-type]
    expect(page.locator("#library-files tbody tr")).to_have_count(1, timeout=WAIT_MS)
    page.locator("#library-add-button").click()
    added = page.locator("#library-added")
    expect(added).to_contain_text("0 añadidas, 0 conocidas, 1 omitidas", timeout=WAIT_MS)
    expect(added).to_contain_text("carta.jpg no es una imagen de un formato conocido")
    no_english(page)

    open_tab(page, "Modelos")
    expect(page.locator("#models-list")).to_contain_text("listo")
    expect(page.locator("#models-list")).to_contain_text("cobertura")
    no_english(page)
