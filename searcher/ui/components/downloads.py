"""A button that saves a document made by the server as a download."""

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
    """Make a button download a document; nothing is written on the server.

    Args:
        button: The button.
        make: Returns the document's text, given the values of `inputs`.
        name: The file name.
        media_type: The media type of the document.
        inputs: The components whose values `make` gets.
        **limits: Further options of the event.
    """
    text = gr.Textbox(visible=False)
    quiet: dict[str, Any] = {"api_visibility": "private", "preprocess": False}
    click = button.click(make, list(inputs), text, **quiet, **limits)
    click.success(None, text, js=SAVE % (json.dumps(media_type), json.dumps(name)))
