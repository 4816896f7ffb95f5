"""The Compare tab: one query, two models, their agreement, and explanations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import Query
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.ui.components import address, comparison_details, downloads, page_search, scripts
from searcher.ui.components.comparison import comparison_html
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.query_bar import bar_html, with_previews
from searcher.ui.components.query_input import examples, invitation, is_empty, query_image
from searcher.ui.components.query_inputs import QueryInputs, query_inputs
from searcher.ui.i18n import browser_text, gettext_noop
from searcher.ui.requests.arguments import read_count, read_event, read_id, read_model, read_models
from searcher.ui.requests.error_handling import raise_refusals, show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

INVITATION = (
    gettext_noop("One query, two models."),
    gettext_noop("Drop a picture or type words to see what each model finds, side by side."),
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
class Compare:
    """What the rest of the page uses of the tab.

    Attributes:
        inputs: The inputs of the query.
        pickers: The drop-downs of models.
        k: The number of results.
        result: The rankings, or the invitation.
    """

    inputs: QueryInputs
    pickers: Pickers
    k: gr.Slider
    result: gr.HTML

    @property
    def restored(self) -> list[Any]:
        """The components whose values `restore` returns."""
        pickers = self.pickers
        return [*self.inputs.components, pickers.a, pickers.b, pickers.others, self.k]


@dataclass(frozen=True)
class ComparisonState:
    """The displayed comparison: its query, and both rankings."""

    query: PageQuery
    a: CompactRanking
    b: CompactRanking


def build(library: Library, worker: Worker) -> Compare:
    """Build the tab."""
    state = gr.State(None)
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("compare-image")
            inputs = query_inputs(library, "compare", image)
            pickers = _pickers()
            k = results_slider("compare-k")
            examples(library, image)
        with gr.Column(scale=3, min_width=300):
            inputs.render_bar()
            result = gr.HTML(elem_id="compare-result", js_on_load=scripts.COMPARE)
            why = gr.HTML(elem_id="compare-why")
            with gr.Row(visible=False, elem_classes="tl-buttons") as buttons:
                robust = gr.Button(
                    browser_text("How robust is this?"), size="sm", elem_id="compare-robust"
                )
                save = gr.Button(browser_text("Save as report"), size="sm", elem_id="compare-save")
            robustness = gr.HTML(elem_id="compare-robustness")

    def read_pair(a: Any, b: Any) -> list[Model]:
        first, second = default_models(library.registry.ready(), 2)
        return [library.registry.get(read_model(n, d)) for n, d in ((a, first), (b, second))]

    def open_query(query: PageQuery) -> Query:
        return query.library_query(page_search.open_queries(library, query))

    def respond(query: PageQuery, is_new: bool, a: Any, b: Any, k: Any, others: Any) -> list[Any]:
        hidden = "", "", gr.Row(visible=False), gr.skip(), None
        if is_empty(worker.status) or query.is_empty:
            return [query, "", invitation(worker.status, INVITATION), *hidden]
        names, count = read_models(others, MAX_OTHERS), read_count(k, MAX_RESULTS, DEFAULT_K)
        models = [*read_pair(a, b), *(library.registry.get(name) for name in names)]
        queries = page_search.open_queries(library, query)
        html = page_search.refusal_html(query)
        if not query.parts:
            html = invitation(worker.status, INVITATION)
        rankings: list[Ranking] = []
        if not html:
            rankings = page_search.rank(library, query, queries, models, count)
        query = with_previews(query, queries)
        listed = ",".join(model.name for model in models)
        link = {"tab": "compare", "models": listed, "k": str(count)}
        bar = bar_html(library, query, page_search.unseen_parts(query, models), link)
        if not any(ranking.hits for ranking in rankings):
            return [
                query,
                bar,
                html or page_search.no_hits_html(worker.status, query, models),
                *hidden,
            ]
        first, second, *more = rankings
        blind = {model.name for model in models if not page_search.is_seen(query, model)}
        html = comparison_html(library, Comparison.of(first, second), more, blind)
        has_both = blind.isdisjoint({first.model, second.model})
        is_picture = len(query.active) == 1 and not query.active[0].text
        state = ComparisonState(query, first.compact(), second.compact())
        buttons = gr.Row(visible=has_both), gr.Button(visible=is_picture)
        return [query, bar, html, "", "", *buttons, state]

    def show_explanation(
        live: LiveQuery, a: Any, b: Any, event: gr.EventData, progress: Any = PROGRESS
    ) -> Iterator[Any]:
        query = live.query
        with raise_refusals():
            pair = {
                key: m.name
                for key, m in zip("ab", read_pair(a, b), strict=True)
                if page_search.is_seen(query, m)
            }
            picture_id = read_id(read_event(event, "id"))
            yield from comparison_details.why(
                library, open_query(query), picture_id, pair, progress
            )

    @show_errors
    def show_robustness(live: LiveQuery, a: Any, b: Any, k: Any, progress: Any = PROGRESS) -> str:
        pair = read_pair(a, b)
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        names = [model.name for model in pair]
        survival = library.robustness(open_query(live.query), names, count, progress)
        titles = [model.display for model in pair]
        return comparison_details.robustness_html(survival, titles, count)

    @show_errors
    def make_report(live: LiveQuery, a: Any, b: Any, k: Any, state: ComparisonState | None) -> str:
        query = live.query
        if state is not None and state.query == query:
            charge(library)
            comparison = Comparison.of(*library.expand([state.a, state.b]))
        else:  # the page is older than this process
            count = read_count(k, MAX_RESULTS, DEFAULT_K)
            queries = page_search.open_queries(library, query)
            comparison = Comparison.of(
                *page_search.rank(library, query, queries, read_pair(a, b), count)
            )
        return comparison_details.report_html(library, open_query(query), comparison)

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    asking: dict[str, Any] = {
        "trigger_mode": "always_last",
        "show_progress_on": [result],
        "concurrency_limit": 4,
        "concurrency_id": "compare",
        **quiet,
    }
    settings = [pickers.a, pickers.b, k, pickers.others]
    outputs = [result, why, robustness, buttons, robust, state]
    inputs.connect(
        respond,
        settings,
        outputs,
        hits=[result],
        repeat=[pickers.a.input, pickers.b.input, pickers.others.input, k.release],
        script=address.link_script("compare-query"),
        **asking,
    )
    pair_inputs = [inputs.live, pickers.a, pickers.b]
    result.click(show_explanation, pair_inputs, why, **quiet, **costly("explain"))
    robust.click(show_robustness, [*pair_inputs, k], robustness, **quiet, **costly("robustness"))
    name = "twinlens-comparison.html"
    downloads.save(
        save, make_report, name, "text/html", [*pair_inputs, k, state], **costly("report")
    )
    return Compare(inputs, pickers, k, result)


def restore(
    compare: Compare, live: LiveQuery, ready: Sequence[Model], parameters: Mapping[str, str]
) -> list[Any]:
    """Replace the query by that of the page's address; return the values of `compare.restored`."""
    values, count = address.restore_query(compare.inputs, live, parameters)
    names = address.read_names(parameters["models"], [model.name for model in ready])
    if len(names) < 2:
        return [*values, gr.skip(), gr.skip(), gr.skip(), count]
    return [*values, names[0], names[1], names[2:], count]


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
