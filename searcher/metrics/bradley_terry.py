"""Bradley-Terry scores of models from votes, and their bootstrap intervals. Pure functions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.metrics.tally import Tally

SCALE = 400 / np.log(10)  # as in chess ratings: 400 points more mean odds of ten to one
CENTRE = 1000.0  # the mean score
STEPS = 100  # iterations at most
TOLERANCE = 1e-5  # change of the logarithm of a strength at which iteration ends
MAX_STEP = 2.0  # of a logarithm: full Newton steps may leave the range where they converge
RIDGE = 1e-9  # keeps the matrix regular where two groups of models have no games between them
RESAMPLES = 1000
HALF_EACH = (0.5, 0.5, 0)  # the additional tie, as wins of the first, of the second, and ties
ENDS = (2.5, 97.5)  # percentiles: the ends of a 95 % interval

Numbers = npt.NDArray[np.float64]


def bradley_terry(names: Sequence[str], tallies: Sequence[Tally]) -> dict[str, float]:
    """Return maximum-likelihood strengths on a rating scale whose mean is CENTRE.

    Bradley and Terry, Biometrika 39 (1952). A tie counts as half a win for each. Each pair with
    games gets one additional tie, because otherwise the strength of a model that never lost would
    be infinite.

    Args:
        names: All models.
        tallies: Votes, one tally per pair.

    Returns:
        Scores by name; CENTRE for a model without games.
    """
    scores = _scores(names, tallies, _counts(tallies)[None])[0]
    return dict(zip(names, scores.tolist(), strict=True))


def bootstrap(
    names: Sequence[str], tallies: Sequence[Tally], resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Return 95 % percentile intervals of Bradley-Terry scores.

    A Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981) of each pair's games, the additional
    tie being half a win for each: the outcomes get random weights instead of being drawn, so that
    the scores lie in the middle of their intervals, and three games won out of three do not mean
    that a fourth can't be lost. For two models without ties these are the intervals of Jeffreys'
    prior for the share of wins, which cover as they should for few games too (Brown, Cai and
    DasGupta, Statistical Science 16, 2001).

    Args:
        names: All models.
        tallies: Votes, one tally per pair.
        resamples: How often the votes are drawn.
        seed: Of the random numbers.

    Returns:
        The ends by name; those of a model without games have no meaning.
    """
    counts = _counts(tallies)
    generator = np.random.default_rng(seed)
    weights = generator.standard_gamma(counts, (resamples, *counts.shape))
    weights *= (counts.sum(1) / weights.sum(2))[..., None]  # to weights of Dirichlet, all games
    ends = np.percentile(_scores(names, tallies, weights), ENDS, axis=0)
    return {name: (low, high) for name, low, high in zip(names, *ends.tolist(), strict=True)}


def _counts(tallies: Sequence[Tally]) -> Numbers:
    """Return counts [pairs, (first wins, second wins, ties)] with the additional tie."""
    counts = np.array([tally.outcomes for tally in tallies], float).reshape(-1, 3)
    return np.asarray(counts + HALF_EACH)


def _scores(names: Sequence[str], tallies: Sequence[Tally], counts: Numbers) -> Numbers:
    """Fit models [B, models] to counts [B, pairs, (first wins, second wins, ties)] of votes.

    By Newton's method on all B at once: the logarithm of the likelihood is concave.
    """
    played = sorted({name for tally in tallies for name in (tally.first, tally.second)})
    place = {name: number for number, name in enumerate(played)}
    wins = np.zeros((len(counts), len(played), len(played)))  # of a row's model over a column's
    for column, tally in enumerate(tallies):
        a, b = place[tally.first], place[tally.second]
        half = counts[:, column, 2] / 2
        wins[:, a, b] = counts[:, column, 0] + half
        wins[:, b, a] = counts[:, column, 1] + half
    games = wins + wins.transpose(0, 2, 1)
    logs = np.zeros(wins.shape[:2])
    diagonal = np.arange(len(played))
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(logs[:, None, :] - logs[:, :, None]))  # of winning
        gradient = wins.sum(2) - (games * odds).sum(2)
        curvature = games * odds * (odds - 1)
        curvature[:, diagonal, diagonal] = RIDGE - curvature.sum(2)
        # Only differences matter. That of the mean costs something, so that there is one solution.
        step = np.linalg.solve(curvature + 1, gradient[..., None])[..., 0]
        logs += step.clip(-MAX_STEP, MAX_STEP)
        if np.abs(step).max(initial=0) < TOLERANCE:
            break
    scores = np.full((len(counts), len(names)), CENTRE)
    scores[:, [names.index(name) for name in played]] += SCALE * logs
    return scores
