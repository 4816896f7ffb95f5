"""The Evaluate tab: quality measured on the library's own labels, and the pictures behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gradio as gr

from searcher.errors import EvaluationStopped
from searcher.evaluation.measurements import Measurement, Measurements
from searcher.evaluation.task import measurable
from searcher.library.core import Library
from searcher.library.relabelling import set_label
from searcher.library.worker import Worker
from searcher.ui.components import (
    cost_section,
    evaluation_reports,
    report_form,
    scripts,
    truth_address,
    truth_inputs,
    undo,
)
from searcher.ui.components.address import TabAddress
from searcher.ui.components.baselines import baselines_switch, listed
from searcher.ui.components.evaluation_result import result_html
from searcher.ui.components.evaluation_state import read_state
from searcher.ui.components.evaluation_views import Viewer
from searcher.ui.components.measuring import EVALUATING, measuring, stop_button, tell_stopped
from searcher.ui.components.report_form import ReportSource
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, gettext_noop
from searcher.ui.requests.arguments import read_choice, read_event, read_id, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import refuse_if_read_only
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

INVITATION = (
    gettext_noop("Which model is best on your pictures?"),
    gettext_noop(
        "Folder names are labels: this measures how often each model finds the same kind."
    ),
)
PROGRESS = gr.Progress()
MAX_STATE = 4000  # characters of a view's choices
RELABELLED = "() => { document.dispatchEvent(new Event('tl-relabelled')); }"


@dataclass(frozen=True)
class EvaluateTab:
    """What the rest of the page uses of the tab.

    Attributes:
        switch: Whether baselines are measured.
        result: Where the invitation is shown.
        cost_models: The models of "What it costs".
        address: Its part of the page's address.
        reports: Its sections of reports.
    """

    switch: gr.Checkbox
    result: gr.HTML
    cost_models: gr.Dropdown
    address: TabAddress
    reports: tuple[ReportSource, ...]


def build(
    library: Library,
    worker: Worker,
    measurements: Measurements,
    tab: gr.Tab,
    shared: SharedComponents,
) -> EvaluateTab:
    """Build the tab."""
    with gr.Row(elem_classes="tl-measure"):
        start = gr.Button(browser_text("Measure"), variant="primary", elem_id="evaluate-start")
        stop_button(library, EVALUATING, "evaluate-stop")
        report_form.button("evaluation", "lg")
    switch = baselines_switch("evaluate-baselines")
    section, truth = truth_inputs.build()
    result = gr.HTML(elem_id="evaluate-result", js_on_load=scripts.EVALUATE)
    line = undo.line("evaluate", tab, shared.changes)
    look = gr.HTML(elem_id="evaluate-look", js_on_load=scripts.EVALUATE)
    cost = cost_section.build(library, worker)
    current = gr.State("")  # the key of the measurement that is shown
    told = gr.State({})  # its part of the address
    wanted = gr.Textbox(visible="hidden")  # the view that an address asks for

    def names_of(show: Any) -> list[str]:
        return [model.name for model in listed(measurable(library), show)]

    def take(show: Any, progress: Any, values: tuple[Any, ...]) -> Measurement:
        charge(library)
        with measuring(library, EVALUATING, progress) as course:
            course.advance(0)  # uploaded queries are embedded first
            plan, k = truth_inputs.plan_of(library, values), truth_inputs.depth_of(values)
            return measurements.take(names_of(show), k, *course, plan)

    @show_errors
    def measure(show: Any, wanted: Any, progress: Any = PROGRESS, *values: Any) -> list[Any]:
        try:
            measurement = take(show, progress, values)
        except EvaluationStopped as stopped:
            tell_stopped(stopped)
            return [gr.skip()] * 5
        base = _state(show is True, True) | truth_address.state_of(library, values)
        state = read_state(_parse(wanted), measurement, [])
        link = base | state.address()
        views = Viewer(library, measurement).html(state, base)
        return [result_html(measurement, link), views, measurement.key, base, ""]

    @show_errors
    def open_view(
        show: Any,
        key: str,
        base: dict[str, str],
        event: gr.EventData,
        progress: Any = PROGRESS,
        *values: Any,
    ) -> list[Any]:
        measurement = measurements.find(key) or take(show, progress, values)
        parameters = _parse(read_event(event, "state"))
        state = read_state(parameters, measurement, [])
        is_new = read_event(event, "new") is True
        html = Viewer(library, measurement).html(state, base, is_new)
        return [html, measurement.key]

    @show_errors
    def relabel(
        show: Any,
        key: str,
        base: dict[str, str],
        stored: Any,
        event: gr.EventData,
        progress: Any = PROGRESS,
        *values: Any,
    ) -> list[Any]:
        refuse_if_read_only(library)
        measurement = measurements.find(key) or take(show, progress, values)
        picture_id = read_id(read_event(event, "id"))
        known = set(measurement.neighbours.gallery.labels.tolist())
        change = set_label(library, [picture_id], read_choice(read_event(event, "label"), known))
        state = read_state(_parse(read_event(event, "state")), measurement, [])
        html = Viewer(library, measurement).html(state, base)
        return [html, measurement.key, *undo.changed(stored, change)]

    @show_errors
    def undo_change(stored: Any, event: gr.EventData) -> list[Any]:
        return undo.answer(library, stored, event)

    def restore(
        parameters: Mapping[str, str], reasons: list[str], key: Any, shown: Any
    ) -> tuple[list[Any], dict[str, str]]:
        show, is_measured = bool(parameters["baselines"]), bool(parameters["measured"])
        controls, asked = truth_address.restore(library, parameters, reasons)
        priced, cost_state = cost.restore(parameters, reasons)
        base = _state(show, is_measured) | asked
        measurement = measurements.find(key) if isinstance(key, str) and shown == base else None
        opened = gr.Accordion(open=True) if asked else gr.skip()
        values = [opened, *controls, *priced, show]
        if not is_measured:
            return [*values, "", gr.skip(), gr.skip()], base | cost_state
        if measurement is None or [m.name for m in measurement.models] != names_of(show):
            # address.js presses the button where nothing is shown.
            return [*values, urlencode(parameters), "", ""], base | cost_state
        state = read_state(parameters, measurement, reasons)
        html = Viewer(library, measurement).html(state, base)
        return [*values, "", gr.skip(), html], base | cost_state | state.address()

    private: dict[str, Any] = {"api_visibility": "private"}
    start.click(
        measure,
        [switch, wanted, *truth],
        [result, look, current, told, wanted],
        preprocess=False,
        show_progress_on=[result],
        **private,
        **costly("evaluate"),
    )
    opening: dict[str, Any] = {"preprocess": False, "show_progress_on": [look], **private}
    opening |= {"concurrency_limit": 4, "concurrency_id": "evaluation views"}
    for source in (result, look):
        source.click(open_view, [switch, current, told, *truth], [look, current], **opening)
    changes = [line, shared.changes]
    asked = [switch, current, told, shared.changes, *truth]
    look.select(relabel, asked, [look, current, *changes], **opening)
    # evaluate.js then asks for the view again.
    undone = line.click(undo_change, shared.changes, changes, preprocess=False, **private)
    undone.then(None, js=RELABELLED, **private)
    restored = [section, *truth, *cost.components, switch, wanted, result, look]
    address = TabAddress("evaluate", restore, [current, told], restored)

    def measured(show: Any, key: str, *values: Any) -> Measurement:
        # It is measured again only where others have measured much meanwhile.
        return measurements.find(key) or take(show, PROGRESS, values)

    inputs = [switch, current, *truth]
    reports = *evaluation_reports.sources(library, measured, inputs), cost.report
    return EvaluateTab(switch, result, cost.models, address, reports)


def _parse(state: Any) -> dict[str, str]:
    """Return the parameters of a view, which are untrusted."""
    return dict(parse_qsl(read_text(state, MAX_STATE)))


def _state(show: bool, is_measured: bool) -> dict[str, str]:
    state = {"tab": "evaluate"}
    state |= {"baselines": "1"} if show else {}
    return state | ({"measured": "1"} if is_measured else {})
