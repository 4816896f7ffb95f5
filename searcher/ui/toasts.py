"""Toast messages of the page. Gradio shows them as HTML, so their text is escaped here, once.

They contain file names, labels and titles, which are untrusted.
"""

import gradio as gr
from markupsafe import escape

from searcher.messages.message import Message
from searcher.ui.i18n import sentence, tr


def info(text: str, title: str) -> None:
    """Show a success message. `text` is escaped unless it is Markup."""
    gr.Info(str(escape(text)), title=title)


def warning(text: str, title: str) -> None:
    """Show a warning. `text` is escaped unless it is Markup."""
    gr.Warning(str(escape(text)), title=title)


class Refusal(gr.Error):
    """Raised by handlers that refuse a call; GuardedBlocks converts it for the caller."""

    def __init__(self, message: Message) -> None:
        super().__init__(sentence(message), title=tr("That did not work"), print_exception=False)
        self.code = message.code

    def for_page(self) -> gr.Error:
        """Return the error for the page, which shows its text as HTML."""
        return gr.Error(str(escape(self.message)), title=self.title, print_exception=False)

    def for_program(self) -> gr.Error:
        """Return the error for programs: plain text, with the code as the title.

        Gradio's error document has no other field that gradio_client accepts.
        """
        return gr.Error(self.message, title=self.code, print_exception=False)
