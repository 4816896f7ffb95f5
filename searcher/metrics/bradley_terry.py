"""Bradley-Terry scores of models from votes, and their bootstrap intervals. Pure functions."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.metrics.tally import Tally

SCALE = 400 / np.log(10)  # as in chess ratings: 400 points more mean odds of ten to one
CENTRE = 1000.0  # the mean score
STEPS = 100  # iterations at most
TOLERANCE = 1e-9  # change of the logarithm of a strength at which iteration ends
MAX_STEP = 2.0  # of a logarithm: full Newton steps may leave the range where they converge
RIDGE = 1e-9  # keeps the matrix regular, as only differences of strengths matter
RESAMPLES = 1000
HALF_EACH = (0.5, 0.5, 0)  # the additional tie, as wins of the first, of the second, and ties
ENDS = (2.5, 97.5)  # percentiles: the ends of a 95 % interval

Scores = npt.NDArray[np.float64]


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
    counts = np.array([tally.outcomes for tally in tallies], float).reshape(1, -1, 3)
    scores = _scores(names, tallies, counts)[0]
    return dict(zip(names, scores.tolist(), strict=True))


def bootstrap(
    names: Sequence[str], tallies: Sequence[Tally], resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Return 95 % percentile intervals of Bradley-Terry scores.

    A parametric bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters
    6.5 and 13), as intervals of votes on language models are made (Chiang et al., Chatbot Arena,
    arXiv:2403.04132, 2024): each pair's games are drawn anew, by the shares of their outcomes. As
    in the scores, one additional tie counts as half a win for each, so that all of three games won
    do not mean that a fourth can't be lost.

    Args:
        names: All models.
        tallies: Votes, one tally per pair.
        resamples: How often the votes are drawn.
        seed: Of the random numbers.

    Returns:
        The ends by name; those of a model without games have no meaning.
    """
    generator = np.random.default_rng(seed)
    drawn = np.zeros((resamples, len(tallies), 3))
    for column, tally in enumerate(tallies):
        games = sum(tally.outcomes)
        shares = np.add(tally.outcomes, HALF_EACH) / (games + 1)
        drawn[:, column] = generator.multinomial(games, shares, size=resamples)
    ends = np.percentile(_scores(names, tallies, drawn), ENDS, axis=0)
    return {name: (low, high) for name, low, high in zip(names, *ends.tolist(), strict=True)}


def _scores(names: Sequence[str], tallies: Sequence[Tally], counts: Scores) -> Scores:
    """Fit models [B, models] to counts [B, pairs, (first wins, second wins, ties)] of votes.

    By Newton's method on all B at once. The logarithm of the likelihood is concave.
    """
    place = {name: number for number, name in enumerate(names)}
    wins = np.zeros((len(counts), len(names), len(names)))  # of a row's model over a column's
    for column, tally in enumerate(tallies):
        a, b = place[tally.first], place[tally.second]
        half = (counts[:, column, 2] + 1) / 2
        wins[:, a, b] = counts[:, column, 0] + half
        wins[:, b, a] = counts[:, column, 1] + half
    games = wins + wins.transpose(0, 2, 1)
    logs = np.zeros(wins.shape[:2])
    diagonal = np.arange(len(names))
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(logs[:, None, :] - logs[:, :, None]))  # of winning
        gradient = wins.sum(2) - (games * odds).sum(2)
        curvature = -games * odds * (1 - odds)
        curvature[:, diagonal, diagonal] = RIDGE - curvature.sum(2)
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        logs += step.clip(-MAX_STEP, MAX_STEP)
        if np.abs(step).max(initial=0) < TOLERANCE:
            break
    # A group of models without games against the others keeps the mean.
    return np.asarray(CENTRE + SCALE * logs)
