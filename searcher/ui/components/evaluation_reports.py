"""What Evaluate shows, as sections of a report."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from searcher.errors import InvalidRequest
from searcher.evaluation.confusion import Confusion
from searcher.evaluation.measurements import Measurement
from searcher.library.core import Library
from searcher.presentation.cases import CaseFinder, QueryList
from searcher.presentation.disagreement_section import disagreement_section
from searcher.presentation.evaluation_section import evaluation_section
from searcher.presentation.reports import Section
from searcher.ui.components.evaluation_state import (
    CONFUSION,
    DISAGREEMENTS,
    HARDEST,
    LIMITS,
    SUSPICIOUS,
    ViewState,
    read_state,
)
from searcher.ui.components.report_form import ReportSource
from searcher.ui.i18n import tr

PAGE = 12  # queries
CONFUSED = 20  # pairs of labels


def sources(
    library: Library, measured: Callable[..., Measurement], inputs: Sequence[Any]
) -> tuple[ReportSource, ...]:
    """Return the sections of Evaluate: quality, and the disagreements that are open.

    Args:
        library: The library.
        measured: Returns what was measured, given the values of the inputs.
        inputs: The inputs.
    """

    def evaluation(look: str, *values: Any) -> Section:
        measurement = measured(*values)
        if measurement.evaluation is None:
            raise InvalidRequest("request.nothing_shown")
        return _evaluation(library, measurement, _state(look, measurement))

    def disagreements(look: str, *values: Any) -> Section:
        measurement = measured(*values)
        state = _state(look, measurement)
        if state.look != DISAGREEMENTS or not state.models:
            raise InvalidRequest("request.nothing_shown")
        return disagreement_section(library, measurement, state.pair, state.pages * PAGE)

    look = "#evaluate-look [data-state]"
    return (
        ReportSource("evaluation", "#evaluate-result .tl-evaluation", evaluation, inputs, look),
        ReportSource(
            "disagreements",
            '#evaluate-look [data-state*="look=disagreements"]',
            disagreements,
            inputs,
            look,
        ),
    )


def _evaluation(library: Library, measurement: Measurement, state: ViewState) -> Section:
    assert measurement.evaluation
    finder, count = CaseFinder(measurement), state.pages * PAGE
    lists: list[tuple[str, str, QueryList]] = []
    pairs, labels = [], []
    if state.look == HARDEST:
        found = finder.hardest(state.model, state.measure, state.label, count)
        lists.append((HARDEST, tr("Hardest queries"), found))
    if state.look == LIMITS:
        found = finder.limiting(state.measure, state.label, count)
        lists.append((LIMITS, tr("What is possible"), found))
    if state.look == CONFUSION:
        pairs = Confusion(measurement.neighbours, state.model, int(state.k)).pairs(CONFUSED)
        if state.label:
            found = finder.confused(state.model, int(state.k), state.label, state.other, count)
            lists.append((CONFUSION + "_queries", tr("Confused labels"), found))
    if state.look == SUSPICIOUS:
        labels = measurement.suspicious[: 2 * count]
    return evaluation_section(library, measurement.evaluation, lists, pairs, labels)


def _state(look: str, measurement: Measurement) -> ViewState:
    return read_state(dict(parse_qsl(look)), measurement, [])
