"""The Search tab: one query, one model, its hits; recent queries, link."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import StoreUnavailable
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.search.engine import MAX_RESULTS
from searcher.search.results import CompactRanking, Ranking
from searcher.ui.components import history, page_search, scripts
from searcher.ui.components.address import TabAddress, read_names, read_number_of, shown_hit
from searcher.ui.components.baselines import ModelList, baselines_switch, choices
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.hit_panel import hit_panel
from searcher.ui.components.query_address import query_state, read_query
from searcher.ui.components.query_bar import bar_html, empty_bar_html, with_previews
from searcher.ui.components.query_input import examples, invitation, query_image
from searcher.ui.components.query_inputs import QueryInputs, query_inputs, search_again
from searcher.ui.components.search_results import results_html
from searcher.ui.i18n import browser_text, gettext_noop
from searcher.ui.requests.arguments import read_count, read_event, read_model
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery

INVITATION = (
    gettext_noop("Drop a picture, paste one, or type words."),
    gettext_noop("The nearest pictures of the library appear here, best first."),
)


@dataclass(frozen=True)
class Search:
    """What the rest of the page uses of the tab.

    Attributes:
        inputs: The inputs of the query.
        models: The model's drop-down, with its switch for baselines.
        stored: The browser's recent queries.
        recent: Their row.
        result: The hits.
        address: Its part of the page's address.
    """

    inputs: QueryInputs
    models: ModelList
    stored: gr.BrowserState
    recent: gr.HTML
    result: gr.HTML
    address: TabAddress


def build(library: Library, worker: Worker) -> Search:
    """Build the tab."""
    ranking_state = gr.State(None)  # the displayed ranking, compact
    stored = history.storage()
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("search-image")
            inputs = query_inputs(library, "search", image)
            model = gr.Dropdown(
                [], label=browser_text("Model"), elem_id="search-model", interactive=True
            )
            switch = baselines_switch("search-baselines")
            k = results_slider("search-k")
            examples(library, image)
            recent = history.strip()
        with gr.Column(scale=3, min_width=300):
            inputs.render_bar()
            result = gr.HTML(elem_id="search-result", js_on_load=scripts.BROWSE)
            panel = hit_panel(library, "search")

    def respond(query: PageQuery, is_new: bool, name: Any, k: Any, entries: Any) -> list[Any]:
        status = worker.status
        model_name = read_model(name, default_models(library.registry.ready(), 1)[0])
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        link = query_state(library, query, tab="search", model=model_name, k=str(count))
        if status.is_empty or query.is_empty:
            page_search.check_uploads(library, query)
            html = invitation(INVITATION, "" if query.is_empty else status.version)
            return without_hits(query, link, html)
        try:
            return found(query, is_new, model_name, count, entries, link)
        except StoreUnavailable as error:
            return without_hits(query, link, page_search.outage_html(error, status))

    def without_hits(query: PageQuery, link: Mapping[str, str], html: str) -> list[Any]:
        skipped = [gr.skip()] * 2
        return [query, empty_bar_html(link), html, None, panel.closed(), *skipped]

    def found(
        query: PageQuery,
        is_new: bool,
        model_name: str,
        count: int,
        entries: Any,
        link: Mapping[str, str],
    ) -> list[Any]:
        status, chosen = worker.status, library.registry.get(model_name)
        queries = page_search.open_queries(library, query)
        ranking: Ranking | None = None
        html = page_search.refusal_html(query)
        if not query.parts:
            html = invitation(INVITATION)
        elif not html:
            (ranking,) = page_search.rank(library, query, queries, [chosen], count, is_new)
            html = page_search.no_hits_html(library, status, query, [chosen])
            if ranking.hits or ranking.own_copies:
                html = results_html(library, status, ranking)
        query = with_previews(query, queries)
        unseen = page_search.unseen_parts(query, [chosen])
        bar = bar_html(library, query, unseen, link)
        updated: Any = gr.skip()
        if is_new and ranking and ranking.hits:
            updated = history.remember(entries, library, query, queries, model_name, count)
        row = history.strip_html(updated) if isinstance(updated, list) else gr.skip()
        compact = ranking.compact() if ranking else None
        return [query, bar, html, compact, panel.closed(), updated, row]

    @show_errors
    def switch_model(event: gr.EventData) -> tuple[str, str]:
        return read_model(read_event(event, "name")), search_again()

    @show_errors
    def again(live: LiveQuery, entries: Any, event: gr.EventData) -> list[Any]:
        if read_event(event, "action") == "forget":
            return [*[gr.skip()] * 5, [], ""]
        entry = history.find(entries, read_event(event, "key"))
        ready = [model.name for model in worker.status.ready]
        chosen = entry.model if entry.model in ready else gr.skip()
        if not entry.image:
            values = inputs.put(live, entry.query)
        elif entry.shows(library, live.query.part(live.query.image)):
            live.query = live.query.only(live.query.image)
            values = [gr.skip(), "", search_again()]
        else:  # the picture box searches with its new picture
            live.query = PageQuery()
            values = [entry.upload(), "", gr.skip()]
        return [*values, chosen, entry.k, gr.skip(), gr.skip()]

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    asking: dict[str, Any] = {
        "show_progress_on": [result],
        "trigger_mode": "always_last",
        "queue": False,  # which would add two requests; DirectCalls limits them all the same
        "concurrency_limit": 4,
        "concurrency_id": "search",
        **quiet,
    }
    settings = [model, k, stored]
    outputs = [result, ranking_state, panel.html, stored, recent]
    bring_back = inputs.connect(
        respond,
        settings,
        outputs,
        hits=[result],
        panel=panel.html,
        repeat=[model.input, k.release, result.submit],
        **asking,
    )
    panel.connect(inputs.live, ranking_state, lambda ranking: [ranking])
    result.input(switch_model, None, [model, inputs.replaced], **quiet)
    restored = [*inputs.components, model, k]
    recent.click(again, [inputs.live, stored], [*restored, stored, recent], **quiet)

    def restore(
        parameters: Mapping[str, str],
        reasons: list[str],
        live: LiveQuery,
        name: Any,
        show: Any,
        stored: Any,
    ) -> tuple[list[Any], dict[str, str]]:
        ready = library.registry.ready()
        names = [model.name for model in ready]
        default = name if name in names else default_models(ready, 1)[0]
        chosen = (read_names([parameters["model"]], names, reasons) or [default])[0]
        count = read_number_of(parameters, "k", MAX_RESULTS, DEFAULT_K, reasons)
        query = read_query(library, parameters, reasons)
        values = bring_back(live, query, chosen, count, stored)
        ranking = values[2]
        state = query_state(library, query, tab="search", model=chosen, k=str(count))
        if query.is_empty and not (parameters["model"] or parameters["k"]):
            values[0], state = "", {"tab": "search"}  # as it opens
        state |= shown_hit(parameters, ranking.ids if isinstance(ranking, CompactRanking) else ())
        listed = choices(worker.status, show, chosen)
        return [*values, gr.Dropdown(choices=listed, value=chosen or None), count], state

    address = TabAddress(
        "search",
        restore,
        [inputs.live, model, switch, stored],
        [*inputs.brought_back(outputs), inputs.boxed, model, k],
    )
    return Search(inputs, ModelList((model,), switch), stored, recent, result, address)
