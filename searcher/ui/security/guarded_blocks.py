"""Gradio Blocks whose failed calls return sentences, without tracebacks for client errors."""

import logging
from typing import Any

import gradio as gr

from searcher.messages.message import message
from searcher.ui import toasts
from searcher.ui.gradio_internals import (
    NOT_UPLOADED,
    UNREADABLE,
    BlockFunction,
    SessionState,
    mark_refused,
    replace_queue,
)
from searcher.ui.gradio_internals.first_load import FirstValues
from searcher.ui.gradio_internals.patches import without_web_app
from searcher.ui.monitoring import request_ids
from searcher.ui.security.limits import LimitedLog

log = logging.getLogger(__name__)


class ServerFailure(toasts.Refusal):
    """An internal error, which is in the log already."""


class GuardedBlocks(gr.Blocks):
    """Blocks in which client errors cause no traceback.

    Gradio logs a traceback for every value that a component can't accept and shows "Error". Here
    the caller gets a sentence and the log one line; internal errors get one traceback.

    Attributes:
        first_values: Returns components with the values that they have as the page arrives.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        with without_web_app():
            super().__init__(*arguments, **options)
        self._refusals = LimitedLog(log)
        self.first_values: FirstValues = lambda request: ()

    def __exit__(self, *arguments: Any) -> None:
        """Build the page; see Blocks."""
        with without_web_app():
            super().__exit__(*arguments)

    def queue(self, *arguments: Any, **options: Any) -> "GuardedBlocks":
        """Set the limits of the queue; see Blocks."""
        with without_web_app():
            super().queue(*arguments, **options)
        replace_queue(self)
        return self

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
            raise toasts.Refusal(message("upload.not_here")) from error
        except UNREADABLE as error:
            raise toasts.Refusal(message("request.values")) from error
        return values

    async def process_api(
        self, block_fn: BlockFunction | int, *arguments: Any, **options: Any
    ) -> dict[str, Any]:
        """Answer a call; see Blocks.

        Raises:
            gr.Error: For every failure.
        """
        request = options.get("request")
        request_ids.resume(request)
        function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        try:
            answer: dict[str, Any] = await super().process_api(block_fn, *arguments, **options)
        except ServerFailure as failure:
            raise _for_caller(failure, function) from None
        except gr.Error as error:
            mark_refused(request)
            # Gradio's messages contain details of the server.
            refusal = error if isinstance(error, toasts.Refusal) else None
            refusal = refusal or toasts.Refusal(message("request.values"))
            self._refusals.warn(f"refused {function.api_name}: {refusal.message}")
            raise _for_caller(refusal, function) from None
        except Exception as error:
            log.exception("%s failed", function.api_name)
            sentence = message("server.failed", request=request_ids.current())
            raise _for_caller(ServerFailure(sentence), function) from error
        return answer


def _for_caller(refusal: toasts.Refusal, function: BlockFunction) -> gr.Error:
    """Return the error in the form for the page or for a program."""
    page = function.api_visibility == "private"
    return refusal.for_page() if page else refusal.for_program()
