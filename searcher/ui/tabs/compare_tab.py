"""The Compare tab: one query, two to six models, and their agreement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import TwinlensError
from searcher.library.core import Library
from searcher.library.query_label import query_label
from searcher.library.query_service import MAX_MODELS
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import Query
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.ui.components import address, comparison_details, downloads, page_search, scripts
from searcher.ui.components.baselines import ModelList, baselines_switch
from searcher.ui.components.comparison import comparison_html
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.first_view import has_examples, waiting_html
from searcher.ui.components.hit_panel import hit_panel
from searcher.ui.components.query_bar import bar_html, with_previews
from searcher.ui.components.query_input import examples, invitation, is_empty, query_image
from searcher.ui.components.query_inputs import QueryInputs, query_inputs
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_count, read_models
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.requests.parsing import library_picture
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

INVITATION = (
    gettext_noop("One query, several models."),
    gettext_noop("Drop a picture or type words to see what each model finds, side by side."),
)
PROGRESS = gr.Progress()


@dataclass(frozen=True)
class ComparisonState:
    """The displayed comparison: its query, and the models' rankings."""

    query: PageQuery
    rankings: tuple[CompactRanking, ...]


@dataclass(frozen=True)
class CompareTab:
    """What the rest of the page uses of the tab.

    Attributes:
        models: Its models.
        k: The number of results.
        query: The inputs of the query.
        result: The comparison.
        inputs: The inputs of `first_view`.
        outputs: The components whose values it returns.
        first_view: Returns the example, unless it was shown or the visitor has a query.
    """

    models: ModelList
    k: gr.Slider
    query: QueryInputs
    result: gr.HTML
    inputs: list[Any]
    outputs: list[Any]
    first_view: Callable[[LiveQuery, Any], list[Any]]

    @property
    def restored(self) -> list[Any]:
        """The components whose values `restore` returns."""
        return [*self.query.components, *self.models.pickers, self.k]


def build(library: Library, worker: Worker) -> CompareTab:
    """Build the tab."""
    state = gr.State(None)
    shown = gr.State(False)  # whether the example was shown
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
            result = gr.HTML(elem_id="compare-result", js_on_load=scripts.COMPARE)
            panel = hit_panel(library, "compare")
            with gr.Row(visible=False, elem_classes="tl-buttons") as buttons:
                robust = gr.Button(
                    browser_text("How robust is this?"), size="sm", elem_id="compare-robust"
                )
                save = gr.Button(browser_text("Save as report"), size="sm", elem_id="compare-save")
            robustness = gr.HTML(elem_id="compare-robustness")

    def read_columns(names: Any) -> list[Model]:
        default = list(dict.fromkeys(default_models(library.registry.ready(), 2)))
        return [library.registry.get(name) for name in read_models(names, MAX_MODELS) or default]

    def open_query(query: PageQuery) -> Query:
        return query.library_query(page_search.open_queries(library, query))

    def respond(query: PageQuery, is_new: bool, names: Any, k: Any) -> list[Any]:
        hidden = panel.closed(), "", gr.Row(visible=False), gr.skip(), None
        if is_empty(worker.status) or query.is_empty:
            return [query, "", invitation(worker.status, INVITATION), *hidden]
        models, count = read_columns(names), read_count(k, MAX_RESULTS, DEFAULT_K)
        queries = page_search.open_queries(library, query)
        html = page_search.refusal_html(query)
        if not query.parts:
            html = invitation(worker.status, INVITATION)
        elif len(models) < 2:
            html = page_search.notice_html(
                tr("Choose 2 to {most} models to compare.", most=MAX_MODELS)
            )
        rankings: list[Ranking] = []
        if not html:
            rankings = page_search.rank(library, query, queries, models, count)
        query = with_previews(query, queries)
        listed = ",".join(model.name for model in models)
        link = {"tab": "compare", "models": listed, "k": str(count)}
        bar = bar_html(library, query, page_search.unseen_parts(query, models), link)
        if not any(ranking.hits or ranking.own_copies for ranking in rankings):
            return [
                query,
                bar,
                html or page_search.no_hits_html(worker.status, query, models),
                *hidden,
            ]
        state = ComparisonState(query, tuple(ranking.compact() for ranking in rankings))
        label = query_label(library, query.library_query(queries))
        return [query, bar, *comparison_values(state, rankings, models, label)]

    def comparison_values(
        state: ComparisonState, rankings: Sequence[Ranking], models: Sequence[Model], label: str
    ) -> list[Any]:
        query = state.query
        html = comparison_html(
            library, Comparison.of(*rankings), label, page_search.blind_to(query, models)
        )
        is_picture = len(query.active) == 1 and not query.active[0].text
        return [
            html,
            panel.closed(),
            "",
            gr.Row(visible=True),
            gr.Button(visible=is_picture),
            state,
        ]

    def first_view(live: LiveQuery, shown: Any) -> list[Any]:
        unchanged = [gr.skip()] * len(first_outputs)
        empty, example = live.query, worker.example
        if shown or not empty.is_empty:
            return unchanged
        waiting = waiting_html(library, worker.status, INVITATION)
        if example is None or not has_examples(library):
            return [*unchanged[:2], waiting, *unchanged[3:]]
        query = PageQuery.of_address({"picture": str(example.picture_id)})
        try:
            path = library_picture(library, example.picture_id)
            models = [library.registry.get(name) for name in example.models]
            state = ComparisonState(query, example.rankings)
            label = query_label(library, open_query(query))
            values = comparison_values(state, library.expand(example.rankings), models, label)
            bar = bar_html(library, query, {}, {})
        except TwinlensError:  # it was removed, or a store does not answer, which the status says
            return [*unchanged[:2], waiting, *unchanged[3:]]
        above = inputs.show(query, bar)
        return [*above, *values, path, True] if live.exchange(empty, query) else unchanged

    @show_errors
    def show_robustness(live: LiveQuery, names: Any, k: Any, progress: Any = PROGRESS) -> str:
        models = read_columns(names)
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        where = live.query.filters.expression()
        query = open_query(live.query)
        columns = [model.name for model in models]
        survival = library.robustness(query, columns, count, where, progress)
        titles = [model.display for model in models]
        return comparison_details.robustness_html(survival, titles, count)

    @show_errors
    def make_report(live: LiveQuery, names: Any, k: Any, state: ComparisonState | None) -> str:
        query = live.query
        if state is not None and state.query == query:
            charge(library)
            comparison = Comparison.of(*library.expand(state.rankings))
        else:  # the page is older than this process
            count = read_count(k, MAX_RESULTS, DEFAULT_K)
            queries = page_search.open_queries(library, query)
            comparison = Comparison.of(
                *page_search.rank(library, query, queries, read_columns(names), count)
            )
        models = [library.registry.get(ranking.model) for ranking in comparison.rankings]
        blind = page_search.blind_to(query, models)
        return comparison_details.report_html(library, open_query(query), comparison, blind)

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
    inputs.connect(
        respond,
        settings,
        outputs,
        hits=[panel.html],
        repeat=[picker.input, k.release],
        script=address.link_script("compare-query"),
        **asking,
    )
    model_inputs = [inputs.live, picker]
    panel.connect(inputs.live, state, lambda state: state.rankings)
    robust.click(show_robustness, [*model_inputs, k], robustness, **quiet, **costly("robustness"))
    name = "twinlens-comparison.html"
    downloads.save(
        save, make_report, name, "text/html", [*model_inputs, k, state], **costly("report")
    )
    first_outputs = [*inputs.shown, *outputs, image, shown]
    return CompareTab(
        ModelList((picker,), switch),
        k,
        inputs,
        result,
        [inputs.live, shown],
        first_outputs,
        first_view,
    )


def restore(
    compare: CompareTab, live: LiveQuery, ready: Sequence[Model], parameters: Mapping[str, str]
) -> tuple[list[Any], str]:
    """Replace the query by that of the page's address.

    Returns:
        The values of `compare.restored`, and why the address can't be followed, "" if it can.
    """
    values, count, reason = address.restore_query(compare.query, live, parameters)
    names = address.read_names(parameters["models"], [model.name for model in ready])
    return [*values, names if len(names) > 1 else gr.skip(), count], reason


def _models_picker() -> gr.Dropdown:
    return gr.Dropdown(
        [],
        label=browser_text("Models, 2 to 6"),
        elem_id="compare-models",
        multiselect=True,
        max_choices=MAX_MODELS,
        interactive=True,
    )
