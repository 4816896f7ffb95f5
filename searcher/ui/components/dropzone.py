"""The whole window as a place to drop pictures, and refusals in the box of what was refused."""

import time

import gradio as gr

from searcher.images.pictures import SUFFIXES
from searcher.messages.message import Message
from searcher.ui.components import scripts
from searcher.ui.i18n import browser_html, sentence
from searcher.ui.requests.arguments import MAX_ADDED
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.templating import render

ON_LOAD = scripts.join(
    "opened", "tabs", "plurals", "toasts", "refusals", "drop", "more_files", "spoken"
)
REFUSAL = scripts.join("refusal")


def dropzone(limits: FileLimits, may_add: bool) -> gr.HTML:
    """Return what makes the window take files, rendered in every language.

    Args:
        limits: Of files that are uploaded; refusals.js refuses larger ones.
        may_add: Whether visitors may add pictures and models.
    """
    html = browser_html(
        "dropzone",
        lambda: render(
            "dropzone.html",
            limits=limits,
            may_add=may_add,
            suffixes=sorted(SUFFIXES),
            most=MAX_ADDED,
        ),
    )
    return gr.HTML(html, elem_id="dropzone", js_on_load=ON_LOAD)


def refusal(elem_id: str) -> gr.HTML:
    """Return the component whose value, of `refusal_html`, is shown in the picture box of a tab."""
    return gr.HTML(elem_id=elem_id, js_on_load=REFUSAL)


def refusal_html(reason: Message) -> str:
    """Render the reason why a picture or words were refused."""
    return render("refusal.html", reason=sentence(reason), moment=time.time_ns())
