"""The page in Spanish, in a browser that asks for it: no English word anywhere."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browsing import WAIT_MS, does_not_scroll_sideways, open_tab, show_inputs, visiting
from tests.servers import App
from tests.spanish import dialog_text, no_english


def test_every_tab_in_spanish(browser: Browser, app: App, home: Path, tmp_path: Path) -> None:
    size = {"width": 390, "height": 900}
    with visiting(browser, app.url, locale="es-ES", viewport=size) as visit:
        page = visit.page
        page.set_default_timeout(WAIT_MS)
        query = home / "samples" / "a" / "a-1.jpg"
        search(page, query)
        compare(page, query, tmp_path / "report.html")
        arena(page)
        evaluate(page)
        maps(page)
        library(page)
        models(page)
        expect(page.locator("html")).to_have_attribute("lang", "es")


def search(page: Page, query: Path) -> None:
    model = page.locator("#search-model").get_by_role("combobox")
    expect(model).to_have_value(re.compile("las 24"), timeout=WAIT_MS)
    expect(page.get_by_text("Suelta una imagen, pégala o escribe palabras.")).to_be_visible(
        timeout=WAIT_MS
    )
    expect(page.get_by_text("¿Qué modelo de embeddings ve mejor tus imágenes?")).to_be_visible()
    no_english(page)
    broken = {"name": "carta.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    box = page.locator("#search-image input[type=file]")
    box.set_input_files(broken)  # type: ignore[arg-type]
    refusal = page.locator("#search-image .tl-refusal")
    expect(refusal).to_contain_text("carta.jpg no es una imagen", timeout=WAIT_MS)
    no_english(page)
    page.reload()
    expect(model).to_have_value(re.compile("las 24"), timeout=WAIT_MS)
    box.set_input_files(query)
    result = page.locator("#search-result")
    expect(result).to_contain_text("12 de 24 imágenes", timeout=WAIT_MS)
    expect(result).to_contain_text(re.compile(r"más cerca que el \d+,\d\s% de los pares al azar"))
    page.locator("#search-result .tl-open").nth(1).click()
    details = page.get_by_role("dialog")
    expect(details.get_by_role("button", name="Buscar con esta")).to_be_visible(timeout=WAIT_MS)
    expect(details).to_contain_text(re.compile(r"añadida\s*\d+ \w+ \d{4}, \d+:\d\d\s"))
    no_english(page)
    page.keyboard.press("Escape")
    show_inputs(page)
    page.locator("#search-image .tl-region-layer").press("ArrowLeft")
    expect(page.get_by_role("button", name="Imagen entera")).to_be_visible()
    no_english(page)
    line = page.get_by_role("textbox", name="Palabras que buscar")
    line.fill("boat")
    line.press("Enter")
    expect(page.locator("#search-query .tl-part")).to_have_count(2)
    result.locator("[data-action=less]").nth(1).click()
    expect(page.locator("#search-query .tl-part")).to_have_count(3)
    show_inputs(page)
    page.get_by_label("Orientación").select_option("portrait")
    expect(result).to_contain_text("Ninguna imagen cumple estos filtros.")
    no_english(page)
    assert does_not_scroll_sideways(page)


def compare(page: Page, query: Path, saved: Path) -> None:
    open_tab(page, "Comparar")
    no_english(page)
    page.locator("#compare-image input[type=file]").set_input_files(query)
    expect(page.locator("#compare-result")).to_contain_text("Coinciden en", timeout=WAIT_MS)
    page.locator("#compare-side-a .tl-card").nth(2).click()
    page.get_by_role("button", name="¿Por qué?").click()
    expect(page.locator(".tl-panel .tl-heat")).to_have_count(4, timeout=WAIT_MS)
    no_english(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="¿Es robusto?").click()
    robustness = page.locator("#compare-robustness")
    expect(robustness).to_contain_text("en espejo", timeout=WAIT_MS)
    expect(robustness).to_contain_text(re.compile(r"recortada al 70\s%"))
    no_english(page)
    assert does_not_scroll_sideways(page)
    page.locator("#comparison-report").click()
    no_english(page)
    with page.expect_download() as download:
        page.locator("dialog.tl-report").get_by_role("button", name="Guardar").click()
    download.value.save_as(saved)
    report(page, saved)


def report(page: Page, path: Path) -> None:
    """What can be saved has no English word either."""
    document = page.context.new_page()
    try:
        document.goto(path.as_uri())
        expect(document.locator("html")).to_have_attribute("lang", "es")
        no_english(document)
    finally:
        document.close()


def arena(page: Page) -> None:
    open_tab(page, "Arena")
    page.get_by_role("button", name="Empezar").click()
    no_english(page)
    page.get_by_role("button", name="Mejor la izquierda").click()
    expect(page.get_by_role("button", name="Siguiente")).to_be_visible(timeout=WAIT_MS)
    board = page.locator("#arena-board")
    expect(board).to_contain_text("Clasificación")
    expect(board.locator("td").filter(has_text=re.compile(r"\d+\s%")).first).to_be_visible()
    no_english(page)
    assert dialog_text(page, "Olvidar todos los votos") == "¿Olvidar todos los votos?"


def evaluate(page: Page) -> None:
    open_tab(page, "Evaluar")
    page.get_by_role("button", name="Medir").click()
    result = page.locator("#evaluate-result")
    expect(result).to_contain_text(re.compile("es el mejor|empatan"), timeout=WAIT_MS)
    expect(result.locator("td").first).to_have_text(
        re.compile(r"^\s*\d,\d{3}\s+\[\d,\d\d – \d,\d\d\]\s*$")
    )
    expect(result.locator(".tl-axis small").filter(has_text="0,").first).to_be_visible()
    page.get_by_text("precision@5 por etiqueta").click()
    no_english(page)


def maps(page: Page) -> None:
    open_tab(page, "Mapa")
    result = page.locator("#map-result")
    expect(result.locator("canvas[data-visible]")).to_have_count(2, timeout=WAIT_MS)
    expect(result).to_contain_text(re.compile(r"\d+\s% de la varianza"))
    result.locator("canvas[tabindex]").first.focus()
    page.keyboard.press("a")
    result.get_by_label("Colorear por").select_option("agreement")
    expect(result).to_contain_text("24 imágenes seleccionadas")
    no_english(page)


def library(page: Page) -> None:
    open_tab(page, "Biblioteca")
    expect(page.locator("#library-summary")).to_contain_text("24 imágenes")
    page.get_by_role("button", name="Añadir imágenes").click()
    no_english(page)
    broken = {"name": "carta.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.locator("#library-files input[type=file]").set_input_files(broken)  # type: ignore[arg-type]
    summary = "0 añadidas, 0 conocidas, 1 omitida, en"
    added = page.locator("#library-added")
    expect(added).to_contain_text(summary, timeout=WAIT_MS)
    expect(added).to_contain_text("carta.jpg no es una imagen de un formato conocido")
    expect(added.get_by_role("columnheader")).to_have_text(["Archivo", "Por qué se omitió"])
    no_english(page)
    gallery = page.locator("#library-shown")
    count = gallery.get_by_role("toolbar").locator("b")
    for number, words in enumerate(("1 imagen marcada", "2 imágenes marcadas")):
        gallery.locator(".tl-tick").nth(number).check()
        expect(count).to_have_text(words)
    gallery.get_by_role("button", name="Quitar").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_have_accessible_name("¿Quitar estas 2 imágenes?")
    no_english(page)
    question.get_by_role("button", name="Conservar").click()
    gallery.locator(".tl-open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("tamaño", timeout=WAIT_MS)
    page.get_by_role("button", name="Quitar de la biblioteca").click()
    expect(question).to_have_accessible_name("¿Quitar esta imagen?")
    question.get_by_role("button", name="Conservar").click()
    no_english(page)
    page.keyboard.press("Escape")
    page.locator("#library-filter textarea, #library-filter input").first.fill("zzz")
    expect(gallery).to_contain_text("Ninguna imagen es así.", timeout=WAIT_MS)
    no_english(page)


def models(page: Page) -> None:
    open_tab(page, "Modelos")
    listed = page.locator("#models-list")
    expect(listed).to_contain_text("listo")
    expect(listed.get_by_role("meter", name="cobertura").first).to_be_visible()
    no_english(page)
    page.get_by_role("button", name="Úsalo desde un programa").click()
    expect(page.get_by_text("Todo lo que la página encuentra")).to_be_visible()
    no_english(page)
