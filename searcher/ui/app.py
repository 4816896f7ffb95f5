"""The whole page: header, status, tabs, and the events that refresh them."""

from collections.abc import Iterable
from typing import Any

import gradio as gr

from searcher.evaluation.maps import Maps
from searcher.evaluation.measurements import Measurements
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui import toasts
from searcher.ui.api import endpoints
from searcher.ui.assets import static
from searcher.ui.components import (
    address,
    baselines,
    cost_section,
    history,
    jobs_line,
    report_form,
    status_text,
    undo,
)
from searcher.ui.components.defaults import default_models
from searcher.ui.components.dropzone import dropzone
from searcher.ui.components.first_view import Opening, has_examples
from searcher.ui.components.footer import footer
from searcher.ui.components.header import header
from searcher.ui.components.map_view import MapView
from searcher.ui.components.query_input import invitation
from searcher.ui.components.shared import SharedComponents
from searcher.ui.components.tour import tour
from searcher.ui.delivery.map_data import MapData
from searcher.ui.gradio_internals import keep_events
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.security.file_sizes import FileLimits
from searcher.ui.security.guarded_blocks import GuardedBlocks
from searcher.ui.tabs import arena_tab, compare_tab, evaluate_tab, map_tab, models_tab, search_tab
from searcher.ui.tabs import library_tab as pictures
from searcher.ui.templating import render

LIVE = static("live.js").read_text()
DAY_S = 86_400
MAX_NEWS = 20_000  # characters


def build(library: Library, worker: Worker, map_data: MapData) -> GuardedBlocks:
    """Build the page. The stores are not queried before the first visit.

    Args:
        library: The library that the page shows.
        worker: Its status is shown, and the page's buttons start its jobs.
        map_data: Gets what the maps show.

    Returns:
        The page, ready for `server.launch`.
    """
    # Gradio deletes uploads when it ends; while it runs, UploadFolder does.
    page = GuardedBlocks(
        title="Twinlens", analytics_enabled=False, delete_cache=(DAY_S, DAY_S), fill_width=True
    )
    read_only = library.settings.read_only
    measurements, maps = Measurements(library), Maps(library)
    with page:
        header(is_shared=library.settings.share and not library.settings.auth)
        tour()
        banner = gr.HTML(elem_id="status", js_on_load=LIVE)
        jobs = jobs_line.build(worker)
        # The page opens on a comparison of an example, where there is one.
        first = "compare" if has_examples(library) else "search"
        changes = undo.storage()
        with gr.Tabs(selected=first, elem_id="tabs", overflow_behavior="wrap") as tabs:
            with gr.Tab(browser_text("Compare"), id="compare", elem_id="tab-compare"):
                compare = compare_tab.build(library, worker)
            with gr.Tab(browser_text("Search"), id="search", elem_id="tab-search"):
                search = search_tab.build(library, worker)
            with gr.Tab(browser_text("Arena"), id="arena", elem_id="tab-arena") as tab:
                arena = arena_tab.build(library, worker, tab)
            shared = SharedComponents(tabs, search.inputs, changes)
            with gr.Tab(browser_text("Evaluate"), id="evaluate", elem_id="tab-evaluate") as tab:
                evaluate = evaluate_tab.build(library, worker, measurements, tab, shared)
            with gr.Tab(browser_text("Map"), id="map", elem_id="tab-map") as tab:
                view = MapView(library, maps, map_data)
                lives = [search.inputs.live, compare.inputs[0]]
                mapped = map_tab.build(library, worker, tab, shared, view, lives)
            with gr.Tab(browser_text("Library"), id="library", elem_id="tab-library") as tab:
                summary, pages = pictures.build(library, worker, tab, shared)
            with gr.Tab(browser_text("Models"), id="models", elem_id="tab-models") as tab:
                models_shown = models_tab.build(library, worker)
        endpoints.add(library, worker, measurements, maps)
        dropzone(FileLimits.of(library.settings), may_add=not read_only)
        report_form.build(library, [compare.report, *evaluate.reports, arena.report])
        footer(library.settings.source_url)
        address_bar = address.address_bar(first)

        previous = gr.State(None)
        news = gr.Textbox(visible="hidden")  # changes of a State fire no event without the queue
        lists = [search.models, mapped.models, compare.models]
        pickers = [picker for models in lists for picker in models.pickers]
        switches = [models.switch for models in lists]
        others = [arena.models.switch, evaluate.switch]
        (competitors,) = arena.models.pickers
        for models in [*lists, arena.models]:
            models.connect(worker)
        outputs: list[Any] = [
            previous,
            news,
            banner,
            jobs,
            summary,
            *models_shown.outputs,
            *pickers,
            *switches,
            *others,
            competitors,
            evaluate.cost_models,
            *compare.outputs,
        ]

        def refresh(
            previous: Status | None,
            live: LiveQuery,
            shown: Any,
            order: Any,
            *values: Any,
            is_opened: bool = False,
        ) -> list[Any]:
            status = worker.status
            if status == previous and not is_opened:
                return [gr.skip()] * len(outputs)
            names = [model.name for model in status.ready]
            *listed, competing, arena_shows = values
            selections, shows = listed[: len(pickers)], listed[len(pickers) :]
            show_of = [
                show for models, show in zip(lists, shows, strict=True) for _ in models.pickers
            ]
            first, second = default_models(status.ready, 2, status.covered)
            *single, several = selections
            defaults = [first, first, second]
            chosen = several if isinstance(several, list) else []
            remaining = [name for name in chosen if name in names]
            both = [name for name in dict.fromkeys([first, second]) if name]
            view = compare.first_view(live, shown)
            if view[-1] is True and worker.example:
                both, remaining = worker.example.models, []
            if len(remaining) < 2 and (previous is None or len(previous.ready) < 2):
                remaining = []  # not a choice: there was only one model so far

            def dropdown(number: int, default: Any, keep_value: bool) -> gr.Dropdown:
                # Without a value, a choice made during the request is not overwritten.
                value: dict[str, Any] = {} if keep_value else {"value": default or None}
                selected = selections[number] if keep_value else default
                options = baselines.choices(status, show_of[number], selected)
                return gr.Dropdown(choices=options, **value)

            return [
                status,
                status_text.finished(previous, status) or gr.skip(),
                render("status.html", status=status),
                jobs_line.jobs_html(status, read_only),
                pictures.summary_html(status),
                *models_shown.refreshed(status, () if is_opened else order),
                *(
                    dropdown(number, default, keep_value=selection in names)
                    for number, (selection, default) in enumerate(
                        zip(single, defaults, strict=True)
                    )
                ),
                dropdown(
                    len(single),
                    remaining or both,
                    keep_value=bool(remaining) and remaining == chosen,
                ),
                *(gr.Checkbox(visible=baselines.are_hidden(status)) for _ in [*switches, *others]),
                gr.Dropdown(choices=baselines.choices(status, arena_shows, competing or [])),
                cost_section.listed(status, previous),
                *view,
            ]

        @show_errors
        def announce(text: Any) -> None:
            toasts.info(read_text(text, MAX_NEWS), title=tr("Done"))

        inputs = [previous, *compare.inputs, models_shown.order, *pickers, *switches, competitors]
        inputs.append(arena.models.switch)
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "queue": False,
            "preprocess": False,
            "api_visibility": "private",
        }
        invitations = {
            search.result: search_tab.INVITATION,
            arena.duel: arena_tab.INVITATION,
            evaluate.result: evaluate_tab.INVITATION,
        }

        # One request for all that the first view needs.
        def first_view(
            request: gr.Request,
            stored: Any,
            previous: Status | None,
            live: LiveQuery,
            shown: Any,
            order: Any,
            *values: Any,
        ) -> list[Any]:
            # The example would flash up before what the page's address asks for.
            shown = shown or address.is_given(request)
            texts = [invitation(text) for text in invitations.values()]
            updated = refresh(previous, live, shown, order, *values)
            return [*texts, history.strip_html(stored), *updated]

        def opening(is_given: bool) -> Iterable[tuple[Any, Any]]:
            nothing = [*[None] * len(pickers), *[False] * len(switches), None, False]
            values = refresh(None, LiveQuery(), is_given, (), *nothing)
            seen = [banner, *compare.models.pickers, compare.models.switch]
            ids = {id(component) for component in (*seen, *compare.outputs)}
            pairs = zip(outputs, values, strict=True)
            return [(component, value) for component, value in pairs if id(component) in ids]

        page.first_values = Opening(worker, opening)
        first_outputs = [*invitations, search.recent, *outputs]
        first_event = page.load(first_view, [search.stored, *inputs], first_outputs, **quiet)
        parts = [search.address, compare.address, arena.address, evaluate.address]
        parts += [mapped.address, pages, address.plain("models")]
        address.connect(address_bar, first_event, parts, first, worker)

        def on_change(event: gr.EventData, *values: Any) -> list[Any]:
            return refresh(*values, is_opened=event.target is tab)

        # One at a time: an earlier status that comes late would stay.
        triggers = [banner.click, tab.select]
        gr.on(triggers, on_change, inputs, outputs, trigger_mode="always_last", **quiet)
        # Only queued events can show a toast.
        news.change(announce, news, None, show_progress="hidden", api_visibility="private")
        keep_events(page)
    return page
