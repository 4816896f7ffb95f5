"""A button that hands a document made by the server to the browser's downloads."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

SAVE = """
(text) => {
  if (!text) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: %s }));
  link.download = %s;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
"""


def save(
    button: gr.Button,
    make: Callable[..., str],
    name: str,
    media_type: str,
    inputs: Sequence[Component] = (),
    **limits: Any,
) -> None:
    """Let a button save what `make` returns for the inputs under a file name.

    Nothing is written on the server, so nothing has to be served or cleared away. `limits` are
    further options of the event.
    """
    text = gr.Textbox(visible=False)
    quiet: dict[str, Any] = {"api_visibility": "private", "preprocess": False}
    click = button.click(make, list(inputs), text, **quiet, **limits)
    click.success(None, text, js=SAVE % (json.dumps(media_type), json.dumps(name)))
