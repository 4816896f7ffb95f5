"""The Library tab: summary, and adding, browsing, opening and removing pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from searcher.errors import StoreUnavailable
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.relabelling import set_label
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui import toasts
from searcher.ui.components import added, dataset_form, scripts, status_text, undo
from searcher.ui.components.address import TabAddress, read_number_of, shown_hit
from searcher.ui.components.hit_panel import hit_panel
from searcher.ui.components.library_list import View, list_html
from searcher.ui.components.page_search import outage_html
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import (
    MAX_FILTER,
    MAX_IDS,
    MAX_LABEL,
    MAX_PAGES,
    read_event,
    read_ids,
    read_number,
    read_text,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.parsing import refuse_if_read_only, uploaded_files
from searcher.ui.security.metered_library import add_for_visitor
from searcher.ui.templating import render

PROGRESS = gr.Progress()
TURNS = ("page", "order", "filter", "all", "samples")  # what shows another page
PICK_FOLDER = "() => document.dispatchEvent(new CustomEvent('tl-pick', { detail: 'folder' }))"


def build(
    library: Library, worker: Worker, tab: gr.Tab, shared: SharedComponents
) -> tuple[gr.HTML, TabAddress]:
    """Build the tab; return the summary, which the page refreshes, and its part of the address."""
    read_only = library.settings.read_only
    summary = gr.HTML(elem_id="library-summary")
    with gr.Accordion(
        browser_text("Add pictures"), open=False, visible=not read_only, elem_id="library-add"
    ):
        with gr.Row(elem_classes="tl-pages"):
            label = gr.Textbox(
                label=browser_text("Label"),
                info=browser_text("For pictures that come without a folder"),
                max_lines=1,
            )
            folder = gr.Button(browser_text("Choose a folder"), elem_id="library-folder")
        files = gr.File(
            file_count="multiple",
            label=browser_text(
                "Pictures and archives (.zip, .tar); with them, labels as COCO .json or .csv"
            ),
            elem_id="library-files",
            height=140,
        )
        dataset_fields, add_dataset = dataset_form.build()
        report = gr.HTML(elem_id="library-added", js_on_load=scripts.ADDED)
    filter_text = gr.Textbox(
        label=browser_text("Filter"),
        placeholder=browser_text("Words of a name or label"),
        elem_id="library-filter",
    )
    stored = shared.changes
    line = undo.line("library", tab, stored)
    gallery = gr.HTML(elem_id="library-shown", js_on_load=scripts.LIBRARY)
    panel = hit_panel(library, "library", has_query=False)
    page = gr.State(View())

    def page_of(view: View, chosen: Sequence[int] = ()) -> list[Any]:
        status = worker.status
        try:
            found = library.browse(*view)
            if view.number and not found[0]:  # its last pictures were removed
                view = view._replace(number=view.number - 1)
                found = library.browse(*view)
            return [list_html(library, worker, view, found, chosen), view]
        except StoreUnavailable as error:
            return [outage_html(error, status), view]

    @show_errors
    def show(filter_text: Any, shown: View) -> list[Any]:
        words = read_text(filter_text, MAX_FILTER)
        return page_of(shown if words == shown.words else shown._replace(words=words, number=0))

    @show_errors
    def filter_pages(filter_text: Any, shown: View) -> list[Any]:
        is_shown = filter_text == shown.words  # the page's address was followed
        return [gr.skip()] * 2 if is_shown else show(filter_text, shown)

    def restore(
        parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        number = read_number_of(parameters, "page_number", MAX_PAGES, 1, reasons) - 1
        view = View(parameters["filter"][:MAX_FILTER], number, parameters["order"] == "oldest")
        found = library.browse(*view)
        if number and not found[0]:
            reasons.append(tr("There is no page {number}.", number=number + 1))
            view = view._replace(number=0)
            found = library.browse(*view)
        state = view.link | shown_hit(parameters, [record.id for record in found[0]])
        return [view.words, panel.closed(), list_html(library, worker, view, found), view], state

    @show_errors
    def add_pictures(payload: Any, label: Any) -> str:
        refuse_if_read_only(library)
        title = read_text(label, MAX_LABEL)
        uploads = uploaded_files(payload, library.settings.max_upload_mb, with_folders=True)
        return added.added_html(add_for_visitor(library, uploads, title))

    @show_errors
    def add_from_hub(
        address: Any, split: Any, column: Any, rows: Any, progress: Any = PROGRESS
    ) -> str:
        refuse_if_read_only(library)
        dataset, result = dataset_form.add(library, address, split, column, rows, progress)
        return added.added_html(result, dataset_form.taken(dataset))

    def turned(shown: View, event: gr.EventData) -> tuple[View, Sequence[int]]:
        """Return what a click on the list asks to see, and the ids that it ticks."""
        action = read_event(event, "action")
        if action == "page":
            number = read_number(read_event(event, "number"))
            return shown._replace(number=round(min(max(number, 0), MAX_PAGES))), ()
        if action == "order":
            oldest = read_event(event, "order") == "oldest"
            return shown._replace(number=0, oldest=oldest), ()
        if action == "filter":
            words = read_text(read_event(event, "words"), MAX_FILTER)
            return shown._replace(number=0, words=words), ()
        if action == "all":
            return shown, library.matching(shown.words, MAX_IDS, shown.oldest)
        if action == "samples":
            worker.add_samples()
        return shown, ()

    @show_errors
    def handle_click(shown: View, stored: Any, event: gr.EventData) -> list[Any]:
        action, ids = read_event(event, "action"), read_ids(read_event(event, "ids") or [])
        unchanged = [gr.skip()] * 6
        if action == "open" and ids:
            return [panel.opened(ids[0]), *unchanged[1:]]
        if action in ("remove", "label"):
            refuse_if_read_only(library)
        if action == "remove" and ids:
            removal = trash.remove(library, ids)
            if not removal.count:
                text = tr("These pictures were not in the library any more.")
                toasts.warning(text, title=tr("Warning"))
            changed = undo.changed(stored, removal)
            return [panel.closed(), gr.skip(), *page_of(shown), *changed]
        if action == "label" and ids:
            label = read_text(read_event(event, "label"), MAX_LABEL)
            changed = undo.changed(stored, set_label(library, ids, label))
            return [gr.skip(), gr.skip(), *page_of(shown), *changed]
        if action in TURNS:
            view, chosen = turned(shown, event)
            text = view.words if view.words != shown.words else gr.skip()
            return [gr.skip(), text, *page_of(view, chosen), gr.skip(), gr.skip()]
        return unchanged

    @show_errors
    def choose(live: LiveQuery, event: gr.EventData) -> list[Any]:
        return [*shared.inputs.start(live, event), gr.Tabs(selected="search")]

    @show_errors
    def undo_change(shown: View, stored: Any, event: gr.EventData) -> list[Any]:
        answer = undo.answer(library, stored, event)
        return [*answer, *(page_of(shown) if undo.is_asked(event) else [gr.skip()] * 2)]

    pages = [gallery, page]
    quiet: dict[str, Any] = {"api_visibility": "private"}
    opened = tab.select(show, [filter_text, page], pages, **quiet)
    # A filter typed meanwhile may have been answered before.
    opened.then(filter_pages, [filter_text, page], pages, **quiet)
    filter_text.change(
        filter_pages, [filter_text, page], pages, trigger_mode="always_last", **quiet
    )
    adding: dict[str, Any] = {"concurrency_limit": 1, **quiet}
    # After an addition: what the visitor has come to meanwhile, without a flicker.
    anew: dict[str, Any] = {"fn": show, "inputs": [filter_text, page], "outputs": pages}
    anew |= {"show_progress": "hidden", **quiet}
    upload = files.upload(
        add_pictures,
        [files, label],
        report,
        preprocess=False,
        show_progress="hidden",  # the line of jobs has it
        **adding,
    )
    upload.then(None, None, files, js="() => null")  # also after an error
    upload.then(**anew)
    folder.click(None, None, None, js=PICK_FOLDER)
    # Of shelf.js and unanswered.js; an address may have been answered before.
    gallery.submit(trigger_mode="always_last", **anew).then(
        filter_pages, [filter_text, page], pages, **quiet
    )
    add_dataset.click(
        add_from_hub, dataset_fields, report, show_progress_on=[report], **adding
    ).then(**anew)
    start_outputs = [*shared.inputs.components, shared.tabs]
    clicked = [panel.html, filter_text, *pages, line, stored]
    for source in (gallery, panel.html):
        source.click(handle_click, [page, stored], clicked, **quiet)
        source.select(choose, shared.inputs.live, start_outputs, **quiet)
    line.click(undo_change, [page, stored], [line, stored, *pages], **quiet)
    return summary, TabAddress("library", restore, outputs=[filter_text, panel.html, *pages])


def summary_html(status: Status) -> str:
    """Render the number of pictures and each model's coverage."""
    coverage = [
        (
            model.display,
            status_text.coverage(status, model),
            min(status.covered(model.name), status.pictures) / max(status.pictures, 1),
        )
        for model in status.ready
    ]
    return render("library.html", status=status, coverage=coverage)
