"""What Gradio does for each call of a program, and need not."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import gradio as gr
import pytest
from gradio.blocks import BlocksConfig

from searcher.ui.gradio_internals.light_session import LightSession
from searcher.ui.gradio_internals.patches import skip_missing_matplotlib


def test_a_session_makes_no_configuration_of_components(monkeypatch: pytest.MonkeyPatch) -> None:
    with gr.Blocks() as blocks:
        box, state = gr.Textbox("words"), gr.State(["first"])
    made: list[int] = []
    monkeypatch.setattr(BlocksConfig, "config_for_block", lambda number, *_: made.append(number))
    first, second = LightSession(blocks), LightSession(blocks)
    assert made == []
    assert first[box._id].value == "words"
    first[state._id].append("another")
    assert (first[state._id], second[state._id]) == (["first", "another"], ["first"])
    assert state._id in first
    assert list(first.components) == []


def test_a_missing_matplotlib_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("matplotlib"):
        monkeypatch.setattr("searcher.ui.gradio_internals.patches.find_spec", lambda name: None)
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, "matplotlib", None)  # restored afterwards
    del modules["matplotlib"]
    skip_missing_matplotlib()
    assert modules["matplotlib"] is None
    with pytest.raises(ImportError):
        import_module("matplotlib")
