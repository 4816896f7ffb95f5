"""The Library tab: summary, and adding, browsing, opening and removing pictures."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import gradio as gr

from searcher.library import trash
from searcher.library.core import Library
from searcher.library.relabelling import set_label
from searcher.library.status import Status
from searcher.library.uploads import count
from searcher.stores.records import Record
from searcher.ui import toasts
from searcher.ui.components import added, dataset_form, scripts, status_text, undo
from searcher.ui.components.address import TabAddress, read_number_of, shown_hit
from searcher.ui.components.hit_panel import hit_panel
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import MAX_FILTER, MAX_LABEL, read_event, read_ids, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.parsing import refuse_if_read_only, uploaded_files
from searcher.ui.security.metered_library import add_for_visitor, current_visitor
from searcher.ui.templating import render

PROGRESS = gr.Progress()
MAX_PAGES = 100_000
MAX_LABELS = 200  # that are proposed


class Page(NamedTuple):
    """What is shown: the words of the filter, and the number of the page, from 0."""

    words: str = ""
    number: int = 0


def build(library: Library, tab: gr.Tab, shared: SharedComponents) -> tuple[gr.HTML, TabAddress]:
    """Build the tab; return the summary, which the page refreshes, and its part of the address."""
    read_only = library.settings.read_only
    summary = gr.HTML(elem_id="library-summary")
    with gr.Accordion(
        browser_text("Add pictures"), open=False, visible=not read_only, elem_id="library-add"
    ):
        files = gr.File(
            file_count="multiple",
            label=browser_text(
                "Pictures and archives (.zip, .tar); with them, labels as COCO .json or .csv"
            ),
            elem_id="library-files",
            height=140,
        )
        with gr.Row(elem_classes="tl-pages"):
            label = gr.Textbox(
                label=browser_text("Label"),
                info=browser_text("For pictures that come without a folder"),
                max_lines=1,
            )
            add = gr.Button(browser_text("Add"), variant="primary", elem_id="library-add-button")
            cancel = gr.Button(browser_text("Stop"), elem_id="library-cancel")
        dataset_fields, add_dataset = dataset_form.build()
        report = gr.HTML(elem_id="library-added")
    with gr.Row(elem_classes="tl-pages"):
        filter_text = gr.Textbox(
            label=browser_text("Filter"),
            placeholder=browser_text("Words of a name or label"),
            elem_id="library-filter",
        )
        newer = gr.Button(
            browser_text("← Newer"), size="sm", interactive=False, elem_id="library-newer"
        )
        older = gr.Button(
            browser_text("Older →"), size="sm", interactive=False, elem_id="library-older"
        )
    stored = shared.changes
    line = undo.line("library", tab, stored)
    gallery = gr.HTML(elem_id="library-shown", js_on_load=scripts.BROWSE)
    panel = hit_panel(library, "library", has_query=False)
    page = gr.State(Page())

    def page_of(value: Any, number: int) -> list[Any]:
        filter_text = read_text(value, MAX_FILTER)
        return show_page(filter_text, number, *library.browse(filter_text, number))

    def show_page(filter_text: str, number: int, records: list[Record], more: bool) -> list[Any]:
        html = render(
            "browse.html",
            records=records,
            labels=[] if read_only else list(library.records.index.labels())[:MAX_LABELS],
            words=filter_text,
            number=number,
            read_only=read_only,
            link=_state(filter_text, number),
        )
        shown = Page(filter_text, number)
        return [html, shown, gr.Button(interactive=number > 0), gr.Button(interactive=more)]

    @show_errors
    def turn(filter_text: Any, shown: Page, step: int) -> list[Any]:
        return page_of(filter_text, max(0, shown.number + step))

    @show_errors
    def filter_pages(filter_text: Any, shown: Page) -> list[Any]:
        is_shown = filter_text == shown.words  # the page's address was followed
        return [gr.skip()] * len(pages) if is_shown else page_of(filter_text, 0)

    def restore(
        parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        words = parameters["filter"][:MAX_FILTER]
        number = read_number_of(parameters, "page_number", MAX_PAGES, 1, reasons) - 1
        records, more = library.browse(words, number)
        if number and not records:
            reasons.append(tr("There is no page {number}.", number=number + 1))
            number = 0
            records, more = library.browse(words, number)
        state = _state(words, number) | shown_hit(parameters, [record.id for record in records])
        return [words, panel.closed(), *show_page(words, number, records, more)], state

    @show_errors
    def add_pictures(
        payload: Any, label: Any, filter_text: Any, progress: Any = PROGRESS
    ) -> list[Any]:
        refuse_if_read_only(library)
        title = read_text(label, MAX_LABEL)
        uploads = uploaded_files(payload, library.settings.max_upload_mb)
        started = time.monotonic()

        total = count(uploads)

        def advance(completed: int) -> None:
            rate = completed / (time.monotonic() - started)
            remaining_s = (total - completed) / rate
            description = tr("{rate:.1f} a second, {left:.0f} s left", rate=rate, left=remaining_s)
            progress((completed, total), desc=description, unit=tr("pictures"))

        result = add_for_visitor(library, uploads, title, advance)
        return [added.added_html(result), None, *page_of(filter_text, 0)]

    @show_errors
    def add_from_hub(
        address: Any, split: Any, column: Any, rows: Any, filter_text: Any, progress: Any = PROGRESS
    ) -> list[Any]:
        refuse_if_read_only(library)
        dataset, result = dataset_form.add(library, address, split, column, rows, progress)
        return [added.added_html(result, dataset_form.taken(dataset)), *page_of(filter_text, 0)]

    @show_errors
    def stop_adding() -> None:
        # By visitor, since a reloaded page has a new session.
        library.jobs.stop(current_visitor(), "job.adding", "job.adding_dataset")

    @show_errors
    def handle_click(filter_text: Any, shown: Page, stored: Any, event: gr.EventData) -> list[Any]:
        action, ids = read_event(event, "action"), read_ids(read_event(event, "ids") or [])
        unchanged = [gr.skip()] * 7
        if action == "open" and ids:
            return [panel.opened(ids[0]), *unchanged[1:]]
        if action == "remove" and ids:
            refuse_if_read_only(library)
            removal = trash.remove(library, ids)
            if not removal.count:
                text = tr("These pictures were not in the library any more.")
                toasts.warning(text, title=tr("Warning"))
            changed = undo.changed(stored, removal)
            return [panel.closed(), *page_of(filter_text, shown.number), *changed]
        if action == "label" and ids:
            refuse_if_read_only(library)
            label = read_text(read_event(event, "label"), MAX_LABEL)
            changed = undo.changed(stored, set_label(library, ids, label))
            return [gr.skip(), *page_of(filter_text, shown.number), *changed]
        return unchanged

    @show_errors
    def choose(live: LiveQuery, event: gr.EventData) -> list[Any]:
        return [*shared.inputs.start(live, event), gr.Tabs(selected="search")]

    @show_errors
    def undo_change(filter_text: Any, shown: Page, stored: Any, event: gr.EventData) -> list[Any]:
        answer = undo.answer(library, stored, event)
        is_asked = undo.is_asked(event)
        return [*answer, *(page_of(filter_text, shown.number) if is_asked else [gr.skip()] * 4)]

    pages = [gallery, page, newer, older]
    quiet: dict[str, Any] = {"api_visibility": "private"}
    opened = tab.select(turn, [filter_text, page, gr.State(0)], pages, **quiet)
    # A filter typed meanwhile may have been answered before.
    opened.then(filter_pages, [filter_text, page], pages, **quiet)
    filter_text.change(
        filter_pages, [filter_text, page], pages, trigger_mode="always_last", **quiet
    )
    newer.click(turn, [filter_text, page, gr.State(-1)], pages, **quiet)
    older.click(turn, [filter_text, page, gr.State(1)], pages, **quiet)
    add.click(
        add_pictures,
        [files, label, filter_text],
        [report, files, *pages],
        preprocess=False,
        show_progress_on=[report],
        concurrency_limit=1,
        **quiet,
    )
    add_dataset.click(
        add_from_hub,
        [*dataset_fields, filter_text],
        [report, *pages],
        show_progress_on=[report],
        concurrency_limit=1,
        **quiet,
    )
    cancel.click(stop_adding, queue=False, **quiet)
    start_outputs = [*shared.inputs.components, shared.tabs]
    for source in (gallery, panel.html):
        source.click(
            handle_click, [filter_text, page, stored], [panel.html, *pages, line, stored], **quiet
        )
        source.select(choose, shared.inputs.live, start_outputs, **quiet)
    line.click(undo_change, [filter_text, page, stored], [line, stored, *pages], **quiet)
    return summary, TabAddress("library", restore, outputs=[filter_text, panel.html, *pages])


def _state(filter_text: str, number: int) -> dict[str, str]:
    state = {"tab": "library"} | ({"filter": filter_text} if filter_text else {})
    return state | ({"page_number": str(number + 1)} if number else {})


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
