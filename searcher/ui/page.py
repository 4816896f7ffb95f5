"""The page as a whole: header, status, tabs, and what keeps them current."""

from html import escape
from typing import Any

import gradio as gr

from searcher.jobs import Worker
from searcher.library import Library
from searcher.status import Status
from searcher.ui import api, compare, models, search, text
from searcher.ui.edge import with_sentences

POLL_S = 2.0
HEADER = """
<header class="tl-header">
  <h1><span class="tl-mark" aria-hidden="true"></span>Twinlens</h1>
  <p>Which embedding model sees your pictures best? Search them with several at once.</p>
</header>
"""


def build(library: Library, worker: Worker) -> gr.Blocks:
    """Make the page. Nothing is asked of the stores before a visitor comes."""
    page = gr.Blocks(
        title="Twinlens", analytics_enabled=False, delete_cache=(3600, 3600), fill_width=True
    )
    read_only = library.settings.read_only
    with page:
        gr.HTML(HEADER)
        banner = gr.HTML(elem_id="status")
        retry = gr.Button("Try again", size="sm", visible=False, elem_id="retry")
        with gr.Tabs():
            with gr.Tab("Search", id="search", elem_id="tab-search"):
                model = search.build(library, worker)
            with gr.Tab("Compare", id="compare", elem_id="tab-compare"):
                model_a, model_b = compare.build(library, worker)
            with gr.Tab("Models", id="models", elem_id="tab-models"):
                listed = models.build(worker, read_only)
        api.add(library)

        seen = gr.State(None)
        outputs: list[Any] = [seen, banner, retry, listed, model, model_a, model_b]

        def refresh(
            seen: Status | None, chosen: str | None, a: str | None, b: str | None
        ) -> list[Any]:
            status = worker.status
            if status == seen:
                return [gr.skip()] * len(outputs)
            choices = text.model_choices(status)
            names = [name for _, name in choices]
            first, second = search.default_models(status.ready, 2)
            picked = [(chosen, first), (a, first), (b, second)]
            return [
                status,
                render_status(status),
                gr.Button(visible=status.can_retry),
                models.render(status, read_only),
                *(
                    gr.Dropdown(choices=choices, value=(now if now in names else default) or None)
                    for now, default in picked
                ),
            ]

        @with_sentences
        def try_again() -> None:
            worker.retry()

        inputs = [seen, model, model_a, model_b]
        quiet: dict[str, Any] = {
            "show_progress": "hidden",
            "queue": False,
            "preprocess": False,
            "api_visibility": "private",
        }
        page.load(refresh, inputs, outputs, **quiet)
        gr.Timer(POLL_S).tick(refresh, inputs, outputs, **quiet)
        retry.click(try_again, api_visibility="private")
    return page


def render_status(status: Status) -> str:
    """What goes on and what is wrong, as HTML; nothing when all is well and idle."""
    parts = []
    if status.working:
        parts.append(f"<p class='tl-working' role='status'>{escape(status.working)} …</p>")
    parts += [f"<p class='tl-problem'>{text.with_code(problem)}</p>" for problem in status.problems]
    return f"<div class='tl-status'>{''.join(parts)}</div>" if parts else ""
