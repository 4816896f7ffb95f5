"""Models compared query by query: differences, their intervals, and p-values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from searcher.metrics.significance import ALPHA, Progress, bootstrap, holm, sign_flips
from searcher.types import FloatArray


@dataclass(frozen=True)
class Difference:
    """The mean of a measure's difference a - b over the queries, paired.

    `ci95` are the ends of its bootstrap interval, `p` is the p-value of a randomisation test, and
    `p_holm` the same after Holm's correction for all pairs of models.
    """

    mean: float
    ci95: tuple[float, float]
    p: float
    p_holm: float

    @property
    def is_significant(self) -> bool:
        """Whether the two models can be told apart."""
        return self.p_holm < ALPHA

    @property
    def margin(self) -> float:
        """Half of the interval's width: mean ± margin."""
        return (self.ci95[1] - self.ci95[0]) / 2

    def reversed(self) -> "Difference":
        """Return the difference b - a."""
        low, high = self.ci95
        return Difference(-self.mean, (-high, -low), self.p, self.p_holm)

    def document(self) -> dict[str, Any]:
        """The difference as a JSON document."""
        return {
            "difference": round(self.mean, 4),
            "ci95": [round(end, 4) for end in self.ci95],
            "p": round(self.p, 4),
            "p_holm": round(self.p_holm, 4),
        }


@dataclass(frozen=True)
class PairedComparison:
    """Two models, by name, and their difference a - b in each measure."""

    a: str
    b: str
    differences: dict[str, Difference]

    def document(self) -> dict[str, Any]:
        """The comparison as a JSON document."""
        return {
            "models": [self.a, self.b],
            "differences": {name: d.document() for name, d in self.differences.items()},
        }


@dataclass(frozen=True)
class PairedResults:
    """The comparisons of each two models, and the interval of each model's mean by measure."""

    comparisons: list[PairedComparison]
    intervals: dict[str, dict[str, tuple[float, float]]]


def compare_pairs(
    scores: Mapping[str, Mapping[str, FloatArray]], progress: Progress = lambda share: None
) -> PairedResults:
    """Compare each two models in all measures.

    Args:
        scores: By model and measure, the value of each query [Q], in the same order of queries.
        progress: Called with the completed share, 0 to 1.
    """
    models = list(scores)
    measures = list(scores[models[0]])
    columns = np.stack(
        [scores[model][measure] for model in models for measure in measures], axis=1
    ).astype(np.float64)
    resampled = bootstrap(columns, lambda share: progress(share / 2))
    flips = sign_flips(columns, lambda share: progress((1 + share) / 2))
    progress(1)  # few queries are done at once
    means = columns.mean(axis=0)
    pairs = list(combinations(range(len(models)), 2))
    found: list[dict[str, Difference]] = [{} for _ in pairs]
    for place, measure in enumerate(measures):
        ends = [(i * len(measures) + place, j * len(measures) + place) for i, j in pairs]
        p_values = [flips.p_value(a, b) for a, b in ends]
        for row, (a, b), p, corrected in zip(found, ends, p_values, holm(p_values), strict=True):
            difference = float(means[a] - means[b])
            row[measure] = Difference(difference, resampled.difference(a, b), p, corrected)
    intervals = {
        model: {
            measure: resampled.interval(number * len(measures) + place)
            for place, measure in enumerate(measures)
        }
        for number, model in enumerate(models)
    }
    comparisons = [
        PairedComparison(models[i], models[j], differences)
        for (i, j), differences in zip(pairs, found, strict=True)
    ]
    return PairedResults(comparisons, intervals)


def told_apart(comparisons: Sequence[PairedComparison], measure: str) -> set[frozenset[str]]:
    """Return the pairs of models that differ significantly in a measure."""
    return {
        frozenset((comparison.a, comparison.b))
        for comparison in comparisons
        if comparison.differences[measure].is_significant
    }
