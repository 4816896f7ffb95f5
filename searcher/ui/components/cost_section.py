"""What it costs: the section of the Evaluate tab on smaller vectors of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest
from searcher.evaluation.index_recall import IndexRecall, measure_index
from searcher.evaluation.shrink import Shrinkage, measure
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.metrics.cost import DEFAULT_PRICE, MAX_PRICE
from searcher.metrics.shrinkage import INT8
from searcher.presentation.cost_chart import KEYS, cost_chart
from searcher.presentation.cost_report import cost_report
from searcher.presentation.report import Section
from searcher.ui import toasts
from searcher.ui.components.report_form import ReportSource
from searcher.ui.components.status_text import model_choices
from searcher.ui.i18n import browser_text, number, percent, tr
from searcher.ui.requests.arguments import MAX_LABEL, read_model, read_price, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge
from searcher.ui.templating import render

Measured = dict[str, dict[str, Any]]  # documents of `shrink` by the models' titles, latest last


@dataclass(frozen=True)
class CostSection:
    """What the rest of the page uses: the list of models, and the section of a report."""

    model: gr.Dropdown
    report: ReportSource


def build(library: Library, worker: Worker) -> CostSection:
    """Build the section, in the tab that is being built."""
    may_change = not library.settings.read_only
    gr.Markdown(browser_text("### What it costs"), elem_id="cost-title")
    with gr.Row(elem_classes="tl-pages"):
        model = gr.Dropdown([], label=browser_text("Model"), elem_id="cost-model", interactive=True)
        price = gr.Number(
            DEFAULT_PRICE,
            label=browser_text("Price of a GB of memory for a month"),
            minimum=0,
            maximum=MAX_PRICE,
            elem_id="cost-price",
        )
        start = gr.Button(browser_text("Show what it costs"), elem_id="cost-start")
        ef = gr.Button(
            browser_text("Recall by ef"),
            elem_id="cost-ef",
            visible=bool(library.settings.milvus_uri),
        )
    measured = gr.State({})
    result = gr.HTML(elem_id="cost-result")
    with gr.Row(elem_classes="tl-pages", visible=False) as change:
        variant = gr.Dropdown(
            [],
            label=browser_text("Vectors to store"),
            info=browser_text("The full vectors stay on the disk; float32 brings them back."),
            elem_id="cost-variant",
            interactive=True,
        )
        store = gr.Button(browser_text("Store these vectors"), elem_id="cost-store")
    index = gr.HTML(elem_id="cost-index")

    @show_errors
    def measure_model(name: Any, price: Any, measured: Measured) -> tuple[Any, ...]:
        name, value = read_model(name), read_price(price)
        charge(library)
        shrinkage = measure(library, name, value)
        title = shrinkage.model.display
        others = {t: d for t, d in measured.items() if t != title}
        latest = dict(list(others.items())[-len(KEYS) + 1 :]) | {title: shrinkage.document()}
        names = [p.variant.name for p in shrinkage.points if p.can_be_stored]
        choice = gr.Dropdown(choices=names, value=shrinkage.recommended)
        return latest, cost_html(shrinkage, latest), choice, gr.Row(visible=may_change)

    @show_errors
    def store_variant(name: Any, variant: Any) -> None:
        chosen, wanted = read_model(name), read_text(variant, MAX_LABEL)
        worker.shrink(chosen, wanted)
        text = tr("Searches go on with the present vectors until the others are there.")
        toasts.info(text, title=wanted)

    @show_errors
    def measure_ef(name: Any) -> str:
        name = read_model(name)
        charge(library)
        return index_html(measure_index(library, name))

    private: dict[str, Any] = {"api_visibility": "private"}
    outputs = [measured, result, variant, change]
    start.click(measure_model, [model, price, measured], outputs, **private, **costly("shrink"))
    store.click(store_variant, [model, variant], **private)
    ef.click(measure_ef, model, index, **private, **costly("shrink"))

    def report(measured: Measured) -> Section:
        if not measured:
            raise InvalidRequest("request.nothing_shown")
        return cost_report(measured)

    return CostSection(
        model, ReportSource("cost", "#cost-result .tl-evaluation", report, [measured])
    )


def listed(status: Status, previous: Status | None) -> gr.Dropdown:
    """Return the list of models as it is now; the first is chosen once there are any."""
    first = next((model.name for model in status.ready), None)
    is_new = not (previous and previous.ready)
    value: dict[str, Any] = {"value": first} if is_new else {}
    return gr.Dropdown(choices=model_choices(status, status.ready), **value)


def cost_html(shrinkage: Shrinkage, measured: Mapping[str, Mapping[str, Any]]) -> str:
    """Render a model's measures, and the curves of all that were measured."""
    return render(
        "shrink.html",
        title=shrinkage.model.display,
        document=shrinkage.document(),
        chart=cost_chart(measured),
        summary=_summary(shrinkage),
        million=_million(shrinkage),
        notes=_notes(shrinkage),
    )


def index_html(recall: IndexRecall) -> str:
    """Render the measures of an index."""
    return render(
        "index_recall.html",
        recall=recall,
        slowest=max(point.milliseconds for point in recall.points),
        explanation=tr(
            "{model}: {indexed} of {pictures} vectors are in HNSW, the rest is searched exactly. "
            "ef is the number of candidates of a search.",
            model=recall.model.display,
            indexed=number(recall.indexed),
            pictures=number(recall.pictures),
        ),
    )


def _summary(shrinkage: Shrinkage) -> str:
    points = {point.variant.name: point for point in shrinkage.points}
    full, best = shrinkage.points[0], points[shrinkage.recommended]
    if best is full:
        return tr(
            "{model}: no smaller vectors that can be stored here keep its quality.",
            model=shrinkage.model.display,
        )
    return tr(
        "{model}: {variant} needs {bytes} instead of {full} bytes a picture and keeps {share} of "
        "the first ten.",
        model=shrinkage.model.display,
        variant=best.variant.name,
        bytes=number(best.variant.bytes),
        full=number(full.variant.bytes),
        share=percent(best.overlap),
    )


def _million(shrinkage: Shrinkage) -> str:
    cost = shrinkage.points[0].cost
    if cost.hours is None:
        return tr(
            "A million pictures need {gb} GB of memory with full vectors. The time to embed them "
            "is known once the model's speed was measured.",
            gb=number(cost.gb, 1),
        )
    return tr(
        "A million pictures take {hours} hours to embed on this machine, and {gb} GB of memory "
        "with full vectors.",
        hours=number(cost.hours, 1),
        gb=number(cost.gb, 1),
    )


def _notes(shrinkage: Shrinkage) -> list[str]:
    notes = [
        tr(
            "Brute force on one core, pictures: {pictures}, queries: {queries}. first-N keeps N "
            "dimensions, pca-N the N principal axes; binary vectors find 40, which the full ones "
            "put in order.",
            pictures=number(shrinkage.measured),
            queries=number(shrinkage.queries),
        )
    ]
    if any(not p.can_be_stored and p.variant.type == INT8 for p in shrinkage.points):
        notes.append(
            tr("The embedded store keeps every number in 4 bytes; a Milvus server also takes int8.")
        )
    notes.append(
        tr(
            "float16 is not stored because Milvus 2.3 finds wrong neighbours with it, and binary "
            "because the full vectors would have to be in memory, too."
        )
    )
    return notes
