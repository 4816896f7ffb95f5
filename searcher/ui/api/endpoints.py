"""The named endpoints: the same documents as the command line, for gradio_client and MCP."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.config.settings import Settings
from searcher.evaluation.maps import Maps
from searcher.evaluation.measurements import Measurements
from searcher.indexing.report import Report
from searcher.library import relabelling, serializers, trash
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.ui.api import (
    arena_endpoints,
    cost_endpoints,
    evaluation_endpoints,
    job_endpoints,
    measure_endpoints,
    model_endpoints,
    query_endpoints,
    report_endpoint,
)
from searcher.ui.components import dataset_form
from searcher.ui.i18n import browser_text
from searcher.ui.requests.arguments import (
    MAX_FILTER,
    MAX_LABEL,
    MAX_PAGES,
    read_count,
    read_id,
    read_ids,
    read_text,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import refuse_if_read_only, uploaded_files
from searcher.ui.security.metered_library import add_for_visitor

EXAMPLE = Path(__file__).with_name("example.txt")


def add(library: Library, worker: Worker, measurements: Measurements, maps: Maps) -> None:
    """Add the endpoints to the page that is being built, and the section that explains them."""
    query_endpoints.add(library)
    _add_lists(library, worker)
    measure_endpoints.add(library, maps)
    arena_endpoints.add(library)
    cost_endpoints.add(library, worker)
    evaluation_endpoints.add(library, measurements)
    report_endpoint.add(library, measurements)
    _add_changes(library)
    job_endpoints.add(library, worker)
    model_endpoints.add(library, worker)
    with gr.Column(elem_id="code"):  # shown by the footer's switch
        gr.Markdown(
            browser_text(
                "All that the page finds can be had as JSON documents, the same as those of "
                "`python -m searcher … --json`. With `pip install gradio_client`:"
            )
        )
        gr.Markdown(f"```python\n{example(library.settings)}```", elem_id="code-example")
        if library.settings.mcp:
            gr.Markdown(
                browser_text("Language models find the same as tools at `gradio_api/mcp/` (MCP).")
            )


def example(settings: Settings) -> str:
    """Return an example program for gradio_client with this app's address."""
    client = f'"{settings.space or f"http://localhost:{settings.port}"}"'
    if settings.auth:
        client += ', auth=("NAME", "PASSWORD")'
    return EXAMPLE.read_text().replace('"ADDRESS"', client)


def _add_lists(library: Library, worker: Worker) -> None:
    @show_errors
    def models() -> list[dict[str, Any]]:
        """List every model with its state, dimensions, size, speed and coverage.

        Returns [{"name", "title", "state", "reason", "dim", "mb", "ms", "device",
        "download_mb", "weights", "licence", "coverage"}].
        """
        return serializers.models(library)

    @show_errors
    def picture(picture_id: int) -> dict[str, Any]:
        """Return the record of one picture of the library.

        Returns {"id", "path", "name", "label", "width", "height", "bytes", "digest", "added",
        "fingerprint", "models"}; `added` in seconds since 1970, `models` have a vector of it.

        Args:
            picture_id: The id of a picture, from the hits of a search.
        """
        return serializers.picture(library, library.record(read_id(picture_id)))

    @show_errors
    def pictures(words: str = "", page: int = 1, oldest: bool = False) -> dict[str, Any]:
        """List a page of 48 pictures of the library, the latest first, and count them by facet.

        Returns {"pictures": [{"id", "name", "label", "width", "height", "bytes", "added"}],
        "total", "more", "facets": {"label", "source", "added", "lacks"}}, where each facet has the
        number of pictures by value, and `total` is null where all pictures would have to be
        looked at.

        Args:
            words: A filter: words of names and labels, label:boat, source:upload, added:7d,
                added:2026-11, lacks:MODEL, in any combination.
            page: The number of the page, from 1.
            oldest: Whether the oldest pictures come first.
        """
        text, number = read_text(words, MAX_FILTER), read_count(page, MAX_PAGES, 1)
        return serializers.listing(
            library, text, number - 1, oldest is True, dict(worker.status.sources)
        )

    add_endpoint(pictures, api_name="pictures", concurrency_limit=2)
    # These take milliseconds, so one direct request may answer them, without the queue.
    for question in (models, picture):
        add_endpoint(question, api_name=question.__name__, concurrency_limit=4, queue=False)


def public(report: Report) -> dict[str, Any]:
    """Return the document of a report without the server's paths."""
    # gradio_client would download any object that has a `path`.
    skipped = [
        {"path": None, "name": name, "reason": str(reason)} for name, reason in report.skipped
    ]
    return report.document() | {"skipped": skipped}


def _add_changes(library: Library) -> None:
    limit_mb = library.settings.max_upload_mb

    @show_errors
    def add(files: list[FileData], label: str = "") -> dict[str, Any]:
        """Add pictures and archives of pictures (.zip, .tar) to the library.

        Files of labels among them, COCO's .json or a .csv of paths and labels, give the pictures
        their labels, by the name of a picture or its path in an archive.

        Returns {"added", "known", "skipped": [{"path", "name", "reason"}],
        "left_out": [{"reason", "count", "names"}], "embedded": {model: n}, "seconds",
        "seconds_embedding"}; `path` is null.

        Args:
            files: The pictures, archives and files of labels.
            label: The label of pictures that come without a folder, up to 80 characters.
        """
        refuse_if_read_only(library)
        title = read_text(label, MAX_LABEL)
        uploads = uploaded_files(files, limit_mb)
        return public(add_for_visitor(library, uploads, title))

    @show_errors
    def add_dataset(
        dataset: str, split: str = "", label: str = "", limit: int = dataset_form.DEFAULT_ROWS
    ) -> dict[str, Any]:
        """Add pictures of a public data set of the Hugging Face Hub to the library.

        Returns what `add` does, and {"dataset", "commit", "split", "picture_column",
        "label_column", "relabelled"}.

        Args:
            dataset: Its address, hf:datasets/OWNER/NAME, perhaps with @REVISION.
            split: The split; "train" by default, or the only one.
            label: The column of labels; "label" or "labels" by default.
            limit: How many rows to read at most, up to 100,000.
        """
        refuse_if_read_only(library)
        taken, report = dataset_form.add(library, dataset, split, label, limit)
        return public(report) | taken.document() | {"relabelled": report.relabelled}

    @show_errors
    def remove(picture_ids: list[int]) -> dict[str, Any]:
        """Remove pictures from the library. Returns {"removed", "trash"}, the batch's name.

        Args:
            picture_ids: The ids of up to 1,000 pictures, from the hits of a search.
        """
        refuse_if_read_only(library)
        removal = trash.remove(library, read_ids(picture_ids))
        return {"removed": removal.count, "trash": removal.batch}

    @show_errors
    def undo_remove(batch: str = "") -> dict[str, Any]:
        """Restore pictures that were removed within the last week. Returns {"restored"}.

        Args:
            batch: The name that `remove` returned as "trash"; the latest by default.
        """
        refuse_if_read_only(library)
        return {"restored": trash.undo(library, read_text(batch, MAX_LABEL))}

    @show_errors
    def set_label(picture_ids: list[int], label: str) -> dict[str, Any]:
        """Give pictures a label. Returns {"labelled", "batch"}, its name for `undo_label`.

        Args:
            picture_ids: The ids of up to 1,000 pictures, from the hits of a search.
            label: Their label, up to 80 characters; "" for none.
        """
        refuse_if_read_only(library)
        ids, text = read_ids(picture_ids), read_text(label, MAX_LABEL)
        result = relabelling.set_label(library, ids, text)
        return {"labelled": result.count, "batch": result.batch}

    @show_errors
    def undo_label(batch: str = "") -> dict[str, Any]:
        """Give pictures their former label. Returns {"restored"}, their number.

        Args:
            batch: The name that `set_label` returned; the latest by default.
        """
        refuse_if_read_only(library)
        return {"restored": relabelling.undo_label(library, read_text(batch, MAX_LABEL))}

    visibility = job_endpoints.visibility_of_changes(library)
    for change in (add, add_dataset, remove, undo_remove, set_label, undo_label):
        add_endpoint(
            change, api_name=change.__name__, concurrency_limit=1, api_visibility=visibility
        )
