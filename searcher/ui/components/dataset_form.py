"""The fields of the Library tab that name a data set of the Hub, and what was taken of it."""

import contextvars
import time
from typing import Any

import gradio as gr
from gradio.components import Component

from searcher.datasets.dataset_address import Selection, parse_reference
from searcher.datasets.hub_dataset import HubDataset
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import MAX_FILTER, MAX_LABEL, read_count, read_text
from searcher.ui.security.metered_library import add_dataset_for_visitor

DEFAULT_ROWS = 500
MAX_ROWS = 100_000
MB = 10**6


def build() -> tuple[list[Component], gr.Button]:
    """Build the fields; return the inputs of `add`, and the button."""
    with gr.Row(elem_classes="tl-pages"):
        address = gr.Textbox(
            label=browser_text("Or a data set of the Hugging Face Hub"),
            placeholder="hf:datasets/OWNER/NAME",
            max_lines=1,
            scale=3,
            elem_id="library-dataset",
        )
        split = gr.Textbox(label=browser_text("Split"), placeholder="train", max_lines=1)
        column = gr.Textbox(label=browser_text("Class column"), max_lines=1)
        rows = gr.Number(
            DEFAULT_ROWS, label=browser_text("Rows at most"), minimum=1, maximum=MAX_ROWS
        )
        button = gr.Button(browser_text("Add the data set"), elem_id="library-dataset-button")
    return [address, split, column, rows], button


def add(
    library: Library, address: Any, split: Any, column: Any, rows: Any, progress: Any = None
) -> tuple[HubDataset, Report]:
    """Add pictures of a data set for the current visitor.

    Args:
        library: The library.
        address: The untrusted address.
        split: The untrusted name of a split, empty for the default.
        column: The untrusted name of the column of labels, empty for the default.
        rows: The untrusted number of rows, at most MAX_ROWS.
        progress: Gradio's progress; None for none.

    Returns:
        The data set, and what was added and skipped.

    Raises:
        InvalidRequest: A value has the wrong type.
        BadDataset: The data set can't be read; see `HubDataset`.
        NotAllowed: The settings forbid it.
        NoRoom: A limit of uploads is reached.
        StoreUnavailable: A store does not answer.
    """
    reference = parse_reference(read_text(address, MAX_FILTER))
    selection = Selection(
        read_text(split, MAX_LABEL),
        read_count(rows, MAX_ROWS, DEFAULT_ROWS),
        read_text(column, MAX_LABEL),
    )
    started = time.monotonic()
    # Gradio finds the call that shows progress in the context; files are downloaded in a thread.
    context = contextvars.copy_context()

    def downloading(done: int, total: int) -> None:
        if progress is not None:
            counts = done // MB, max(total // MB, 1)
            context.run(progress, counts, desc=tr("Downloading"), unit="MB")

    def advance(completed: int) -> None:
        if progress is not None:
            rate = completed / (time.monotonic() - started)
            description = tr("{rate:.1f} a second", rate=rate)
            progress((completed, selection.limit), desc=description, unit=tr("pictures"))

    return add_dataset_for_visitor(library, reference, selection, advance, downloading)


def taken(dataset: HubDataset) -> str:
    """Return a sentence on what was taken of a data set."""
    columns = dataset.columns
    text = tr(
        "{name}, {split}: pictures from {picture}, labels from {label}.",
        name=dataset.name,
        split=dataset.split,
        picture=columns.picture,
        label=columns.label or "–",
    )
    if columns.label or not columns.others:
        return text
    others = ", ".join(columns.others)
    columns_text = tr("These columns could be labels: {names}.", names=others)
    return f"{text} {columns_text}"
