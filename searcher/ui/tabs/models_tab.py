"""The Models tab: every model with its state, figures and coverage; install, stop, remove."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import StoreUnavailable
from searcher.evaluation.measured import recall
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui import toasts
from searcher.ui.components import bring_model, model_cards, scripts
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import read_choice, read_event, read_model
from searcher.ui.requests.error_handling import show_errors


@dataclass(frozen=True)
class ModelsTab:
    """What the page refreshes: the components, and `refreshed`, which returns their values."""

    order: gr.State
    outputs: list[Any]
    refreshed: Callable[[Status, Any], list[Any]]


def build(library: Library, worker: Worker) -> ModelsTab:
    """Build the tab. The page refreshes it with each status, and as it opens in another order."""
    read_only = library.settings.read_only
    # The names of the models as they are shown. Nothing changes its place while one looks at it.
    order = gr.State(())
    model_list = gr.HTML(elem_id="models-list", js_on_load=scripts.MODELS)
    with gr.Row(elem_classes="tl-pages", visible=not read_only):
        measure = gr.Button(browser_text("Measure again"), size="sm", elem_id="models-measure")
        index = gr.Button(
            browser_text("Index now"), size="sm", visible=False, elem_id="models-index"
        )
        retry = gr.Button(browser_text("Try again"), size="sm", visible=False, elem_id="retry")
    latest: tuple[Status | None, dict[str, float]] = (None, {})

    def quality(status: Status) -> dict[str, float]:
        """Return what was measured; looked up once for all visitors of a status."""
        nonlocal latest
        if status.opened and latest[0] is not status:  # before that, the stores would be waited for
            latest = status, latest[1]
            with suppress(StoreUnavailable):
                latest = status, recall(library, status.ready)
        return latest[1]

    actions: dict[str, Callable[[str], None]] = {
        "install": worker.install,
        "cancel": worker.cancel,
        "remove": worker.remove,
    }

    @show_errors
    def handle_click(event: gr.EventData) -> None:
        action = read_choice(read_event(event, "action"), actions)
        actions[action](read_model(read_event(event, "name")))

    @show_errors
    def try_again() -> None:
        worker.retry()

    @show_errors
    def index_now() -> None:
        goes_on = worker.status.can_resume
        worker.index_now()
        looking = tr("Looking for pictures that a model lacks.")
        toasts.info(tr("What was stopped goes on.") if goes_on else looking, title=tr("Index now"))

    @show_errors
    def measure_again() -> None:
        worker.measure()
        toasts.info(
            tr("The speed of every model is measured as soon as nothing else goes on."),
            title=tr("Measure again"),
        )

    bring_model.build(library, worker)
    model_list.click(handle_click, api_visibility="private")
    retry.click(try_again, api_visibility="private")
    index.click(index_now, api_visibility="private")
    measure.click(measure_again, api_visibility="private")

    def refreshed(status: Status, shown: Any) -> list[Any]:
        known = quality(status)
        names = model_cards.sort_names(status, known, shown) if status.opened else ()
        html = model_cards.cards_html(status, read_only, known, names)
        may_index = (status.lacks_vectors or status.can_resume) and not status.is_indexing
        return [names, html, gr.Button(visible=status.can_retry), gr.Button(visible=may_index)]

    outputs = [order, model_list, retry, index]
    return ModelsTab(order, outputs, refreshed)
