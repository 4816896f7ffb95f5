"""Measurements while they are made, as jobs of visitors: progress, and buttons that stop them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import gradio as gr

from searcher.errors import EvaluationStopped
from searcher.library.core import Library
from searcher.library.jobs import PERCENT
from searcher.messages.message import message
from searcher.ui import toasts
from searcher.ui.i18n import browser_text, sentence, tr
from searcher.ui.security.metered_library import current_visitor

EVALUATING, COSTS = "job.evaluating", "job.measuring_costs"


class Course(NamedTuple):
    """How a measurement reports the share that is done, 0 to 1, and asks whether to end early."""

    advance: Callable[[float], None]
    is_stopped: Callable[[], bool]


@contextmanager
def measuring(library: Library, code: str, progress: Any = None) -> Iterator[Course]:
    """Show a measurement of the current visitor as a job, which every visitor sees.

    Args:
        library: The library.
        code: EVALUATING or COSTS.
        progress: Gradio's progress of the event; None for calls of programs.
    """
    with library.jobs.begin(current_visitor(), message(code)) as job:

        def advance(share: float) -> None:
            if progress is not None:
                progress(share, desc=tr("Measuring"))
            job.advance(100 * share, 100, PERCENT)

        yield Course(advance, lambda: job.is_stopped)


def tell_stopped(stopped: EvaluationStopped) -> None:
    """Say that a measurement has ended early."""
    toasts.info(sentence(stopped.message), title=tr("Done"))


def stop_button(library: Library, code: str, element: str) -> gr.Button:
    """Build the button that stops the visitor's measurements of a kind, by their code.

    It is there while the lines of jobs have one of these; see evaluation_look.css.
    """
    button = gr.Button(browser_text("Stop"), elem_id=element)
    button.click(
        lambda: library.jobs.stop(current_visitor(), code), queue=False, api_visibility="private"
    )
    return button
