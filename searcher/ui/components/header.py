"""The page's header: name, claim, and the switches for language and theme."""

import gradio as gr
from babel import Locale

from searcher.messages import translate
from searcher.ui.components import scripts
from searcher.ui.i18n import browser_html, gettext_noop
from searcher.ui.templating import render

ON_LOAD = scripts.join("opened", "early", "preferences", "plurals", "labels", "controls", "console")
# Texts that Gradio has in English only, without keys; one that ends with a space is a prefix.
GRADIO_TEXTS = (
    gettext_noop("An error occurred."),
    gettext_noop("Capture from camera"),
    gettext_noop("Clear"),
    gettext_noop("Click to Access Webcam"),
    gettext_noop("Click to upload or drop files"),
    gettext_noop("Close"),
    gettext_noop("Connection errored out."),
    gettext_noop("Download"),
    gettext_noop("Exit fullscreen mode"),
    gettext_noop("File upload"),
    gettext_noop("Fullscreen"),
    gettext_noop("Paste from clipboard"),
    gettext_noop("Remove Image"),
    gettext_noop("Remove this file"),
    gettext_noop("Reset to default value"),
    gettext_noop("Success"),
    gettext_noop("This application is currently busy. Please try again."),
    gettext_noop("Upload file"),
    gettext_noop("Warning"),
    gettext_noop("capture photo"),
    gettext_noop("copy"),
    gettext_noop("grant webcam access"),
    gettext_noop("number input for "),
    gettext_noop("processing |"),
    gettext_noop("queue: "),
    gettext_noop("range slider for "),
    gettext_noop("select input source"),
    gettext_noop("select source"),
)


def header(is_shared: bool) -> gr.HTML:
    """Return the header, rendered in every language; the browser selects one.

    Args:
        is_shared: Whether everybody who has a link of Gradio's may come in.
    """
    names = {code: _native_name(code) for code in translate.languages()}
    html = browser_html(
        "header",
        lambda: render(
            "header.html", languages=names, gradio_texts=GRADIO_TEXTS, is_shared=is_shared
        ),
    )
    return gr.HTML(html, elem_id="header", js_on_load=ON_LOAD)


def _native_name(code: str) -> str:
    """Return a language's name in that language, such as Español."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()
