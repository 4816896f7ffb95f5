"""The Compare tab: one query, two models, where they agree and where not."""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from searcher.compare import rank_shifts
from searcher.jobs import Worker
from searcher.library import MAX_RESULTS, Library
from searcher.models import Model
from searcher.results import Comparison, Ranking
from searcher.ui import text
from searcher.ui.edge import read_upload, with_sentences
from searcher.ui.search import (
    DEFAULT_K,
    default_models,
    examples,
    invitation,
    is_empty,
    query_image,
)

INVITATION = (
    "<div class='tl-empty'><b>One picture, two models.</b><span>Drop a picture or paste one to see "
    "what each model finds, side by side.</span></div>"
)


def build(library: Library, worker: Worker) -> tuple[gr.Dropdown, gr.Dropdown]:
    """Lay the tab out and wire it; returns both dropdowns, which the page keeps current."""
    with gr.Row(elem_classes="tl-tab"):
        with gr.Column(scale=1, min_width=320):
            image = query_image("compare-image")
            model_a = gr.Dropdown(
                [], label="Model A", elem_id="compare-a", elem_classes="tl-pick-a", interactive=True
            )
            model_b = gr.Dropdown(
                [], label="Model B", elem_id="compare-b", elem_classes="tl-pick-b", interactive=True
            )
            k = gr.Slider(1, MAX_RESULTS, DEFAULT_K, step=1, label="Results", elem_id="compare-k")
            examples(library, image)
        with gr.Column(scale=3, min_width=300):
            result = gr.HTML(INVITATION, elem_id="compare-result")

    @with_sentences
    def show_comparison(payload: Any, a: str | None, b: str | None, k: int) -> str:
        status = worker.status
        if not payload or is_empty(status):
            return invitation(status, INVITATION)
        pair = default_models(library.zoo.ready(), 2)
        data, name = read_upload(payload, library.settings.max_upload_mb)
        found = library.compare(data, name, a or pair[0], b or pair[1], k)
        models = {model.name: model for model in library.zoo.ready()}
        return render(library, found, models)

    gr.on(
        [image.change, model_a.input, model_b.input, k.release],
        show_comparison,
        [image, model_a, model_b, k],
        result,
        preprocess=False,
        trigger_mode="always_last",
        concurrency_limit=4,
        api_visibility="private",
    )
    return model_a, model_b


def render(library: Library, found: Comparison, models: dict[str, Model]) -> str:
    """The whole result as HTML: figures, two aligned galleries, and both combined."""
    titles = [_title(side, models) for side in (found.a, found.b)]
    shared = len(set(found.a.ids) & set(found.b.ids))
    tau = "–" if found.tau is None else f"{found.tau:.2f}"
    tiles = [
        ("Overlap", f"{shared} of {max(len(found.a.hits), len(found.b.hits))}", "shared pictures"),
        ("RBO", f"{found.rbo:.2f}", "rank-biased overlap, p = 0.9; 1 is the same ranking"),
        ("Kendall’s τ", tau, "order of the shared pictures; 1 is the same, -1 the reverse"),
    ]
    figures = "".join(
        f"<div class='tl-tile' title='{escape(hint, quote=True)}'>"
        f"<span>{name}</span><b>{value}</b></div>"
        for name, value, hint in tiles
    )
    in_a, in_b = set(found.a.ids), set(found.b.ids)
    origins = [
        ("both", "both") if i in in_a and i in in_b else (("a", "A") if i in in_a else ("b", "B"))
        for i in (hit.record.id for hit in found.fused)
    ]
    return (
        f"<div class='tl-compare'><p class='tl-summary'>{_summary(found, titles)}</p>"
        f"<div class='tl-tiles'>{figures}</div><div class='tl-sides'>"
        f"{_side(library, found.a, found.b, titles[0], 'a')}"
        f"{_side(library, found.b, found.a, titles[1], 'b')}</div>"
        "<section class='tl-fused'><h3>Combined <small>reciprocal rank fusion of both rankings"
        f"</small></h3>{text.cards(library, found.fused, origins, 'both')}</section></div>"
    )


def badges(own: Sequence[int], other: Sequence[int]) -> list[tuple[str, str]]:
    """For each hit whether the other model has it too, and how many places higher or lower."""
    return [
        ("only", "only here") if shift is None else ("shared", f"shared {_arrow(shift)}")
        for shift in rank_shifts(own, other)
    ]


def _side(library: Library, own: Ranking, other: Ranking, title: str, side: str) -> str:
    return (
        f"<section class='tl-side tl-side-{side}' id='compare-side-{side}'><h3>{title}</h3>"
        f"<p class='tl-line'>{text.timings(own)}</p>"
        f"{text.cards(library, own.hits, badges(own.ids, other.ids), side)}</section>"
    )


def _summary(found: Comparison, titles: list[str]) -> str:
    if not found.a.hits or not found.b.hits:
        return "One of the models has nothing indexed yet."
    if found.a.model == found.b.model:
        return "This is one model twice: choose two to compare."
    count = max(len(found.a.hits), len(found.b.hits))
    shared = len(set(found.a.ids) & set(found.b.ids))
    first = found.a.ids[0]
    if first not in found.b.ids:
        place = f"{titles[0]}’s first is not among {titles[1]}’s {len(found.b.hits)}"
    elif (rank := found.b.ids.index(first) + 1) == 1:
        place = "both put the same picture first"
    else:
        place = f"{titles[0]}’s first is {titles[1]}’s number {rank}"
    return f"They agree on <b>{shared} of {count}</b>; {place}."


def _title(ranking: Ranking, models: dict[str, Model]) -> str:
    known = models.get(ranking.model)
    return escape(known.display if known else ranking.model)


def _arrow(shift: int) -> str:
    return f"▲{shift}" if shift > 0 else f"▼{-shift}" if shift < 0 else "–"
