"""Which model is best, which can't be told apart from it, and which one to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from searcher.evaluation.paired import Difference, PairedComparison, told_apart
from searcher.messages.message import Message, message
from searcher.metrics.significance import groups

CLEARLY = 1.5  # times as fast or small, to be preferred among models that are equally good
MUCH = 2.0  # times as fast or small, to be worth a loss of quality
MIN_QUALITY = 0.5  # of the chosen model's: what is worse is no alternative


@dataclass(frozen=True)
class Candidate:
    """A model, the mean of the measure, milliseconds per picture if known, and dimensions."""

    name: str
    title: str
    mean: float
    milliseconds: float | None
    dim: int

    def advantage(self, other: "Candidate", times: float) -> tuple[str, float] | None:
        """Return whether it is at least `times` as fast or small: "faster" or "smaller", factor."""
        if self.milliseconds and other.milliseconds:
            factor = other.milliseconds / self.milliseconds
            if factor >= times:
                return "faster", factor
            if factor < 1 / CLEARLY:
                return None  # what is smaller but slow is no better
        factor = other.dim / self.dim if self.dim else 0.0
        return ("smaller", factor) if factor >= times else None


@dataclass(frozen=True)
class Alternative:
    """A model to prefer to another one.

    Args:
        model: Its name.
        reason: "faster", or "smaller" for shorter vectors.
        factor: How many times as fast or small.
        loss: How much lower its mean is.
    """

    model: str
    reason: str
    factor: float
    loss: float

    def document(self) -> dict[str, Any]:
        """The alternative as a JSON document."""
        return {
            "model": self.model,
            "reason": self.reason,
            "factor": round(self.factor, 2),
            "loss": round(self.loss, 4),
        }


@dataclass(frozen=True)
class QualityVerdict:
    """The verdict on several models by one measure.

    Args:
        measure: The measure's name.
        best: The name of the model with the highest mean.
        tied: Names of the models that can't be told apart from it, best first.
        runner_up: The best model that can be told apart from `best`, and how much better that is.
        groups: All groups of models that can't be told apart, best first.
        choice: The recommended model.
        instead: Why `choice` is preferred to `best`, if they differ.
        unless: When another model than `choice` is the better choice.
        sentence: The verdict.
        recommendation: One sentence.
    """

    measure: str
    best: str
    tied: tuple[str, ...]
    runner_up: tuple[str, Difference] | None
    groups: list[tuple[str, ...]]
    choice: str
    instead: Alternative | None
    unless: Alternative | None
    sentence: Message
    recommendation: Message

    def document(self) -> dict[str, Any]:
        """The verdict as a JSON document."""
        over, difference = self.runner_up or (None, None)
        return {
            "measure": self.measure,
            "best": self.best,
            "tied": list(self.tied),
            "over": {"model": over, **difference.document()} if over and difference else None,
            "groups": [list(group) for group in self.groups],
            "choice": self.choice,
            "instead": self.instead.document() if self.instead else None,
            "unless": self.unless.document() if self.unless else None,
        }


def conclude(
    candidates: Sequence[Candidate], comparisons: Sequence[PairedComparison], measure: str
) -> QualityVerdict:
    """Return the verdict.

    Args:
        candidates: The models, at least one.
        comparisons: Of each two of them.
        measure: The measure to judge by.
    """
    ranked = sorted(candidates, key=lambda candidate: -candidate.mean)
    apart = told_apart(comparisons, measure)
    best, *others = ranked
    tied = [other for other in others if frozenset((best.name, other.name)) not in apart]
    worse = [other for other in others if other not in tied]
    choice, instead = _choice(best, tied)
    unless = next(
        (
            Alternative(other.name, *advantage, choice.mean - other.mean)
            for other in worse
            if other.mean >= MIN_QUALITY * choice.mean
            and (advantage := other.advantage(choice, MUCH))
        ),
        None,
    )
    runner_up = (
        (worse[0].name, _difference(comparisons, best, worse[0], measure)) if worse else None
    )
    titles = {candidate.name: candidate.title for candidate in candidates}
    return QualityVerdict(
        measure=measure,
        best=best.name,
        tied=tuple(other.name for other in tied),
        runner_up=runner_up,
        groups=groups([candidate.name for candidate in ranked], apart),
        choice=choice.name,
        instead=instead,
        unless=unless,
        sentence=_sentence(best, tied, runner_up, measure, titles),
        recommendation=_recommendation(choice, [best, *tied], instead, unless, titles),
    )


def _choice(best: Candidate, tied: Sequence[Candidate]) -> tuple[Candidate, Alternative | None]:
    """Return the model to choose of those that are equally good, and why it is not the best."""
    found = [
        (other, Alternative(other.name, *advantage, best.mean - other.mean))
        for other in tied
        if (advantage := other.advantage(best, CLEARLY))
    ]
    # Speed comes before size, and of equal advantages the better model.
    return max(
        found, key=lambda pair: (pair[1].reason == "faster", pair[1].factor), default=(best, None)
    )


def _lead(best: Candidate, tied: Sequence[Candidate]) -> Alternative | None:
    """Return how much faster or smaller the best is than each that is as good; None if it isn't."""
    found = [best.advantage(other, CLEARLY) for other in tied]
    reasons = {advantage[0] if advantage else None for advantage in found}
    if len(reasons) != 1 or None in reasons:
        return None
    reason, factor = min(advantage for advantage in found if advantage)
    return Alternative(best.name, reason, factor, 0.0)


def _difference(
    comparisons: Sequence[PairedComparison], a: Candidate, b: Candidate, measure: str
) -> Difference:
    for comparison in comparisons:
        if {comparison.a, comparison.b} == {a.name, b.name}:
            difference = comparison.differences[measure]
            return difference if comparison.a == a.name else difference.reversed()
    raise KeyError((a.name, b.name))


def _sentence(
    best: Candidate,
    tied: Sequence[Candidate],
    runner_up: tuple[str, Difference] | None,
    measure: str,
    titles: dict[str, str],
) -> Message:
    if tied:
        names = tuple(candidate.title for candidate in (best, *tied))
        cheaper, instead = _choice(best, tied)
        instead = instead or _lead(best, tied)
        if instead is None:
            return message("verdict.tied", titles=names, measure=measure)
        title, factor = cheaper.title, instead.factor
        if instead.reason == "faster":
            return message(
                "verdict.tied_faster", titles=names, measure=measure, model=title, factor=factor
            )
        return message(
            "verdict.tied_smaller", titles=names, measure=measure, model=title, factor=factor
        )
    if runner_up is None:
        return message("verdict.single", model=best.title, measure=measure, mean=best.mean)
    other, difference = runner_up
    return message(
        "verdict.best",
        model=best.title,
        measure=measure,
        difference=difference.mean,
        margin=difference.margin,
        other=titles[other],
    )


def _recommendation(
    choice: Candidate,
    equals: Sequence[Candidate],
    instead: Alternative | None,
    unless: Alternative | None,
    titles: dict[str, str],
) -> Message:
    advice = message("choice.best", model=choice.title)
    equal = next((equal.title for equal in equals if equal is not choice), "")
    cheaper = instead or _lead(choice, equals[1:])
    if cheaper and cheaper.reason == "faster":
        advice = message("choice.faster", model=choice.title, other=equal, factor=cheaper.factor)
    elif cheaper:
        advice = message("choice.smaller", model=choice.title, other=equal, factor=cheaper.factor)
    if unless is None:
        return message("choice.only", advice=advice)
    other, factor, loss = titles[unless.model], unless.factor, unless.loss
    if unless.reason == "faster":
        return message("choice.unless_faster", advice=advice, other=other, factor=factor, loss=loss)
    return message("choice.unless_smaller", advice=advice, other=other, factor=factor, loss=loss)
