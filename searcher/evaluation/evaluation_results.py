"""The results of an evaluation: scores of each query, means, comparisons and verdict."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from searcher.evaluation.near_copies import NearCopy
from searcher.evaluation.paired import PairedComparison
from searcher.evaluation.quality_verdict import Candidate, QualityVerdict, conclude
from searcher.evaluation.task import Task
from searcher.messages.message import Message, message
from searcher.metrics.depth_curves import DepthCurves
from searcher.metrics.relevant_ranks import RowArray
from searcher.models.registry import Model
from searcher.types import FloatArray

MAIN_MEASURE = "p@10"  # by which models are ordered


@dataclass(frozen=True)
class Quality:
    """The measures of one model: means over the queries, 0 to 1.

    `milliseconds` per picture is None until it was measured. `ci95` has the ends of the 95 %
    bootstrap intervals, `queries` the number of queries, each with a relevant picture.
    `scores` are the values of each query by measure, float32 [Q]; `nearest` are the rows of the
    gallery nearest to each query, without junk, int32 [Q, depth], below 0 beyond the end.
    `curves` are precision and recall at the same depths.
    """

    model: Model
    milliseconds: float | None
    queries: int
    means: dict[str, float]
    ci95: dict[str, tuple[float, float]]
    per_label: dict[str, dict[str, float]]
    scores: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    nearest: RowArray = field(default_factory=lambda: np.empty((0, 0), np.int32), repr=False)
    curves: DepthCurves = field(default_factory=DepthCurves, repr=False)

    def document(self) -> dict[str, Any]:
        """The model's entry in the `--json` document of `evaluate`."""
        return {
            **self.means,
            "ci95": {name: list(ends) for name, ends in self.ci95.items()},
            "per_label": self.per_label,
            "curves": self.curves.document(),
            "queries": self.queries,
            "ms": self.milliseconds,
            "dim": self.model.dim,
            "mb": round(self.model.megabytes, 1),
        }


@dataclass(frozen=True)
class Evaluation:
    """Several models measured on the same pictures.

    `ceilings` and `ceiling_curves` are what the best ranking possible would have, `ideal` the same
    for each query by measure, float32 [Q]. `comparisons` are those of each two models, in the order
    of `models`.
    """

    k: int
    pictures: int
    labels: int
    models: list[Quality]
    task: Task = field(repr=False)
    ceilings: dict[str, float]
    comparisons: list[PairedComparison]
    near_copies: list[NearCopy]
    ceiling_curves: DepthCurves = field(default_factory=DepthCurves, repr=False)
    ideal: dict[str, FloatArray] = field(default_factory=dict, repr=False)

    @cached_property
    def verdict(self) -> QualityVerdict:
        """The verdict by MAIN_MEASURE."""
        return self.verdict_by(MAIN_MEASURE)

    def verdict_by(self, measure: str) -> QualityVerdict:
        """Return the verdict by a measure."""
        candidates = [
            Candidate(
                quality.model.name,
                quality.model.display,
                quality.means[measure],
                quality.milliseconds,
                quality.model.dim,
            )
            for quality in self.models
        ]
        return conclude(candidates, self.comparisons, measure)

    @property
    def warning(self) -> Message | None:
        """What makes the figures worse than the models are."""
        for pair in self.near_copies:
            name, other = pair.places
            count = len(self.near_copies)
            return message("evaluation.near_copies", n=count, name=name, other=other)
        return None

    def messages(self) -> list[Message]:
        """Return the verdict, the recommendation, a warning, and what is left out."""
        said = [self.verdict.sentence]
        if len(self.models) > 1:
            said.append(self.verdict.recommendation)
        return [*said, *([self.warning] if self.warning else []), *self.task.notes]

    def sentences(self) -> list[str]:
        """Return the messages in English."""
        return [str(message) for message in self.messages()]

    def document(self) -> dict[str, Any]:
        """The `--json` document of `evaluate`, without sentences."""
        return {
            "k": self.k,
            "models": {quality.model.name: quality.document() for quality in self.models},
            "pictures": self.pictures,
            "labels": self.labels,
            "queries": len(self.task.queries),
            "truth": "judgements" if self.task.is_judged else "labels",
            "ceilings": self.ceilings,
            "ceiling_curves": self.ceiling_curves.document(),
            "verdict": self.verdict.document(),
            "comparisons": [comparison.document() for comparison in self.comparisons],
            "near_copies": [pair.document() for pair in self.near_copies],
        }

    def quality(self, name: str) -> Quality:
        """Return the measures of a model that was evaluated, by its name."""
        return next(quality for quality in self.models if quality.model.name == name)

    def comparison(self, a: str, b: str) -> PairedComparison:
        """Return the comparison a - b of two models that were evaluated, by their names."""
        for pair in self.comparisons:
            if (pair.a, pair.b) == (a, b):
                return pair
            if (pair.a, pair.b) == (b, a):
                differences = {name: d.reversed() for name, d in pair.differences.items()}
                return PairedComparison(a, b, differences)
        raise KeyError((a, b))
