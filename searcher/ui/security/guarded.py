"""The page, whose calls fail with a sentence: no traceback for what a client did wrong."""

import logging
from typing import Any

import gradio as gr

from searcher.ui import toasts
from searcher.ui.gradio_internals import (
    NOT_UPLOADED,
    UNREADABLE,
    BlockFunction,
    SessionState,
    mark_refused,
)
from searcher.ui.i18n import tr
from searcher.ui.security.limits import Sparing

log = logging.getLogger(__name__)


class Failed(gr.Error):
    """The server's own failure, which is in the log already."""


class GuardedBlocks(gr.Blocks):
    """Blocks in which nothing that a client sends becomes a traceback.

    Gradio prints one for every value that a component can't take and shows "Error". Here the
    caller gets a sentence and the log a line. What fails on our side gets its traceback once.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._refusals = Sparing(log)

    async def preprocess_data(
        self,
        block_fn: BlockFunction,
        inputs: list[Any],
        state: SessionState | None,
        explicit_call: bool = False,
    ) -> list[Any]:
        """Read a call's values; see Blocks."""
        try:
            values: list[Any] = await super().preprocess_data(
                block_fn, inputs, state, explicit_call
            )
        except gr.Error:
            raise
        except NOT_UPLOADED as error:
            sentence = tr("The picture was not uploaded here: upload it again.")
            raise toasts.error(sentence) from error
        except UNREADABLE as error:
            sentence = tr("These are not the values that this takes.")
            raise toasts.error(sentence) from error
        return values

    async def process_api(
        self, block_fn: BlockFunction | int, *arguments: Any, **options: Any
    ) -> dict[str, Any]:
        """Answer a call; see Blocks. Raises gr.Error and nothing else."""
        request = options.get("request")
        function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        try:
            answer: dict[str, Any] = await super().process_api(block_fn, *arguments, **options)
        except Failed:
            raise
        except gr.Error as error:
            mark_refused(request)
            if error.print_exception:  # one of Gradio's own, who says more than callers may know
                error = toasts.error(tr("These are not the values that this takes."))
            self._refusals.warn(f"refused {function.api_name}: {error.message}")
            raise toasts.shown(error) if function.api_visibility == "private" else error from None
        except Exception as error:
            log.exception("%s failed", function.api_name)
            raise Failed(
                tr("Something went wrong here; the server's log has the details."),
                title=tr("That did not work"),
                print_exception=False,
            ) from error
        return answer
