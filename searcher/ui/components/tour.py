"""The tour of the Compare tab: three steps on the first visit, and on request."""

import gradio as gr

from searcher.ui.components import scripts
from searcher.ui.i18n import browser_html
from searcher.ui.templating import render

ON_LOAD = scripts.join("opened", "tabs", "tour")


def tour() -> gr.HTML:
    """Return the tour, rendered in every language; it takes no room in the page."""
    html = browser_html("tour", lambda: render("tour.html"))
    return gr.HTML(html, elem_id="tour", js_on_load=ON_LOAD)
