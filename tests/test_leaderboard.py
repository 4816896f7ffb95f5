"""Scores of models from votes: their values, their intervals, and ranks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.metrics.bradley_terry import bootstrap, bradley_terry
from searcher.metrics.leaderboard import leader, leaderboard
from searcher.metrics.tally import Tally

pytestmark = pytest.mark.numbers


def test_two_models_have_the_odds_of_their_games() -> None:
    # 29 wins to 9, with half a win for each as a prior: odds of 29.5 to 9.5.
    scores = bradley_terry(["a", "b"], [Tally("a", "b", 29, 9)])
    assert scores["a"] - scores["b"] == pytest.approx(400 * math.log10(29.5 / 9.5))
    assert scores["a"] + scores["b"] == pytest.approx(2000)


def test_scores_recover_the_strengths_that_made_the_games() -> None:
    generator = np.random.default_rng(0)
    strength = {"a": 4.0, "b": 2.0, "c": 1.0, "d": 0.5}
    tallies = []
    for first, second in (("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d")):
        odds = strength[first] / (strength[first] + strength[second])
        won = int(generator.binomial(20_000, odds))
        tallies.append(Tally(first, second, won, 20_000 - won))
    scores = bradley_terry(list(strength), tallies)
    for name, value in strength.items():
        expected = 1000 + 400 * math.log10(value / 2**0.5)  # their geometric mean is √2
        assert scores[name] == pytest.approx(expected, abs=8)


def test_a_model_that_never_lost_has_a_finite_score() -> None:
    board = leaderboard(["a", "b", "c"], [Tally("a", "b", 5, 0)])
    assert [s.model for s in board] == ["a", "b", "c"]
    assert 1000 < board[0].score < 2000
    assert (board[2].games, board[2].rate, board[2].score) == (0, None, 1000)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=3, max_size=3))
def test_scores_do_not_depend_on_names(games: list[tuple[int, int, int]]) -> None:
    pairs = (("a", "b"), ("a", "c"), ("b", "c"))
    tallies = [Tally(*pair, *game) for pair, game in zip(pairs, games, strict=True)]
    swap = {"a": "z", "b": "y", "c": "x"}
    turned = [
        Tally(swap[t.second], swap[t.first], t.second_wins, t.first_wins, t.ties) for t in tallies
    ]
    scores, mirrored_scores = bradley_terry("abc", tallies), bradley_terry("zyx", turned)
    for name, other in swap.items():
        assert scores[name] == pytest.approx(mirrored_scores[other], abs=1e-3)


def test_both_bad_is_a_tie_of_the_scores() -> None:
    ties = bradley_terry(["a", "b"], [Tally("a", "b", 7, 2, ties=5)])
    assert bradley_terry(["a", "b"], [Tally("a", "b", 7, 2, 1, both_bad=4)]) == ties
    (first, second) = leaderboard(["a", "b"], [Tally("a", "b", 1, 0, both_bad=1)])
    assert (first.games, first.wins, first.ties, first.both_bad, first.rate) == (2, 1, 0, 1, 0.75)
    assert (second.both_bad, second.rate) == (1, 0.25)


def test_intervals_of_many_votes_are_those_of_the_normal_approximation() -> None:
    # The log odds of n games have the variance 1 / (n p (1 - p)): Agresti, Categorical Data
    # Analysis, 3.1. The scores of two models are half of it to either side.
    tally = Tally("a", "b", 600, 400)
    half = 1.96 / math.sqrt(1001 * 0.6 * 0.4) * 400 / math.log(10) / 2
    score = bradley_terry(["a", "b"], [tally])["a"]
    low, high = bootstrap(["a", "b"], [tally], resamples=20_000)["a"]
    assert (low, high) == pytest.approx((score - half, score + half), abs=1.5)


@pytest.mark.parametrize("games", [5, 40])
def test_intervals_cover_the_strengths_that_made_the_games(games: int) -> None:
    generator = np.random.default_rng(3)
    strength = {"a": 2.0, "b": 1.0, "c": 0.5}
    covered = 0
    for _ in range(100):
        tallies = []
        for first, second in (("a", "b"), ("a", "c"), ("b", "c")):
            odds = strength[first] / (strength[first] + strength[second])
            won = int(generator.binomial(games, odds))
            tallies.append(Tally(first, second, won, games - won))
        intervals = bootstrap("abc", tallies, resamples=300)
        for name, (low, high) in intervals.items():
            covered += low <= 1000 + 400 * math.log10(strength[name]) <= high
    assert 0.9 <= covered / 300 <= 0.99


@pytest.mark.parametrize(("wins", "games"), [(10, 10), (7, 10), (1, 3), (0, 4)])
def test_intervals_of_two_models_are_those_of_jeffreys(wins: int, games: int) -> None:
    from scipy.stats import beta

    ends = bootstrap("ab", [Tally("a", "b", wins, games - wins)], resamples=20_000)["a"]
    shares = [1 / (1 + 10 ** ((1000 - end) / 200)) for end in ends]  # a score is half of the odds
    expected = beta.ppf([0.025, 0.975], wins + 0.5, games - wins + 0.5)
    assert shares == pytest.approx(expected, abs=0.01)


def test_intervals_are_the_same_each_time() -> None:
    tallies = [Tally("a", "b", 5, 3, 1), Tally("b", "c", 2, 2)]
    assert bootstrap("abc", tallies) == bootstrap("abc", tallies)
    assert bootstrap("abc", tallies, seed=1) != bootstrap("abc", tallies)


def test_nobody_is_first_after_a_few_votes() -> None:
    for wins in (1, 2, 3):
        board = leaderboard("ab", [Tally("a", "b", wins, 0)])
        assert [standing.rank for standing in board] == [None, None]
        assert leader(board) is None
    board = leaderboard("ab", [Tally("a", "b", 9, 0)])
    assert [(s.model, s.rank) for s in board] == [("a", 1), ("b", 2)]
    assert leader(board) == "a"


def test_ranks_are_shared_where_intervals_overlap() -> None:
    tallies = [Tally("a", "b", 20, 20), Tally("a", "c", 40, 2), Tally("b", "c", 40, 2)]
    board = {standing.model: standing for standing in leaderboard("abcd", tallies)}
    assert [board[name].rank for name in "abcd"] == [1, 1, 3, None]
    assert leader(board.values()) is None


def test_an_undone_vote_leaves_no_model_behind() -> None:
    assert leaderboard(["a"], [Tally("gone", "lost")]) == leaderboard(["a"], [])
