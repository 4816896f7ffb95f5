"""Leaderboard from votes: win rates, scores with intervals, and ranks. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from searcher.metrics.bradley_terry import bootstrap, bradley_terry
from searcher.metrics.tally import Tally


@dataclass(frozen=True)
class Standing:
    """One model's row of the leaderboard.

    Attributes:
        model: The model's name.
        games: The number of votes on it.
        wins: How many of them it won.
        ties: How many were ties; those where both were bad are none of these.
        both_bad: In how many neither found the right pictures.
        rate: The win rate, 0 to 1, a tie or two bad ones being half a win; None without games.
        score: The Bradley-Terry score; see bradley_terry.py.
        low: The lower end of its 95 % interval.
        high: The upper end.
        rank: One more than the number of models whose intervals lie above. None while the interval
            overlaps those of all other models: there are too few votes.
    """

    model: str
    games: int
    wins: int
    ties: int
    both_bad: int
    rate: float | None
    score: float
    low: float
    high: float
    rank: int | None = None

    def document(self) -> dict[str, Any]:
        """Return the model's entry in the `--json` document of `arena`."""
        played = self.games > 0
        values = asdict(self) | {
            "score": round(self.score, 1) if played else None,
            "ci95": [round(self.low, 1), round(self.high, 1)] if played else None,
            "rate": None if self.rate is None else round(self.rate, 4),
        }
        return {name: value for name, value in values.items() if name not in ("low", "high")}


def leaderboard(models: Iterable[str], tallies: Iterable[Tally]) -> list[Standing]:
    """Rank models by their votes.

    Args:
        models: Names of the present models.
        tallies: Votes, possibly also of models that were removed, which are ranked as well.

    Returns:
        Standings, strongest first, models without games last.
    """
    tallies = [tally for tally in tallies if tally.games]
    names = sorted({*models, *(n for t in tallies for n in (t.first, t.second))})
    scores, intervals = bradley_terry(names, tallies), bootstrap(names, tallies)
    standings = [_standing(name, tallies, scores[name], intervals[name]) for name in names]
    played = [standing for standing in standings if standing.games]
    ranked = [replace(s, rank=_rank(s, played)) if s.games else s for s in standings]
    return sorted(ranked, key=lambda s: (s.games == 0, -s.score, s.model))


def leader(standings: Iterable[Standing]) -> str | None:
    """Return the model whose interval lies above those of all others with games, if there is one.

    Args:
        standings: Two or more models, or fewer, of which none leads.
    """
    played = [standing for standing in standings if standing.games]
    for best in played:
        if len(played) > 1 and all(best.low > other.high for other in played if other != best):
            return best.model
    return None


def _standing(
    name: str, tallies: Sequence[Tally], score: float, interval: tuple[float, float]
) -> Standing:
    wins = sum(t.first_wins for t in tallies if t.first == name)
    wins += sum(t.second_wins for t in tallies if t.second == name)
    games_of = [t for t in tallies if name in (t.first, t.second)]
    ties, both_bad = sum(t.ties for t in games_of), sum(t.both_bad for t in games_of)
    games = sum(t.games for t in games_of)
    rate = (wins + (ties + both_bad) / 2) / games if games else None
    return Standing(name, games, wins, ties, both_bad, rate, score, *interval)


def _rank(standing: Standing, others: Sequence[Standing]) -> int | None:
    above = sum(other.low > standing.high for other in others)
    below = sum(other.high < standing.low for other in others)
    return above + 1 if above or below else None
