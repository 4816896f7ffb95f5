"""Messages that pop up on the page. Gradio shows them as HTML: here their text is escaped, once.

File names, labels and titles stand in them, which anybody may have chosen.
"""

import gradio as gr
from markupsafe import escape

from searcher.ui.i18n import tr


def info(text: str, title: str) -> None:
    """Say that something was done. `text` may be Markup, whose values are escaped already."""
    gr.Info(str(escape(text)), title=title)


def warning(text: str, title: str) -> None:
    """Say that something is not as it should be, though the page goes on."""
    gr.Warning(str(escape(text)), title=title)


def error(text: str) -> gr.Error:
    """Return what a handler raises to say why it did nothing; GuardedBlocks passes it on."""
    return gr.Error(text, title=tr("That did not work"), print_exception=False)


def shown(raised: gr.Error) -> gr.Error:
    """The same for the page, which shows it as HTML; programs read the text as it is."""
    return error(str(escape(raised.message)))
