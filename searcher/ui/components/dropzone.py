"""The whole window as a place to drop pictures, and refusals in the box of what was refused."""

import time

import gradio as gr

from searcher.images.pictures import SUFFIXES
from searcher.messages import translate
from searcher.messages.message import Message
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, sentence, use_language
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.templating import render

KEY = "dropzone"  # of its HTML among the messages that the browser translates
ON_LOAD = "\n".join(static(name).read_text() for name in ("refusals.js", "drop.js"))
REFUSAL = static("refusal.js").read_text()


def dropzone(limits: FileLimits, may_add: bool) -> gr.HTML:
    """Return what makes the window take files, rendered in every language.

    Args:
        limits: Of files that are uploaded; refusals.js refuses larger ones.
        may_add: Whether visitors may add pictures and models.
    """
    for code in translate.languages():
        with use_language(code):
            html = render(
                "dropzone.html", limits=limits, may_add=may_add, suffixes=sorted(SUFFIXES)
            )
        browser_messages().translations[code][KEY] = html
    return gr.HTML(browser_messages()(KEY), elem_id="dropzone", js_on_load=ON_LOAD)


def refusal(elem_id: str) -> gr.HTML:
    """Return the component whose value, of `refusal_html`, is shown in the picture box of a tab."""
    return gr.HTML(elem_id=elem_id, js_on_load=REFUSAL)


def refusal_html(reason: Message) -> str:
    """Render the reason why a picture or words were refused."""
    return render("refusal.html", reason=sentence(reason), moment=time.time_ns())
