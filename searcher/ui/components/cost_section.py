"""What it costs: the section of the Evaluate tab on smaller vectors of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest
from searcher.evaluation.index_recall import measure_index
from searcher.evaluation.shrink import measure
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.metrics.cost import DEFAULT_PRICE, MAX_PRICE
from searcher.presentation.cost_chart import KEYS
from searcher.presentation.cost_report import cost_report
from searcher.presentation.reports import Section
from searcher.ui import toasts
from searcher.ui.components import scripts
from searcher.ui.components.address import MAX_SAID, read_names
from searcher.ui.components.cost_views import cost_html, index_html
from searcher.ui.components.report_form import ReportSource
from searcher.ui.components.status_text import model_choices
from searcher.ui.i18n import browser_text, tr
from searcher.ui.requests.arguments import MAX_LABEL, read_model, read_price, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

Measured = dict[str, dict[str, Any]]  # documents of `shrink` by the models' titles, latest last


@dataclass(frozen=True)
class CostSection:
    """What the tab uses of the section.

    Attributes:
        library: The library.
        model: The list of models.
        price: The price of a GB.
        report: Its section of a report.
    """

    library: Library
    model: gr.Dropdown
    price: gr.Number
    report: ReportSource

    @property
    def components(self) -> list[Any]:
        """The components whose values `restore` returns."""
        return [self.model, self.price]

    def restore(
        self, parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        """Return values of the components, and parameters that they have; see `address.Restore`.

        address.js then presses the button.
        """
        ready = [model.name for model in self.library.registry.ready()]
        names = read_names([parameters["cost"]], ready, reasons)
        if not names:
            return [gr.skip(), gr.skip()], {}
        try:
            price = read_price(float(parameters["price"] or DEFAULT_PRICE))
        except (InvalidRequest, ValueError):
            value = parameters["price"][:MAX_SAID]
            reasons.append(tr("“{value}” is no price.", value=value))
            price = DEFAULT_PRICE
        return [names[0], price], _address(names[0], price)


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
    result = gr.HTML(elem_id="cost-result", js_on_load=scripts.STATE)
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
        html = cost_html(shrinkage, latest, _address(name, value))
        return latest, html, choice, gr.Row(visible=may_change)

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

    source = ReportSource("cost", "#cost-result .tl-evaluation", report, [measured])
    return CostSection(library, model, price, source)


def listed(status: Status, previous: Status | None) -> gr.Dropdown:
    """Return the list of models as it is now; the first is chosen once there are any."""
    first = next((model.name for model in status.ready), None)
    is_new = not (previous and previous.ready)
    value: dict[str, Any] = {"value": first} if is_new else {}
    return gr.Dropdown(choices=model_choices(status, status.ready), **value)


def _address(name: str, price: float) -> dict[str, str]:
    """Return the section's part of the address, which Evaluate's other parts go with."""
    return {"cost": name} | ({"price": f"{price:g}"} if price != DEFAULT_PRICE else {})
