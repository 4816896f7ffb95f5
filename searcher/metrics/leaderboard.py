"""Leaderboard from votes: win rates, intervals and Bradley-Terry scores. Pure functions."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Z95 = 1.959964  # the normal distribution's 97.5 % quantile
SCALE = 400 / math.log(10)  # as in chess ratings: 400 points more mean odds of ten to one
CENTRE = 1000.0  # the mean score
STEPS = 500  # iterations at most
TOLERANCE = 1e-9  # change of the logarithm of a strength at which iteration ends


@dataclass(frozen=True)
class Tally:
    """Counts of votes between two models, `first` before `second` in alphabetical order."""

    first: str
    second: str
    first_wins: int = 0
    second_wins: int = 0
    ties: int = 0


@dataclass(frozen=True)
class Standing:
    """One model's row of the leaderboard.

    A tie counts as half a win. `rate` is the win rate, 0 to 1, None without games; `low` and
    `high` are its 95 % interval; `score` is on the Bradley-Terry scale.
    """

    model: str
    games: int
    wins: int
    ties: int
    rate: float | None
    low: float
    high: float
    score: float


def leaderboard(models: Iterable[str], tallies: Iterable[Tally]) -> list[Standing]:
    """Rank models by their votes.

    Args:
        models: Names of the present models.
        tallies: Votes, possibly also of models that were removed, which are ranked as well.

    Returns:
        Standings, strongest first, models without games last.
    """
    tallies = list(tallies)
    names = sorted({*models, *(n for t in tallies for n in (t.first, t.second))})
    scores = bradley_terry(names, tallies)
    standings = [_standing(name, tallies, scores[name]) for name in names]
    return sorted(standings, key=lambda s: (s.games == 0, -s.score, s.model))


def _standing(name: str, tallies: list[Tally], score: float) -> Standing:
    wins = sum(t.first_wins for t in tallies if t.first == name)
    wins += sum(t.second_wins for t in tallies if t.second == name)
    games_of = [t for t in tallies if name in (t.first, t.second)]
    ties = sum(t.ties for t in games_of)
    games = sum(t.first_wins + t.second_wins + t.ties for t in games_of)
    low, high = wilson(wins + ties / 2, games)
    rate = (wins + ties / 2) / games if games else None
    return Standing(name, games, wins, ties, rate, low, high, score)


def wilson(wins: float, games: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    if not games:
        return 0.0, 1.0
    rate, spread = wins / games, Z95**2 / games
    middle = (rate + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(rate * (1 - rate) / games + spread / (4 * games)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def bradley_terry(names: Iterable[str], tallies: Iterable[Tally]) -> dict[str, float]:
    """Return maximum-likelihood strengths on a rating scale whose mean is CENTRE.

    Bradley and Terry (Biometrika 39, 1952), by the minorisation of Hunter (Annals of Statistics
    32, 2004). A tie counts as half a win for each. Each pair with games gets one additional tie,
    because otherwise the strength of a model that never lost would be infinite.

    Args:
        names: All models.
        tallies: Votes, one tally per pair.

    Returns:
        Scores by name; CENTRE for a model without games.
    """
    strength = dict.fromkeys(names, 1.0)
    tallies = list(tallies)
    wins: dict[str, float] = dict.fromkeys(strength, 0.0)
    for t in tallies:
        wins[t.first] += t.first_wins + (t.ties + 1) / 2
        wins[t.second] += t.second_wins + (t.ties + 1) / 2
    for _ in range(STEPS):
        updated = _minorise(strength, wins, tallies)
        change = max((abs(math.log(updated[n] / strength[n])) for n in strength), default=0.0)
        strength = updated
        if change < TOLERANCE:
            break
    return {name: CENTRE + SCALE * math.log(value) for name, value in strength.items()}


def _minorise(
    strength: Mapping[str, float], wins: Mapping[str, float], tallies: Iterable[Tally]
) -> dict[str, float]:
    """Return the strengths after one iteration."""
    share = dict.fromkeys(strength, 0.0)
    for t in tallies:
        games = t.first_wins + t.second_wins + t.ties + 1
        expected = games / (strength[t.first] + strength[t.second])
        share[t.first] += expected
        share[t.second] += expected
    raw = {n: wins[n] / share[n] if share[n] else strength[n] for n in strength}
    # Only ratios matter: keep the geometric mean of the models with games at 1.
    logarithms = [math.log(raw[n]) for n in raw if share[n]]
    mean = math.exp(sum(logarithms) / len(logarithms)) if logarithms else 1.0
    return {n: raw[n] / mean if share[n] else 1.0 for n in raw}
