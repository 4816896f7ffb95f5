"""The Search tab: one query, one model, its hits; details, recent queries, link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.search.engine import MAX_RESULTS
from searcher.search.results import CompactRanking, Ranking
from searcher.ui.components import address, history, page_search, scripts
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.picture_details import picture_html
from searcher.ui.components.query_bar import bar_html, with_previews
from searcher.ui.components.query_input import (
    examples,
    invitation,
    is_empty,
    query_image,
    region_html,
    region_switch,
)
from searcher.ui.components.query_inputs import QueryInputs, query_inputs, search_again
from searcher.ui.components.search_results import results_html
from searcher.ui.i18n import browser_text, gettext_noop
from searcher.ui.requests.arguments import read_count, read_event, read_ids, read_model
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
        model: The model's drop-down.
        k: The number of results.
        stored: The browser's recent queries.
        recent: Their row.
        result: The hits.
    """

    inputs: QueryInputs
    model: gr.Dropdown
    k: gr.Slider
    stored: gr.BrowserState
    recent: gr.HTML
    result: gr.HTML

    @property
    def restored(self) -> list[Any]:
        """The components whose values `restore` returns."""
        return [*self.inputs.components, self.model, self.k]


def build(library: Library, worker: Worker) -> Search:
    """Build the tab."""
    ranking_state = gr.State(None)  # the displayed ranking, compact
    stored = history.storage()
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("search-image")
            region = region_switch()
            inputs = query_inputs(library, "search", image)
            model = gr.Dropdown(
                [], label=browser_text("Model"), elem_id="search-model", interactive=True
            )
            k = results_slider("search-k")
            examples(library, image)
            recent = history.strip()
        with gr.Column(scale=3, min_width=300):
            inputs.render_bar()
            details = gr.HTML(elem_id="search-opened", js_on_load=scripts.BROWSE)
            result = gr.HTML(elem_id="search-result", js_on_load=scripts.BROWSE)

    def respond(query: PageQuery, is_new: bool, name: Any, k: Any, entries: Any) -> list[Any]:
        status = worker.status
        if is_empty(status) or query.is_empty:
            html = invitation(status, INVITATION)
            return [query, "", html, None, "", "", gr.skip(), gr.skip()]
        model_name = read_model(name, default_models(library.registry.ready(), 1)[0])
        chosen = library.registry.get(model_name)
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        queries = page_search.open_queries(library, query)
        ranking: Ranking | None = None
        html = page_search.refusal_html(query)
        if not query.parts:
            html = invitation(status, INVITATION)
        elif not html:
            (ranking,) = page_search.rank(library, query, queries, [chosen], count)
            html = page_search.no_hits_html(status, query, [chosen])
            if ranking.hits:
                html = results_html(library, status, ranking)
        query = with_previews(query, queries)
        unseen = page_search.unseen_parts(query, [chosen])
        shown = len(ranking.hits) if ranking and ranking.hits else count
        bar = bar_html(library, query, unseen, {"model": model_name, "k": str(shown)})
        updated: Any = gr.skip()
        if is_new and ranking and ranking.hits:
            updated = history.remember(entries, library, query, queries, model_name, count)
        row = history.strip_html(updated) if isinstance(updated, list) else gr.skip()
        image_part = query.part(query.image)
        compact = ranking.compact() if ranking else None
        return [query, bar, html, compact, "", region_html(image_part), updated, row]

    @show_errors
    def handle_click(ranking: CompactRanking | None, event: gr.EventData) -> Any:
        if read_event(event, "action") == "open":
            (picture_id,) = read_ids(read_event(event, "ids"))
            return picture_html(library, picture_id, ranking)
        return ""

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
        "concurrency_limit": 4,
        "concurrency_id": "search",
        **quiet,
    }
    settings = [model, k, stored]
    outputs = [result, ranking_state, details, region, stored, recent]
    inputs.connect(
        respond,
        settings,
        outputs,
        hits=[result, details],
        repeat=[model.input, k.release],
        region=region,
        script=address.link_script("search-query"),
        **asking,
    )
    for part in (result, details):
        part.click(handle_click, ranking_state, details, **quiet)
    result.input(switch_model, None, [model, inputs.replaced], **quiet)
    restored = [*inputs.components, model, k]
    recent.click(again, [inputs.live, stored], [*restored, stored, recent], **quiet)
    return Search(inputs, model, k, stored, recent, result)


def restore(
    search: Search, live: LiveQuery, ready: Sequence[Model], parameters: Mapping[str, str]
) -> list[Any]:
    """Replace the query by that of the page's address; return the values of `search.restored`."""
    values, count = address.restore_query(search.inputs, live, parameters)
    names = address.read_names(parameters["model"], [model.name for model in ready])
    return [*values, names[0] if names else gr.skip(), count]
