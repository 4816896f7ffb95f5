"""The page's header: its name, what it is for, and the switches of language and theme."""

import gradio as gr
from babel import Locale

from searcher.messages import translate
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, speaking
from searcher.ui.templating import render

KEY = "header"  # of the whole header among the messages that the browser translates
ON_LOAD = static("preferences.js").read_text()


def header() -> gr.HTML:
    """The header, in every language; the browser shows that of the page."""
    names = {code: _native_name(code) for code in translate.languages()}
    for code in names:
        with speaking(code):
            html = render("header.html", languages=names)
        browser_messages().translations[code][KEY] = html
    return gr.HTML(browser_messages()(KEY), elem_id="header", js_on_load=ON_LOAD)


def _native_name(code: str) -> str:
    """What a language calls itself, such as Español."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()
