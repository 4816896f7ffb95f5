"""The Search tab: one query, one model, a gallery."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from searcher.images import SUFFIXES
from searcher.jobs import QUERIES, Worker
from searcher.library import Library
from searcher.models import Model, by_preference
from searcher.results import Ranking
from searcher.search import MAX_RESULTS
from searcher.status import Status
from searcher.ui import text
from searcher.ui.edge import read_query, with_sentences
from searcher.ui.html import render, thumbnail_path

DEFAULT_K = 12
INVITATION = (
    "Drop a picture, or paste one.",
    "The nearest pictures of the library appear here, best first.",
)
EMPTY_LIBRARY = (
    "The library is empty.",
    "Add pictures with `python -m searcher index FOLDER`; they can be searched at once.",
)


def build(library: Library, worker: Worker) -> tuple[gr.Image, gr.Dropdown]:
    """Lay the tab out and wire it; returns the query box, and the dropdown of models."""
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("search-image")
            model = gr.Dropdown([], label="Model", elem_id="search-model", interactive=True)
            k = gr.Slider(1, MAX_RESULTS, DEFAULT_K, step=1, label="Results", elem_id="search-k")
            examples(library, image)
        with gr.Column(scale=3, min_width=300):
            line = gr.HTML(_words(INVITATION), elem_id="search-status")
            gallery = gr.Gallery(
                show_label=False,
                columns=4,
                object_fit="cover",
                height="auto",
                interactive=False,
                elem_id="search-gallery",
                elem_classes="tl-gallery",
                visible="hidden",
            )

    @with_sentences
    def show_hits(payload: Any, name: str | None, k: int) -> tuple[Any, Any]:
        status = worker.status
        if not payload or is_empty(status):
            return gr.Gallery(value=None, visible="hidden"), invitation(status, INVITATION)
        query = read_query(payload, library.settings.max_upload_mb)
        ranking = library.search(query, name or default_models(library.zoo.ready(), 1)[0], k)
        found = [(thumbnail_path(hit.record.id), text.caption(hit)) for hit in ranking.hits]
        return (
            gr.Gallery(value=found, visible=True, selected_index=None),
            _status_line(ranking, status),
        )

    gr.on(
        [image.change, model.input, k.release],
        show_hits,
        [image, model, k],
        [gallery, line],
        preprocess=False,
        show_progress_on=[line],
        trigger_mode="always_last",
        concurrency_limit=4,
        api_visibility="private",
    )
    return image, model


def query_image(elem_id: str) -> gr.Image:
    """The box that a query picture is dropped on or pasted into."""
    return gr.Image(
        label="Query picture",
        show_label=False,
        sources=["upload", "clipboard"],
        type="filepath",
        height=280,
        elem_id=elem_id,
        elem_classes="tl-query",
        placeholder="Drop a picture, click to choose one, or paste it",
    )


def examples(library: Library, image: gr.Image) -> None:
    """Offer the pictures of the samples' queries folder, where there are any."""
    folder = library.settings.samples_dir / QUERIES
    found = sorted(p for p in _files(folder) if p.suffix.lower() in SUFFIXES)
    if found:
        gr.Examples([str(path) for path in found], image, label="Or pick one of these")


def is_empty(status: Status) -> bool:
    """Whether there is nothing to search; while the library is being opened that is not known."""
    return status.opened and not status.pictures


def invitation(status: Status, words: tuple[str, str]) -> str:
    """What stands where the results will be: `words`, or how to fill an empty library."""
    return _words(EMPTY_LIBRARY if is_empty(status) else words)


def default_models(ready: Sequence[Model], count: int) -> list[str]:
    """The names of the best `count` models; the last one stands in where there are fewer."""
    names = [model.name for model in by_preference(ready)][:count] or [""]
    return names + names[-1:] * (count - len(names))


def _words(title_and_words: tuple[str, str]) -> str:
    title, words = title_and_words
    return render("empty.html", title=title, words=words)


def _status_line(ranking: Ranking, status: Status) -> str:
    model = next((m for m in status.ready if m.name == ranking.model), None)
    lacking = model is not None and status.covered(model.name) < status.pictures
    return render(
        "search_line.html",
        ranking=ranking,
        pictures=status.pictures,
        partly=text.coverage(status, model) if model and lacking else "",
    )


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
