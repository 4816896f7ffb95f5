"""The page's foot: version, source, licence, API, and the switch of the section on code."""

import gradio as gr

from searcher import __version__
from searcher.ui.components import scripts
from searcher.ui.i18n import browser_html
from searcher.ui.templating import render

ON_LOAD = scripts.join("tabs", "footer")


def footer(source: str | None) -> gr.HTML:
    """Return the footer, rendered in every language; it replaces Gradio's, which is hidden.

    Args:
        source: The address of the source, if the settings name one.
    """
    html = browser_html("footer", lambda: render("footer.html", version=__version__, source=source))
    return gr.HTML(html, elem_id="footer", js_on_load=ON_LOAD)
