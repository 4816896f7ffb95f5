"""The whole page: header, status, tabs, and the events that refresh them."""

from typing import Any

import gradio as gr

from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui import toasts
from searcher.ui.api import endpoints
from searcher.ui.assets import static
from searcher.ui.components import history, status_text
from searcher.ui.components.address import read_address
from searcher.ui.components.defaults import default_models
from searcher.ui.components.header import header
from searcher.ui.components.query_input import invitation
from searcher.ui.components.shared import SharedComponents
from searcher.ui.events import version_of
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.security.guarded_blocks import GuardedBlocks
from searcher.ui.tabs import arena_tab, compare_tab, evaluate_tab, models_tab, search_tab
from searcher.ui.tabs import library_tab as pictures
from searcher.ui.tabs import map_tab as maps
from searcher.ui.templating import render

LIVE = static("live.js").read_text()
DAY_S = 86_400
MAX_NEWS = 20_000  # characters


def build(library: Library, worker: Worker) -> gr.Blocks:
    """Build the page. The stores are not queried before the first visit.

    Args:
        library: The library that the page shows.
        worker: Its status is shown, and the page's buttons start its jobs.

    Returns:
        The page, ready for `server.launch`.
    """
    # Gradio deletes uploads when it ends; while it runs, UploadFolder does.
    page = GuardedBlocks(
        title="Twinlens", analytics_enabled=False, delete_cache=(DAY_S, DAY_S), fill_width=True
    )
    read_only = library.settings.read_only
    with page:
        header(FileLimits.of(library.settings))
        banner = gr.HTML(elem_id="status", js_on_load=LIVE)
        retry = gr.Button(browser_text("Try again"), size="sm", visible=False, elem_id="retry")
        with gr.Tabs() as tabs:
            with gr.Tab(browser_text("Search"), id="search", elem_id="tab-search"):
                search = search_tab.build(library, worker)
            with gr.Tab(browser_text("Compare"), id="compare", elem_id="tab-compare"):
                compare = compare_tab.build(library, worker)
                pickers = compare.pickers
            with gr.Tab(browser_text("Arena"), id="arena", elem_id="tab-arena") as tab:
                duel = arena_tab.build(library, tab)
            with gr.Tab(browser_text("Evaluate"), id="evaluate", elem_id="tab-evaluate"):
                evaluation = evaluate_tab.build(library)
            shared = SharedComponents(tabs, search.inputs)
            with gr.Tab(browser_text("Map"), id="map", elem_id="tab-map") as tab:
                map_pickers = maps.build(library, worker, tab, shared)
            with gr.Tab(browser_text("Library"), id="library", elem_id="tab-library") as tab:
                summary = pictures.build(library, tab, shared)
            with gr.Tab(browser_text("Models"), id="models", elem_id="tab-models"):
                model_list = models_tab.build(library, worker)
        endpoints.add(library, worker)

        previous = gr.State(None)
        news = gr.Textbox(visible="hidden")  # changes of a State fire no event without the queue
        selections = [search.model, pickers.a, pickers.b, *map_pickers, pickers.others]
        outputs: list[Any] = [previous, news, banner, retry, model_list, summary, *selections]

        def refresh(previous: Status | None, *selections: Any) -> list[Any]:
            status = worker.status
            if status == previous:
                return [gr.skip()] * len(outputs)
            choices = status_text.model_choices(status)
            names = [name for _, name in choices]
            first, second = default_models(status.ready, 2, status.covered)
            *single, others = selections
            defaults = [first, first, second, first, second]
            remaining = [
                name for name in (others if isinstance(others, list) else []) if name in names
            ]

            def dropdown(default: Any, keep_value: bool) -> gr.Dropdown:
                # Without a value, a choice made during the request is not overwritten.
                value: dict[str, Any] = {} if keep_value else {"value": default or None}
                return gr.Dropdown(choices=choices, **value)

            return [
                status,
                status_text.finished(previous, status) or gr.skip(),
                render("status.html", status=status, version=version_of(status)),
                gr.Button(visible=status.can_retry),
                models_tab.models_html(status, read_only),
                pictures.summary_html(status),
                *(
                    dropdown(default, keep_value=selection in names)
                    for selection, default in zip(single, defaults, strict=True)
                ),
                dropdown(remaining, keep_value=remaining == (others or [])),
            ]

        @show_errors
        def try_again() -> None:
            worker.retry()

        @show_errors
        def announce(text: Any) -> None:
            toasts.info(read_text(text, MAX_NEWS), title=tr("Done"))

        inputs = [previous, *selections]
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "queue": False,
            "preprocess": False,
            "api_visibility": "private",
        }
        invitations = {
            search.result: search_tab.INVITATION,
            compare.result: compare_tab.INVITATION,
            duel: arena_tab.INVITATION,
            evaluation: evaluate_tab.INVITATION,
        }

        def invite() -> list[str]:
            return [invitation(worker.status, text) for text in invitations.values()]

        invitation_event = page.load(invite, None, list(invitations), **quiet)
        refresh_event = invitation_event.then(refresh, inputs, outputs, **quiet)
        page.load(history.strip_html, search.stored, search.recent, **quiet)

        @show_errors
        def restore(live: LiveQuery, live_comparison: LiveQuery, request: gr.Request) -> list[Any]:
            parameters, ready = read_address(request), worker.status.ready
            if parameters["tab"] == "compare":
                values = compare_tab.restore(compare, live_comparison, ready, parameters)
                return [gr.Tabs(selected="compare"), *[gr.skip()] * len(search.restored), *values]
            values = search_tab.restore(search, live, ready, parameters)
            return [gr.skip(), *values, *[gr.skip()] * len(compare.restored)]

        restore_options = quiet | {"queue": True}
        restored = [tabs, *search.restored, *compare.restored]
        lives = [search.inputs.live, compare.inputs.live]
        refresh_event.then(restore, lives, restored, **restore_options)
        banner.click(refresh, inputs, outputs, trigger_mode="always_last", **quiet)
        # Only queued events can show a toast.
        news.change(announce, news, None, show_progress="hidden", api_visibility="private")
        retry.click(try_again, api_visibility="private")
    return page
