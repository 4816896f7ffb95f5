"""The sections of reports of evaluate and compare-models."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from searcher.evaluation.evaluation_results import Evaluation
    from searcher.evaluation.measurements import Measurement
    from searcher.library.core import Library
    from searcher.presentation.reports import Section


class Details(NamedTuple):
    """What options of `evaluate` ask for besides the quality; see their help."""

    model: str
    hardest: int
    limits: int
    confusion: int
    by: str
    suspicious: bool


def evaluation_report(
    library: "Library", evaluation: "Evaluation", asked: Details
) -> "list[Section]":
    """Return the section of an evaluation, with what the options ask for besides the quality."""
    from searcher.evaluation.confusion import Confusion
    from searcher.evaluation.measurements import Measurement
    from searcher.evaluation.neighbours import Neighbours
    from searcher.evaluation.suspicious_labels import suspicious_labels
    from searcher.presentation.cases import CaseFinder
    from searcher.presentation.evaluation_section import evaluation_section
    from searcher.presentation.wording import tr

    model, hardest, limits, confusion, by, suspicious = asked
    name = model or evaluation.verdict.best
    neighbours = Neighbours.of(evaluation)
    models = [quality.model for quality in evaluation.models]
    finder = CaseFinder(Measurement("", models, neighbours, evaluation))
    lists = []
    if hardest:
        lists.append(("hardest", tr("Hardest queries"), finder.hardest(name, by, "", hardest)))
    if limits:
        lists.append(("limits", tr("What is possible"), finder.limiting(by, "", limits)))
    pairs = Confusion(neighbours, name).pairs(confusion) if confusion else []
    labels = suspicious_labels(neighbours) if suspicious else []
    return [evaluation_section(library, evaluation, lists, pairs, labels)]


def disagreement_report(
    library: "Library", measurement: "Measurement", a: str, b: str
) -> "list[Section]":
    """Return the section of two models."""
    from searcher.presentation.disagreement_section import disagreement_section

    return [disagreement_section(library, measurement, (a, b))]
