"""What the votes say, and whether the labels agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from searcher.errors import NotEnoughLabels
from searcher.evaluation.arena import Arena
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.evaluation.measured import complete, recall
from searcher.library.core import Library
from searcher.metrics.leaderboard import Standing, leader
from searcher.models.registry import Model

CHEAP = 2000  # pictures, up to which missing measurements take about a second


@dataclass(frozen=True)
class ArenaVerdict:
    """The first by the votes and by the labels.

    Attributes:
        standings: Of all models, strongest first.
        total: The number of votes.
        leader: The model whose interval lies above all others; None while there are too few votes.
        precisions: The measured precision@10 of the models with votes, by name; {} unless that of
            at least two is known.
        is_measurable: Whether that of a model with votes is unknown, and can be measured in about
            a second.
    """

    standings: list[Standing]
    total: int
    leader: str | None
    precisions: Mapping[str, float]
    is_measurable: bool = False

    @property
    def best(self) -> str | None:
        """The model with the highest precision@10; None if there is none."""
        return max(self.precisions, key=self.precisions.__getitem__, default=None)

    @property
    def agree(self) -> bool | None:
        """Whether votes and labels have the same first model; None while one of them has none."""
        if self.leader not in self.precisions or self.leader is None:
            return None
        return self.precisions[self.leader] == max(self.precisions.values())

    def document(self, titles: Mapping[str, str]) -> dict[str, Any]:
        """Return the `--json` document of `arena`, given the titles of the models by name."""
        return {
            "votes": self.total,
            "standings": [
                {"title": titles.get(standing.model, standing.model)} | standing.document()
                for standing in self.standings
            ],
            "leader": self.leader,
            MAIN_MEASURE: dict(self.precisions),
            "best_by_labels": self.best,
            "agree": self.agree,
        }


def arena_verdict(library: Library, may_measure: bool = True) -> ArenaVerdict:
    """Return what the votes say, beside the measured quality if it is known or soon measured.

    Args:
        library: The library.
        may_measure: Whether to measure up to CHEAP pictures, which takes about a second.

    Raises:
        StoreUnavailable: Redis or Milvus does not answer.
    """
    arena = Arena(library)
    standings = arena.leaderboard()
    played = {standing.model for standing in standings if standing.games}
    models = [model for model in library.registry.ready() if model.name in played]
    known = recall(library, models) if len(models) > 1 else {}
    missing = [model for model in models if model.name not in known]
    is_measurable = len(models) > 1 and bool(missing) and library.records.count() <= CHEAP
    if is_measurable and may_measure:
        known |= _measure(library, missing)
        standings = arena.leaderboard()  # votes are cast and taken back meanwhile
    precisions = known if len(known) > 1 else {}
    total = arena.counts().total
    return ArenaVerdict(standings, total, leader(standings), precisions, is_measurable)


def _measure(library: Library, models: list[Model]) -> dict[str, float]:
    """Measure models that have all pictures; nothing where no two pictures share a label."""
    names = [model.name for model in complete(library, models)]
    try:
        qualities = evaluate(library, names).models if names else []
    except NotEnoughLabels:
        return {}
    return {quality.model.name: quality.means[MAIN_MEASURE] for quality in qualities}
