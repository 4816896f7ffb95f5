"""What it costs: the section of the Evaluate tab on smaller vectors of some models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import EvaluationStopped, InvalidRequest
from searcher.evaluation.index_recall import measure_index
from searcher.evaluation.shrink import MAX_MODELS, Shrinkage, measure_each
from searcher.evaluation.shrink_changes import find_changes
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.metrics.cost import DEFAULT_PRICE, MAX_PRICE
from searcher.metrics.shrinkage import FLOAT32
from searcher.models.order import contenders
from searcher.presentation.cost_report import CHANGED, cost_report
from searcher.presentation.reports import Section
from searcher.ui import toasts
from searcher.ui.components import scripts
from searcher.ui.components.address import MAX_SAID, read_names
from searcher.ui.components.cost_look import KEY, look_html, read_look
from searcher.ui.components.cost_views import cost_html, index_html
from searcher.ui.components.measuring import COSTS, measuring, stop_button, tell_stopped
from searcher.ui.components.report_form import ReportSource
from searcher.ui.components.status_text import model_choices
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import (
    MAX_LABEL,
    MAX_NAME,
    read_event,
    read_model,
    read_models,
    read_price,
    read_text,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

Measured = dict[str, dict[str, Any]]  # documents of `shrink` by the models' titles
PROGRESS = gr.Progress()
CHOSEN = "(key) => document.dispatchEvent(new CustomEvent('tl-variant', { detail: key }))"


@dataclass(frozen=True)
class CostSection:
    """What the tab uses of the section.

    Attributes:
        library: The library.
        models: The list of models.
        price: The price of a GB.
        report: Its section of a report.
    """

    library: Library
    models: gr.Dropdown
    price: gr.Number
    report: ReportSource

    @property
    def components(self) -> list[Any]:
        """The components whose values `restore` returns."""
        return [self.models, self.price]

    def restore(
        self, parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        """Return values of the components, and parameters that they have; see `address.Restore`.

        address.js then presses the button, and cost.js opens the pictures.
        """
        ready = [model.name for model in self.library.registry.ready()]
        # Pictures of a search in HNSW may be open alone.
        asked = parameters["cost"] or parameters[KEY].partition("/")[0]
        names = read_names(asked.split(",")[:MAX_MODELS], ready, reasons)
        if not names:
            return [gr.skip(), gr.skip()], {}
        look = read_look(self.library, parameters[KEY], reasons)
        opened = {KEY: str(look)} if look else {}
        try:
            price = read_price(float(parameters["price"] or DEFAULT_PRICE))
        except (InvalidRequest, ValueError):
            value = parameters["price"][:MAX_SAID]
            reasons.append(tr("“{value}” is no price.", value=value))
            price = DEFAULT_PRICE
        return [names, price], _address(names, price) | opened


def build(library: Library, worker: Worker) -> CostSection:
    """Build the section, in the tab that is being built."""
    may_change = not library.settings.read_only
    gr.Markdown(browser_text("### What it costs"), elem_id="cost-title")
    with gr.Row(elem_classes="tl-pages"):
        models = gr.Dropdown(
            [],
            multiselect=True,
            max_choices=MAX_MODELS,
            min_width=320,
            scale=3,
            label=browser_text("Models"),
            elem_id="cost-model",
            interactive=True,
        )
        price = gr.Number(
            DEFAULT_PRICE,
            label=browser_text("Price of a GB of memory for a month"),
            minimum=0,
            maximum=MAX_PRICE,
            elem_id="cost-price",
        )
        start = gr.Button(browser_text("Show what it costs"), elem_id="cost-start")
        stop_button(library, COSTS, "cost-stop")
        ef = gr.Button(
            browser_text("Recall by ef"),
            elem_id="cost-ef",
            visible=bool(library.settings.milvus_uri),
        )
    measured = gr.State({})
    result = gr.HTML(elem_id="cost-result", js_on_load=scripts.COST)
    with gr.Row(elem_classes="tl-pages", visible=False) as change:
        variant = gr.Dropdown(
            [],
            label=browser_text("Vectors to store"),
            info=browser_text("The full vectors stay on the disk; float32 brings them back."),
            elem_id="cost-variant",
            interactive=True,
        )
        store = gr.Button(browser_text("Store these vectors"), elem_id="cost-store")
    index = gr.HTML(elem_id="cost-index", js_on_load=scripts.EVALUATE)
    look = gr.HTML(elem_id="cost-look", js_on_load=scripts.EVALUATE)

    @show_errors
    def measure_models(names: Any, price: Any, progress: Any = PROGRESS) -> tuple[Any, ...]:
        chosen, value = read_models(names, MAX_MODELS), read_price(price)
        if not chosen:
            raise InvalidRequest("request.no_model")
        for _ in chosen:
            charge(library)
        try:
            with measuring(library, COSTS, progress) as course:
                found = measure_each(library, chosen, value, *course)
        except EvaluationStopped as stopped:
            tell_stopped(stopped)
            return (gr.skip(),) * 4
        keys = [
            (_title(shrinkage, point.variant.name, len(found)), _key(shrinkage, point.variant.name))
            for shrinkage in found
            for point in shrinkage.points
            if point.can_be_stored
        ]
        choice = gr.Dropdown(choices=keys, value=_key(found[0], found[0].recommended))
        html = cost_html(found, _address(chosen, value), may_change)
        documents = {s.model.display: s.document() for s in found}
        return documents, html, choice, gr.Row(visible=may_change)

    @show_errors
    def choose(event: gr.EventData) -> Any:
        return read_text(read_event(event, "variant"), MAX_NAME + MAX_LABEL)

    @show_errors
    def open_look(event: gr.EventData, progress: Any = PROGRESS) -> Any:
        charge(library)
        asked = read_look(library, read_text(read_event(event, "state"), MAX_NAME + MAX_LABEL), [])
        if asked is None:
            return ""
        is_new = read_event(event, "new") is True
        try:
            with measuring(library, COSTS, progress) as course:
                return look_html(library, asked, is_new, course.is_stopped)
        except EvaluationStopped as stopped:
            tell_stopped(stopped)
            return gr.skip()

    @show_errors
    def store_variant(chosen: Any) -> None:
        key = read_text(chosen, MAX_NAME + MAX_LABEL)
        name, _, variant = key.rpartition("/")
        worker.shrink(read_model(name), variant)
        text = tr("Searches go on with the present vectors until the others are there.")
        toasts.info(text, title=key)

    @show_errors
    def measure_ef(names: Any, progress: Any = PROGRESS) -> Any:
        first = (read_models(names, MAX_MODELS) or [""])[0]
        name = read_model(first)
        charge(library)
        try:
            with measuring(library, COSTS, progress) as course:
                return index_html(measure_index(library, name, *course))
        except EvaluationStopped as stopped:
            tell_stopped(stopped)
            return gr.skip()

    private: dict[str, Any] = {"api_visibility": "private"}
    outputs = [measured, result, variant, change]
    start.click(measure_models, [models, price], outputs, **private, **costly("shrink"))
    for opens in (result.select, index.click, look.click):
        opens(open_look, None, look, **private, **costly("shrink"))
    if may_change:
        result.click(choose, None, variant, queue=False, **private)
    variant.change(None, variant, js=CHOSEN, **private)
    store.click(store_variant, variant, **private)
    ef.click(measure_ef, models, index, **private, **costly("shrink"))

    def report(measured: Measured, chosen: Any) -> Section:
        if not measured:
            raise InvalidRequest("request.nothing_shown")
        name, _, kind = read_text(chosen or "", MAX_NAME + MAX_LABEL).rpartition("/")
        is_measured = any(document["model"] == name for document in measured.values())
        is_smaller = is_measured and kind != FLOAT32
        changed = [find_changes(library, name, kind, CHANGED)] if is_smaller else []
        return cost_report(library, measured, changed)

    source = ReportSource("cost", "#cost-result .tl-evaluation", report, [measured, variant])
    return CostSection(library, models, price, source)


def listed(status: Status, previous: Status | None) -> gr.Dropdown:
    """Return the list of models as it is now; the trained ones are chosen once there are any."""
    names = [model.name for model in contenders(status.ready)]
    is_new = not (previous and previous.ready)
    value: dict[str, Any] = {"value": names[:MAX_MODELS]} if is_new else {}
    return gr.Dropdown(choices=model_choices(status, status.ready), **value)


def _key(shrinkage: Shrinkage, variant: str) -> str:
    """Return what names a model and a variant of its vectors."""
    return f"{shrinkage.model.name}/{variant}"


def _title(shrinkage: Shrinkage, variant: str, models: int) -> str:
    return f"{shrinkage.model.display}: {variant}" if models > 1 else variant


def _address(names: Sequence[str], price: float) -> dict[str, str]:
    """Return the section's part of the address, which Evaluate's other parts go with."""
    priced = {"price": f"{price:g}"} if price != DEFAULT_PRICE else {}
    return {"cost": ",".join(names)} | priced
