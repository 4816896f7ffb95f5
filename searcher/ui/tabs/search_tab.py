"""The Search tab: one query, one model, its hits; regions, details, recent queries, link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from searcher.errors import InvalidRequest, NotFound
from searcher.images.pictures import Box
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.models.registry import Model
from searcher.search.duplicates import fold
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import PictureQuery, Query, StoredQuery
from searcher.search.results import CompactRanking, Ranking
from searcher.ui.components import history, scripts, status_text
from searcher.ui.components.defaults import DEFAULT_K, default_models, results_slider
from searcher.ui.components.picture_details import picture_html
from searcher.ui.components.query_input import (
    examples,
    invitation,
    is_empty,
    query_image,
    region_html,
    region_switch,
)
from searcher.ui.i18n import browser_text, gettext_noop, sentence
from searcher.ui.requests.arguments import read_box, read_count, read_event, read_ids, read_model
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import library_picture, read_query
from searcher.ui.templating import render

INVITATION = (
    gettext_noop("Drop a picture, or paste one."),
    gettext_noop("The nearest pictures of the library appear here, best first."),
)
# Puts the query into the URL of the page, so that it can be shared.
LINK = """() => {
  const result = document.querySelector("#search-result [data-link]");
  const address = new URL(location);
  for (const key of ["model", "k", "picture"]) address.searchParams.delete(key);
  for (const [key, value] of new URLSearchParams(result?.dataset.link)) {
    address.searchParams.set(key, value);
  }
  history.replaceState(history.state, "", address);
}"""


@dataclass(frozen=True)
class Search:
    """Components of the tab that the rest of the page uses."""

    image: gr.Image
    model: gr.Dropdown
    k: gr.Slider
    stored: gr.BrowserState
    recent: gr.HTML
    result: gr.HTML


def build(library: Library, worker: Worker) -> Search:
    """Build the tab."""
    box = gr.State(None)
    ranking_state = gr.State(None)  # the displayed ranking, compact
    stored = history.storage()
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("search-image")
            region = region_switch()
            model = gr.Dropdown(
                [], label=browser_text("Model"), elem_id="search-model", interactive=True
            )
            k = results_slider("search-k")
            examples(library, image)
            recent = history.strip()
        with gr.Column(scale=3, min_width=300):
            details = gr.HTML(elem_id="search-opened", js_on_load=scripts.BROWSE)
            result = gr.HTML(elem_id="search-result", js_on_load=scripts.BROWSE)

    def ask(payload: Any, name: Any, k: Any, box: Box | None) -> tuple[PictureQuery, Ranking]:
        query = replace(read_query(library, payload), box=box)
        model = read_model(name, default_models(library.registry.ready(), 1)[0])
        return query, library.search(query, model, read_count(k, MAX_RESULTS, DEFAULT_K))

    def results(payload: Any, query: Query, ranking: Ranking, box: Box | None) -> list[Any]:
        html = results_html(library, worker, query, ranking)
        return [html, ranking.compact(), "", box, region_html(payload, box)]

    @show_errors
    def show(payload: Any, name: Any, k: Any, box: Box | None) -> list[Any]:
        if not payload or is_empty(worker.status):
            return [invitation(worker.status, INVITATION), None, "", None, ""]
        query, ranking = ask(payload, name, k, box)
        return results(payload, query, ranking, box)

    @show_errors
    def show_new(payload: Any, name: Any, k: Any, stored: Any) -> list[Any]:
        if not payload or is_empty(worker.status):
            return [*show(payload, name, k, None), gr.skip(), gr.skip()]
        query, ranking = ask(payload, name, k, None)
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        updated = history.remember(stored, library, query, ranking.model, count)
        return [*results(payload, query, ranking, None), updated, history.strip_html(updated)]

    @show_errors
    def show_region(payload: Any, name: Any, k: Any, event: gr.EventData) -> list[Any]:
        is_box = read_event(event, "action") == "box"
        return show(payload, name, k, read_box(read_event(event, "box")) if is_box else None)

    @show_errors
    def handle_click(ranking: CompactRanking | None, event: gr.EventData) -> tuple[Any, Any]:
        action, ids = read_event(event, "action"), read_ids(read_event(event, "ids") or [])
        if action == "close" or not ids:
            return "", gr.skip()
        if action == "query":
            return "", library_picture(library, ids[0])
        return picture_html(library, ids[0], ranking), gr.skip()

    @show_errors
    def again(stored: Any, event: gr.EventData) -> list[Any]:
        if read_event(event, "action") == "forget":
            return [gr.skip(), gr.skip(), gr.skip(), [], ""]
        entry = history.find(stored, read_event(event, "key"))
        ready = [model.name for model in worker.status.ready]
        model = entry.model if entry.model in ready else gr.skip()
        return [entry.value(library), model, entry.k, gr.skip(), gr.skip()]

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    asking: dict[str, Any] = {
        "show_progress_on": [result],
        "trigger_mode": "always_last",
        "queue": False,  # which would add two requests; DirectCalls limits them all the same
        "concurrency_limit": 4,
        "concurrency_id": "search",
        **quiet,
    }
    outputs = [result, ranking_state, details, box, region]
    for event in (
        image.change(show_new, [image, model, k, stored], [*outputs, stored, recent], **asking),
        gr.on([model.input, k.release], show, [image, model, k, box], outputs, **asking),
        region.click(show_region, [image, model, k], outputs, **asking),
    ):
        event.then(None, js=LINK, api_visibility="private")
    for part in (result, details):
        part.click(handle_click, [ranking_state], [details, image], **quiet)
    recent.click(again, [stored], [image, model, k, stored, recent], **quiet)
    return Search(image, model, k, stored, recent, result)


def restore(library: Library, ready: Sequence[Model], request: gr.Request) -> list[Any]:
    """Return picture, model and number of results from the page's URL, and why it is outdated."""
    parameters = request.query_params
    picture, model, k = (str(parameters.get(key) or "") for key in ("picture", "model", "k"))
    count = min(int(k[:3]), MAX_RESULTS) if k.isdecimal() else DEFAULT_K
    value: Any = gr.skip()
    reason: Any = gr.skip()
    if picture:
        try:
            value = library_picture(library, picture)
        except (NotFound, InvalidRequest) as error:  # an outdated link
            reason = sentence(error.message)
    names = [model.name for model in ready]
    model_value = model if model in names else gr.skip()
    return [value, model_value, max(1, count) if k else gr.skip(), reason]


def results_html(library: Library, worker: Worker, query: Query, ranking: Ranking) -> str:
    """Render the timings and the hits, with near-duplicates folded."""
    status = worker.status
    model = next((m for m in status.ready if m.name == ranking.model), None)
    lacking = model is not None and status.covered(model.name) < status.pictures
    link = {"model": ranking.model, "k": len(ranking.hits)}
    if isinstance(query, StoredQuery):
        link["picture"] = query.picture_id
    return render(
        "results.html",
        ranking=ranking,
        groups=fold(ranking.hits),
        percentiles=library.percentiles(ranking.model, ranking.signature),
        pictures=status.pictures,
        link=urlencode(link),
        partly=status_text.coverage(status, model) if model and lacking else "",
    )
