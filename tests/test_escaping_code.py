"""Text becomes HTML in one place of the code only, escaped once; scripts name no attribute."""

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import gradio as gr
import pytest

from searcher.config.folders import ROOT
from searcher.messages.message import verbatim
from searcher.ui import toasts

UI = ROOT / "searcher" / "ui"


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_toasts_are_made_in_one_place_only() -> None:
    direct = re.compile(r"(gr|gradio)\.(Info|Warning|Error|Success)|log_message")
    direct_calls = {
        f"{path.name}: {name}"
        for path in UI.rglob("*.py")
        if path.name != "toasts.py"
        for name in calls(path)
        if direct.fullmatch(name)
    }
    assert direct_calls == set()
    assert any(direct.fullmatch(name) for name in calls(UI / "toasts.py"))


def test_no_script_and_no_template_makes_html_of_text() -> None:
    unsafe = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(")
    scripts = list(UI.rglob("*.js"))
    assert scripts
    for path in [*scripts, *UI.rglob("*.py")]:
        assert not unsafe.search(path.read_text()), path.name
    for path in (UI / "templates").iterdir():
        assert not re.search(r"\|\s*safe|autoescape", path.read_text()), path.name


def test_text_is_escaped_once() -> None:
    refusal = toasts.Refusal(verbatim("<b>&amp;"))
    assert refusal.for_page().message == "&lt;b&gt;&amp;amp;"
    assert refusal.for_program().message == "<b>&amp;"


@pytest.mark.parametrize("path", sorted((UI / "static").glob("*.js")), ids=lambda path: path.stem)
def test_no_script_puts_its_component_into_the_configuration(path: Path) -> None:
    """Gradio takes quoted words in a script for events, also where they name an attribute.

    The configuration then contains the whole page, which is copied for each program that connects.
    """
    config = gr.HTML(js_on_load=path.read_text(), render=False).get_config()
    assert not [name for name, value in config.items() if isinstance(value, partial)]
