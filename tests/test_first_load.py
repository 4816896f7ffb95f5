"""The head of the page: it names files of Gradio's, and makes it load no others."""

import re
from collections.abc import Iterator

import gradio as gr
import pytest
from markupsafe import Markup

from searcher.ui.gradio_internals import first_load as head
from searcher.ui.gradio_internals.frontend import ASSETS, ENTRY, ROOT, STYLE_LINK, frontend

DIGEST = "0" * 64


@pytest.fixture(scope="module")
def page() -> Iterator[gr.Blocks]:
    """Two tabs: text and a button in the first, a slider, and Markdown in a closed accordion."""
    with gr.Blocks(analytics_enabled=False) as page, gr.Tabs():
        with gr.Tab("one"):
            gr.Textbox()
            gr.Button()
            with gr.Accordion(open=False):
                gr.Markdown()
        with gr.Tab("two"):
            gr.Slider()
            gr.Textbox()
            gr.Image(visible=False)
    yield page


def test_gradio_is_built_as_expected() -> None:
    """Fails where a version of Gradio changes what the head of the page relies on."""
    template = (ROOT / "index.html").read_text()
    assert len(ENTRY.findall(template)) == len(STYLE_LINK.findall(template)) == 1
    assert template.count(head.RESIZER) == len(head.BASE.findall(template)) == 1
    files = frontend()
    text = {name: (ASSETS / name).read_text() for name in files.shell}
    # Its entry adds no style sheet that has a link, and the page no theme that has one.
    assert "rel===`stylesheet`" in text[files.shell[0]]
    (core,) = (text[name] for name in files.shell if name.startswith("core-"))
    assert re.search(r"\{\.\.\.\w+,\.\.\.\w+\|\|\{\}\}", core)
    assert "window.__GRADIO__CC__" in core
    assert any("/theme.css?v=" in script for script in text.values())
    assert {"html", "image", "dropdown", "slider", "tabs", "tabitem", "row"} <= {*files.loaders}
    assert len(files.loaders) > 40


def test_every_file_exists() -> None:
    files = frontend()
    loaders = [loader for variants in files.loaders.values() for loader in variants.values()]
    names = {*files.shell, *files.styles, *(loader.script for loader in loaders)}
    names |= {style for loader in loaders for style in loader.styles}
    assert [name for name in sorted(names) if not (ASSETS / name).is_file()] == []


def test_only_what_is_shown_is_loaded_at_once(page: gr.Blocks) -> None:
    files = frontend()
    first = head.first_load(page.get_config_file())
    script = {kind: files.loaders[kind]["component"].script for kind in files.loaders}
    at_once = {"textbox", "button", "accordion", "tabs", "tabitem", "column"}
    assert {script[kind] for kind in at_once} <= {*first.scripts}
    assert {*first.later} == {"markdown", "slider", "image"}
    assert not {script["markdown"], script["slider"]} & {*first.scripts}


def test_the_joined_sheet_has_the_styles_of_all_tabs(page: gr.Blocks) -> None:
    first = head.first_load(page.get_config_file())
    slider = frontend().loaders["slider"]["component"].styles
    for name in (*frontend().styles, *slider):
        assert (ASSETS / name).read_bytes() in first.sheet
    assert len(first.styles) == len({*first.styles})
    # A relative address means the same, as the joined sheet lies in the same folder.
    assert b"@import" not in first.sheet
    assert b"@charset" not in first.sheet


def test_its_name_changes_with_its_content(page: gr.Blocks) -> None:
    first = head.first_load(page.get_config_file())
    other = head.FirstLoad(first.scripts, first.styles, first.sheet + b" ", first.later)
    assert first.sheet_name != other.sheet_name
    assert re.fullmatch(r"twinlens-[0-9a-f]{16}\.css", first.sheet_name)


def test_links_are_hints_only(page: gr.Blocks) -> None:
    first = head.first_load(page.get_config_file())
    links = str(head.hints(first, DIGEST))
    loaded = re.findall(r'<link rel="stylesheet" crossorigin href="\./assets/([^"]+)">', links)
    assert loaded == [first.sheet_name]
    assert links.count(" disabled>") == len(first.styles)
    assert links.count('rel="modulepreload"') == len(first.scripts)
    assert f'href="./theme.css?v={DIGEST}"' in links


def test_an_unexpected_gradio_costs_only_the_hints(
    page: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed() -> None:
        raise LookupError("Gradio's template has no entry script or style sheet")

    monkeypatch.setattr(head, "frontend", changed)
    assert head.PageFiles(page).first_load is None


def test_markup_is_escaped() -> None:
    first = head.FirstLoad(('"><script>.js',), (), b"", {})
    assert Markup("<script>") not in head.hints(first, DIGEST)
