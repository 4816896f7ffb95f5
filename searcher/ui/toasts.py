"""Messages that pop up on the page. Gradio shows them as HTML: here their text is escaped, once.

File names, labels and titles stand in them, which anybody may have chosen.
"""

import gradio as gr
from markupsafe import escape

from searcher.messages.message import Message
from searcher.ui.i18n import sentence, tr


def info(text: str, title: str) -> None:
    """Say that something was done. `text` may be Markup, whose values are escaped already."""
    gr.Info(str(escape(text)), title=title)


def warning(text: str, title: str) -> None:
    """Say that something is not as it should be, though the page goes on."""
    gr.Warning(str(escape(text)), title=title)


class Refusal(gr.Error):
    """What a handler raises to say why it did nothing; GuardedBlocks passes it on."""

    def __init__(self, message: Message) -> None:
        super().__init__(sentence(message), title=tr("That did not work"), print_exception=False)
        self.code = message.code

    def for_page(self) -> gr.Error:
        """The same for the page, which shows its text as HTML."""
        return gr.Error(str(escape(self.message)), title=self.title, print_exception=False)

    def for_program(self) -> gr.Error:
        """The same for programs, which read the text as it is, and the code as the title.

        Gradio's document of an error has no other place that gradio_client takes.
        """
        return gr.Error(self.message, title=self.code, print_exception=False)
