"""The Compare tab: one query, two to six models, and their agreement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import StoreUnavailable
from searcher.library.core import Library
from searcher.library.query_service import MAX_MODELS
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.presentation.steadiness import measure_robustness
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import Query
from searcher.search.results import Ranking
from searcher.ui.components import page_search, report_form, scripts
from searcher.ui.components.address import TabAddress, read_names, read_number_of, shown_hit
from searcher.ui.components.baselines import ModelList, baselines_switch, choices
from searcher.ui.components.comparison_details import Changed, Explained, robustness_html
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.displayed_comparison import ComparisonState, ComparisonView
from searcher.ui.components.first_view import opening_html, waiting_html
from searcher.ui.components.hit_panel import hit_panel
from searcher.ui.components.query_address import query_state, read_query
from searcher.ui.components.query_bar import bar_html, empty_bar_html, with_previews
from searcher.ui.components.query_input import examples, invitation, query_image
from searcher.ui.components.query_inputs import query_inputs, search_again
from searcher.ui.components.report_form import ReportSource
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_count, read_models
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.security.limits import costly

INVITATION = (
    gettext_noop("One query, several models."),
    gettext_noop("Drop a picture or type words to see what each model finds, side by side."),
)
PROGRESS = gr.Progress()


@dataclass(frozen=True)
class CompareTab:
    """What the rest of the page uses of the tab.

    Attributes:
        models: Its models.
        inputs: The inputs of `first_view`.
        outputs: The components whose values it returns.
        first_view: Returns the example, unless it was shown or the visitor has a query.
        address: Its part of the page's address.
        report: Its section of a report.
    """

    models: ModelList
    inputs: list[Any]
    outputs: list[Any]
    first_view: Callable[[LiveQuery, Any], list[Any]]
    address: TabAddress
    report: ReportSource


def build(library: Library, worker: Worker) -> CompareTab:
    """Build the tab."""
    state = gr.State(None)
    shown = gr.State(False)  # whether the example was shown
    changed = gr.State(None)  # a Changed
    explained = gr.State(Explained())
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("compare-image")
            inputs = query_inputs(library, "compare", image)
            picker = _models_picker()
            switch = baselines_switch("compare-baselines")
            k = results_slider("compare-k")
            examples(library, image)
        with gr.Column(scale=3, min_width=300):
            inputs.render_bar()
            opening = opening_html(library)
            result = gr.HTML(opening, elem_id="compare-result", js_on_load=scripts.COMPARE)
            panel = hit_panel(library, "compare")
            with gr.Row(visible=False, elem_classes="tl-buttons") as buttons:
                robust = gr.Button(
                    browser_text("How robust is this?"), size="sm", elem_id="compare-robust"
                )
                report_form.button("comparison")
            robustness = gr.HTML(elem_id="compare-robustness")
    view = ComparisonView(library, worker, panel)

    def read_columns(names: Any) -> list[Model]:
        default = list(dict.fromkeys(default_models(library.registry.ready(), 2)))
        return [library.registry.get(name) for name in read_models(names, MAX_MODELS) or default]

    def open_query(query: PageQuery) -> Query:
        return query.library_query(page_search.open_queries(library, query))

    def respond(query: PageQuery, is_new: bool, names: Any, k: Any) -> list[Any]:
        models, count = read_columns(names), read_count(k, MAX_RESULTS, DEFAULT_K)
        link = state_of(query, models, count)
        status = worker.status
        if status.is_empty or query.is_empty:
            page_search.check_uploads(library, query)
            html = invitation(INVITATION, "" if query.is_empty else status.version)
            return [query, empty_bar_html(link), *view.empty(html)]
        try:
            return found(query, models, count, link)
        except StoreUnavailable as error:
            html = page_search.outage_html(error, status)
            return [query, empty_bar_html(link), *view.empty(html)]

    def found(
        query: PageQuery, models: Sequence[Model], count: int, link: Mapping[str, str]
    ) -> list[Any]:
        status = worker.status
        queries = page_search.open_queries(library, query)
        html = page_search.refusal_html(query)
        if not query.parts:
            html = invitation(INVITATION)
        elif len(models) < 2:
            html = page_search.notice_html(
                tr("Choose 2 to {most} models to compare.", most=MAX_MODELS)
            )
        rankings: list[Ranking] = []
        if not html:
            rankings = page_search.rank(library, query, queries, models, count)
        query = with_previews(query, queries)
        bar = bar_html(library, query, page_search.unseen_parts(query, models), link)
        if not any(ranking.hits or ranking.own_copies for ranking in rankings):
            html = html or page_search.no_hits_html(library, status, query, models)
            return [query, bar, *view.empty(html)]
        state = ComparisonState(query, tuple(ranking.compact() for ranking in rankings))
        opened = query.library_query(queries)
        return [query, bar, *view.values(state, rankings, models, opened)]

    def state_of(query: PageQuery, models: Sequence[Model], count: int) -> dict[str, str]:
        listed = ",".join(model.name for model in models)
        return query_state(library, query, tab="compare", models=listed, k=str(count))

    def first_view(live: LiveQuery, shown: Any) -> list[Any]:
        unchanged = [gr.skip()] * len(first_outputs)
        if shown or not live.query.is_empty:
            return unchanged
        if example := view.example(live):
            return [*example, True]
        return [gr.skip(), waiting_html(library, worker.status, INVITATION), *unchanged[2:]]

    def restore(
        parameters: Mapping[str, str],
        reasons: list[str],
        live: LiveQuery,
        shown: Any,
        names: Any,
        show: Any,
    ) -> tuple[list[Any], dict[str, str]]:
        ready = [model.name for model in library.registry.ready()]
        query = read_query(library, parameters, reasons)
        listed = read_names(parameters["models"].split(",")[:MAX_MODELS], ready, reasons)
        count = read_number_of(parameters, "k", MAX_RESULTS, DEFAULT_K, reasons)
        if not parameters["models"] and query.is_empty:  # as the page opens
            live.query = PageQuery()
            *values, image, shown = first_view(live, False)
            live.boxed = search_again()
            values += [image, "", "", live.boxed]
            names = worker.example.models if worker.example else gr.skip()
            state = {"tab": "compare"}
        else:
            models = read_columns(listed or [name for name in names or [] if name in ready])
            names, shown = [model.name for model in models], True
            values, state = bring_back(live, query, names, count), state_of(query, models, count)
        displayed = next((v for v in values if isinstance(v, ComparisonState)), None)
        if hit := shown_hit(parameters, displayed.ids if displayed else ()):
            state |= {"tab": "compare"} | hit
        options = choices(worker.status, show, names)
        chosen = gr.Dropdown(choices=options, value=names) if isinstance(names, list) else names
        return [*values, chosen, count, shown], state

    def idle(live: LiveQuery, shown: Any, names: Any, show: Any) -> list[Any]:
        *values, image, shown = first_view(live, shown)
        return [*values, image, *[gr.skip()] * 5, shown]

    @show_errors
    def show_robustness(
        live: LiveQuery, names: Any, k: Any, state: ComparisonState | None, progress: Any = PROGRESS
    ) -> list[Any]:
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        where = live.query.filters.expression()
        query = open_query(live.query)
        models = read_columns(names)
        measured = measure_robustness(library, query, models, count, where, progress)
        kept = Changed(state.rankings, measured) if state else None
        return [robustness_html(measured), kept]

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    asking: dict[str, Any] = {
        "trigger_mode": "always_last",
        "show_progress_on": [result],
        "concurrency_limit": 4,
        "concurrency_id": "compare",
        **quiet,
    }
    settings = [picker, k]
    outputs = [result, panel.html, robustness, buttons, robust, state]
    bring_back = inputs.connect(
        respond,
        settings,
        outputs,
        hits=[],
        panel=panel.html,
        repeat=[picker.input, k.release, result.submit],
        **asking,
    )
    model_inputs = [inputs.live, picker]
    panel.connect(inputs.live, state, lambda state: state.rankings, explained)
    asked = [*model_inputs, k, state]
    robust.click(show_robustness, asked, [robustness, changed], **quiet, **costly("robustness"))
    first_outputs = [inputs.bar, *outputs, image, shown]
    return CompareTab(
        ModelList((picker,), switch),
        [inputs.live, shown],
        first_outputs,
        first_view,
        TabAddress(
            "compare",
            restore,
            [inputs.live, shown, picker, switch],
            [*inputs.brought_back(outputs), inputs.boxed, picker, k, shown],
            idle,
        ),
        ReportSource(
            "comparison", "#compare-result .tl-compare", view.report, [state, changed, explained]
        ),
    )


def _models_picker() -> gr.Dropdown:
    return gr.Dropdown(
        [],
        label=browser_text("Models, 2 to 6"),
        elem_id="compare-models",
        multiselect=True,
        max_choices=MAX_MODELS,
        interactive=True,
    )
