"""The tour of the Compare tab: three steps on the first visit, and on request."""

import gradio as gr

from searcher.messages import translate
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, use_language
from searcher.ui.templating import render

KEY = "tour"  # of its HTML among the messages that the browser translates
ON_LOAD = static("tour.js").read_text()


def tour() -> gr.HTML:
    """Return the tour, rendered in every language; it takes no room in the page."""
    for code in translate.languages():
        with use_language(code):
            html = render("tour.html")
        browser_messages().translations[code][KEY] = html
    return gr.HTML(browser_messages()(KEY), elem_id="tour", js_on_load=ON_LOAD)
