"""What goes wrong and what changes, in Spanish: empty library, errors, undo, models."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import (
    TOASTS_STAY,
    WAIT_MS,
    WIDTHS,
    does_not_scroll_sideways,
    held_calls,
    open_tab,
    shown_text,
    visiting,
)
from tests.library_page import question
from tests.pictures import folder
from tests.servers import START_S, App, running
from tests.spanish import dialog_text, no_english, toast

EMPTY = "La biblioteca está vacía."


@pytest.fixture
def empty_app(tmp_path: Path, baselines: Path) -> Iterator[App]:
    """An app without pictures, with a model that can be removed and one that is none."""
    shutil.copytree(baselines, tmp_path / "models")
    network = onnx.load(baselines / "colour.onnx")
    for entry in network.metadata_props:
        if entry.key == "title":
            entry.value = "Otro"
    onnx.save(network, tmp_path / "models" / "otro.onnx")
    (tmp_path / "models" / "roto.onnx").write_bytes(b"no network")
    with running(tmp_path) as app:
        yield app


def test_errors_and_changes_in_spanish(browser: Browser, empty_app: App, tmp_path: Path) -> None:
    size = {"width": 390, "height": 900}
    with visiting(
        browser, empty_app.url, locale="es-ES", viewport=size, script=TOASTS_STAY
    ) as visit:
        page = visit.page
        page.set_default_timeout(WAIT_MS)
        nothing_yet(page)
        fill(page, folder(tmp_path / "pictures", {"a": 3, "b": 3}))
        remove_and_undo(page)
        outdated_address(page, empty_app.url)
        broken_and_removed_model(page)


def expect_text(page: Page, selector: str, words: str) -> None:
    expect(page.locator(selector)).to_contain_text(words, timeout=WAIT_MS)


def nothing_yet(page: Page) -> None:
    # The page says so when the library has been opened, in whatever state it found it.
    expect(page.locator("#search-result")).to_contain_text(
        EMPTY, timeout=START_S * 1000, use_inner_text=True
    )
    no_english(page)
    open_tab(page, "Arena")
    page.get_by_role("button", name="Empezar").click()
    toast(page, "La arena necesita dos modelos y más de")
    open_tab(page, "Evaluar")
    page.get_by_role("button", name="Medir").click()
    toast(page, "Aún no se puede medir nada")
    open_tab(page, "Mapa")
    expect(page.locator("#map-result").get_by_text(EMPTY)).to_be_visible()
    open_tab(page, "Biblioteca")
    expect_text(page, "#library-shown", "Aún no hay imágenes.")
    no_english(page)


def fill(page: Page, files: list[Path]) -> None:
    page.get_by_role("button", name="Añadir imágenes").click()
    page.get_by_label("Etiqueta").fill("barcos")  # without one they are called uploads
    with held_calls(page, re.compile("/gradio_api/upload\\?")):
        page.locator("#library-files input[type=file]").set_input_files(files)
        expect(shown_text(page, "Subiendo 6 archivos …")).to_be_visible()
        no_english(page)
    expect_text(page, "#library-added", "6 añadidas, 0 conocidas, 0 omitidas")
    expect(page.locator("#library-shown .tl-card")).to_have_count(6, timeout=WAIT_MS)
    open_tab(page, "Buscar")
    expect(shown_text(page, "Suelta una imagen, pégala o escribe palabras.")).to_be_visible()
    expect(page.locator("#search-result").get_by_text(EMPTY)).to_be_hidden()
    open_tab(page, "Biblioteca")


def remove_and_undo(page: Page) -> None:
    gallery = page.locator("#library-shown")
    for tick in gallery.locator(".tl-tick").all():
        tick.check()
    gallery.get_by_role("button", name="Quitar").click()
    the_question_fits(page)
    for tick in gallery.locator(".tl-tick").all()[1:]:
        tick.uncheck()
    gallery.get_by_role("button", name="Quitar").click()
    question(page).get_by_role("button", name="Quitar").click()
    line = page.locator("#library-undo")
    expect_text(page, "#library-undo", "1 imagen quitada.")
    no_english(page)
    line.get_by_role("button", name="Deshacer").click()
    toast(page, "1 imagen ha vuelto.")
    expect(gallery.locator(".tl-card")).to_have_count(6, timeout=WAIT_MS)


def the_question_fits(page: Page) -> None:
    expect(question(page)).to_have_accessible_name("¿Quitar estas 6 imágenes?")
    size = page.viewport_size
    assert size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for name in ("Conservar", "Quitar"):
            expect(question(page).get_by_role("button", name=name)).to_be_in_viewport()
        assert does_not_scroll_sideways(page)
    page.set_viewport_size(size)
    page.keyboard.press("Escape")
    expect(question(page)).to_have_count(0)


def outdated_address(page: Page, address: str) -> None:
    page.goto(f"{address}/?picture=7")
    expect(page.get_by_test_id("toast-body").filter(has_text="Aviso")).to_be_visible(
        timeout=WAIT_MS
    )
    toast(page, "Esta imagen ya no está en la biblioteca.")


def broken_and_removed_model(page: Page) -> None:
    open_tab(page, "Modelos")
    expect_text(page, "#model-roto", "no se puede cargar como modelo ONNX")
    no_english(page)
    asked = dialog_text(page, "Quitar Otro", accept=True)
    assert asked == "¿Borrar Otro y sus vectores?"
    expect(page.locator("#model-otro")).to_have_count(0, timeout=WAIT_MS)
    no_english(page)
