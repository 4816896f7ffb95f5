"""The Compare tab: one query, two models, their agreement, and explanations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import PictureQuery
from searcher.search.results import CompactRanking, Comparison
from searcher.ui.components import comparison_details, downloads, scripts
from searcher.ui.components.comparison import comparison_html
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.query_input import examples, invitation, is_empty, query_image
from searcher.ui.i18n import browser_text, gettext_noop
from searcher.ui.requests.arguments import read_count, read_event, read_id, read_model, read_models
from searcher.ui.requests.error_handling import raise_refusals, show_errors
from searcher.ui.requests.parsing import library_picture, read_query
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

INVITATION = (
    gettext_noop("One picture, two models."),
    gettext_noop("Drop a picture or paste one to see what each model finds, side by side."),
)
MAX_OTHERS = 4  # six models in all
PROGRESS = gr.Progress()


@dataclass(frozen=True)
class Pickers:
    """The dropdowns that the page refreshes."""

    a: gr.Dropdown
    b: gr.Dropdown
    others: gr.Dropdown


@dataclass(frozen=True)
class ComparisonState:
    """The displayed comparison: the path of its query, and both rankings."""

    path: str
    a: CompactRanking
    b: CompactRanking


def build(library: Library, worker: Worker) -> tuple[Pickers, gr.HTML]:
    """Build the tab; return its dropdowns and the component that shows the invitation."""
    state = gr.State(None)
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("compare-image")
            pickers = _pickers()
            k = results_slider("compare-k")
            examples(library, image)
        with gr.Column(scale=3, min_width=300):
            result = gr.HTML(elem_id="compare-result", js_on_load=scripts.COMPARE)
            why = gr.HTML(elem_id="compare-why")
            with gr.Row(visible=False, elem_classes="tl-buttons") as buttons:
                robust = gr.Button(
                    browser_text("How robust is this?"), size="sm", elem_id="compare-robust"
                )
                save = gr.Button(browser_text("Save as report"), size="sm", elem_id="compare-save")
            robustness = gr.HTML(elem_id="compare-robustness")

    def read_inputs(payload: Any, a: Any, b: Any) -> tuple[PictureQuery, list[str]]:
        pair = default_models(library.registry.ready(), 2)
        query = read_query(library, payload)
        return query, [read_model(a, pair[0]), read_model(b, pair[1])]

    @show_errors
    def show(payload: Any, a: Any, b: Any, k: Any, others: Any) -> Any:
        if not payload or is_empty(worker.status):
            return invitation(worker.status, INVITATION), "", "", gr.Row(visible=False), None
        query, pair = read_inputs(payload, a, b)
        names = [*pair, *read_models(others, MAX_OTHERS)]
        first, second, *more = library.rank(query, names, read_count(k, MAX_RESULTS, DEFAULT_K))
        html = comparison_html(library, Comparison.of(first, second), more)
        new_state = ComparisonState(payload["path"], first.compact(), second.compact())
        return html, "", "", gr.Row(visible=True), new_state

    @show_errors
    def choose(event: gr.EventData) -> Any:
        if read_event(event, "action") != "query":
            return gr.skip()
        return library_picture(library, read_event(event, "id"))

    def show_explanation(
        payload: Any, a: Any, b: Any, event: gr.EventData, progress: Any = PROGRESS
    ) -> Iterator[Any]:
        with raise_refusals():
            if read_event(event, "action") != "why":
                yield gr.skip()
                return
            query, pair = read_inputs(payload, a, b)
            picture_id = read_id(read_event(event, "id"))
            yield from comparison_details.why(library, query, picture_id, pair, progress)

    @show_errors
    def show_robustness(payload: Any, a: Any, b: Any, k: Any, progress: Any = PROGRESS) -> str:
        query, pair = read_inputs(payload, a, b)
        titles = [library.registry.get(name).display for name in pair]
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        survival = library.robustness(query, pair, count, progress=progress)
        return comparison_details.robustness_html(survival, titles, count)

    @show_errors
    def make_report(payload: Any, a: Any, b: Any, k: Any, state: ComparisonState | None) -> str:
        query, (first, second) = read_inputs(payload, a, b)
        if state is not None and state.path == payload["path"]:
            charge(library)
            comparison = Comparison.of(*library.expand([state.a, state.b]))
        else:  # the page is older than this process
            count = read_count(k, MAX_RESULTS, DEFAULT_K)
            comparison = library.compare(query, first, second, count)
        return comparison_details.report_html(library, query, comparison)

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    query_inputs = [image, pickers.a, pickers.b]
    gr.on(
        [image.change, pickers.a.input, pickers.b.input, pickers.others.input, k.release],
        show,
        [*query_inputs, k, pickers.others],
        [result, why, robustness, buttons, state],
        trigger_mode="always_last",
        show_progress_on=[result],
        concurrency_limit=4,
        **quiet,
    )
    result.click(choose, None, image, **quiet)
    result.click(show_explanation, query_inputs, why, **quiet, **costly("explain"))
    robust.click(show_robustness, [*query_inputs, k], robustness, **quiet, **costly("robustness"))
    name = "twinlens-comparison.html"
    downloads.save(
        save, make_report, name, "text/html", [*query_inputs, k, state], **costly("report")
    )
    return pickers, result


def _pickers() -> Pickers:
    def dropdown(label: Any, key: str, **more: Any) -> gr.Dropdown:
        return gr.Dropdown(
            [],
            label=label,
            elem_id=f"compare-{key}",
            elem_classes=f"tl-pick-{key}",
            interactive=True,
            **more,
        )

    return Pickers(
        dropdown(browser_text("Model A"), "a"),
        dropdown(browser_text("Model B"), "b"),
        dropdown(browser_text("And these"), "others", multiselect=True, max_choices=MAX_OTHERS),
    )
