"""Which pictures behind a measurement's numbers are shown: a view and its choices."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.evaluation.measurements import Measurement
from searcher.ui.components.address import MAX_SAID, read_number_of
from searcher.ui.i18n import tr

HARDEST, LIMITS, DISAGREEMENTS, CONFUSION, SUSPICIOUS, COPIES = VIEWS = (
    "hardest",
    "limits",
    "disagreements",
    "confusion",
    "suspicious",
    "copies",
)
OVERLAP = "overlap"  # a side: the queries for which the models find the most different pictures
SIDES = ("a", "b", OVERLAP)
MAX_PAGES = 50


@dataclass(frozen=True)
class ViewState:
    """A view and its choices, by the keys of the page's address.

    Attributes:
        look: One of VIEWS; "" while none is open.
        model: The model of HARDEST and CONFUSION.
        models: The two models of DISAGREEMENTS, with a comma between them.
        side: Which of them is right, one of SIDES.
        measure: The measure of HARDEST and LIMITS.
        k: How many neighbours count for CONFUSION.
        label: The label of the queries; "" for all.
        other: The label of their neighbours; "" for all but the query's own.
        page_number: How many pages are shown, from 1.
    """

    look: str = ""
    model: str = ""
    models: str = ""
    side: str = ""
    measure: str = ""
    k: str = ""
    label: str = ""
    other: str = ""
    page_number: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The two models of DISAGREEMENTS."""
        a, _, b = self.models.partition(",")
        return a, b

    @property
    def pages(self) -> int:
        """How many pages are shown."""
        return int(self.page_number or 1)

    def address(self) -> dict[str, str]:
        """Return the parameters of the page's address."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}

    def but(self, **changes: str) -> str:
        """Return the first page of a state with changes, as the page's buttons send it."""
        return urlencode(replace(self, **({"page_number": ""} | changes)).address())

    @property
    def more(self) -> str:
        """The state with one more page."""
        return self.but(page_number=str(self.pages + 1))


def read_state(
    parameters: Mapping[str, str], measurement: Measurement, reasons: list[str]
) -> ViewState:
    """Return the state of an address or of a button, with defaults for what is missing.

    Args:
        parameters: The parameters, which are untrusted.
        measurement: What is shown.
        reasons: Gets a sentence for each parameter that can't be followed.
    """
    names = [model.name for model in measurement.models]
    evaluation = measurement.evaluation
    if evaluation:  # best first
        names.sort(key=lambda name: -evaluation.quality(name).means[MAIN_MEASURE])
    view = parameters.get("look", "")
    if view and view not in VIEWS:
        reasons.append(tr("There is no view “{name}”.", name=view[:MAX_SAID]))
        view = ""
    if not evaluation:  # what needs labels is not there
        view = DISAGREEMENTS
    elif view in (CONFUSION, SUSPICIOUS) and not evaluation.task.has_single_labels:
        view = ""
    if view in (HARDEST, CONFUSION):
        model = _known(parameters.get("model", ""), names, reasons) or names[0]
        label, other = parameters.get("label", ""), parameters.get("other", "")
        if view == HARDEST:
            measure = _measure(parameters.get("measure", ""), measurement, reasons)
            state = ViewState(view, model, measure=measure, label=label)
        else:
            k = parameters.get("k", "")
            choices = [str(count) for count in depths(measurement)]
            state = ViewState(view, model, k=k if k in choices else "1", label=label, other=other)
    elif view == LIMITS:
        measure = _measure(parameters.get("measure", ""), measurement, reasons)
        state = ViewState(view, measure=measure, label=parameters.get("label", ""))
    elif view == DISAGREEMENTS and len(names) > 1:
        listed = [
            _known(name, names, reasons) for name in parameters.get("models", "").split(",")[:2]
        ]
        chosen = list(dict.fromkeys([*filter(None, listed), *names]))[:2]
        side = parameters.get("side", "")
        side = side if side in SIDES and evaluation else "a" if evaluation else OVERLAP
        state = ViewState(view, models=",".join(chosen), side=side)
    else:
        state = ViewState("" if view == DISAGREEMENTS else view)
    number = read_number_of({"page_number": "", **parameters}, "page_number", MAX_PAGES, 1, reasons)
    return replace(state, page_number=str(number) if number > 1 else "")


def depths(measurement: Measurement) -> list[int]:
    """Return how many neighbours can count for CONFUSION."""
    evaluation = measurement.evaluation
    return sorted({1, evaluation.k if evaluation else 1})


def _known(name: str, names: list[str], reasons: list[str]) -> str:
    if name and name not in names:
        reasons.append(tr("The model “{name}” is not here.", name=name[:MAX_SAID]))
    return name if name in names else ""


def _measure(name: str, measurement: Measurement, reasons: list[str]) -> str:
    measures = measurement.evaluation.ceilings if measurement.evaluation else {}
    if name and name not in measures:
        reasons.append(tr("There is no measure “{name}”.", name=name[:MAX_SAID]))
    return name if name in measures else MAIN_MEASURE
