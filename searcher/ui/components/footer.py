"""The page's foot: version, source, licence, API, and the switch of the section on code."""

import gradio as gr

from searcher import __version__
from searcher.messages import translate
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, use_language
from searcher.ui.templating import render

KEY = "footer"  # of its HTML among the messages that the browser translates
ON_LOAD = static("footer.js").read_text()


def footer(source: str | None) -> gr.HTML:
    """Return the footer, rendered in every language; it replaces Gradio's, which is hidden.

    Args:
        source: The address of the source, if the settings name one.
    """
    for code in translate.languages():
        with use_language(code):
            html = render("footer.html", version=__version__, source=source)
        browser_messages().translations[code][KEY] = html
    return gr.HTML(browser_messages()(KEY), elem_id="footer", js_on_load=ON_LOAD)
