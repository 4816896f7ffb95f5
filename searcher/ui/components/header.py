"""The page's header: name, claim, and the switches for language and theme."""

import gradio as gr
from babel import Locale

from searcher.messages import translate
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, gettext_noop, use_language
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.templating import render

KEY = "header"  # of the header's HTML among the messages that the browser translates
SCRIPTS = ("preferences.js", "labels.js", "file_sizes.js")
ON_LOAD = "\n".join(static(name).read_text() for name in SCRIPTS)
# Texts that Gradio has in English only; one that ends with a space is a prefix.
GRADIO_TEXTS = (
    gettext_noop("Capture from camera"),
    gettext_noop("Clear"),
    gettext_noop("Click to upload or drop files"),
    gettext_noop("Close"),
    gettext_noop("Download"),
    gettext_noop("More tabs"),
    gettext_noop("Paste from clipboard"),
    gettext_noop("Remove Image"),
    gettext_noop("Remove this file"),
    gettext_noop("Reset to default value"),
    gettext_noop("Success"),
    gettext_noop("Upload file"),
    gettext_noop("Warning"),
    gettext_noop("copy"),
    gettext_noop("number input for "),
    gettext_noop("processing |"),
    gettext_noop("queue: "),
    gettext_noop("range slider for "),
)


def header(limits: FileLimits) -> gr.HTML:
    """Return the header, rendered in every language; the browser selects one.

    Args:
        limits: Of files that are uploaded; file_sizes.js refuses larger ones.
    """
    names = {code: _native_name(code) for code in translate.languages()}
    for code in names:
        with use_language(code):
            html = render("header.html", languages=names, gradio_texts=GRADIO_TEXTS, limits=limits)
        browser_messages().translations[code][KEY] = html
    return gr.HTML(browser_messages()(KEY), elem_id="header", js_on_load=ON_LOAD)


def _native_name(code: str) -> str:
    """Return a language's name in that language, such as Español."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()
