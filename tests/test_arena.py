"""Blind votes and the leaderboard."""

import csv
import io
import math
import random
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.errors import ArenaError
from searcher.evaluation.arena import RESULTS, Arena, Duel
from searcher.library.core import Library
from searcher.metrics.leaderboard import Tally, bradley_terry, leaderboard, wilson
from searcher.search.query import TextQuery
from searcher.stores.record import Record
from tests import onnx_files
from tests.pictures import folder
from tests.text_networks import write_text_file


@pytest.fixture
def arena(library: Library, tmp_path: Path) -> Arena:
    folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    return Arena(library)


def query_of(duel: Duel) -> int:
    assert isinstance(duel.query, Record)
    return duel.query.id


def test_a_duel_shows_two_models_rankings_without_the_query(arena: Arena, library: Library) -> None:
    duel = arena.duel("me")
    for ranking in (duel.left, duel.right):
        assert len(ranking.hits) == RESULTS
        assert query_of(duel) not in ranking.ids
    assert {duel.left.model, duel.right.model} == {"colour", "shape"}


def test_sides_are_drawn_at_random(arena: Arena) -> None:
    random.seed(1)
    assert {arena.duel("me").left.model for _ in range(20)} == {"colour", "shape"}


@pytest.mark.parametrize("choice", ["left", "tie", "right"])
def test_a_vote_counts_once(arena: Arena, choice: str) -> None:
    duel = arena.duel("me")
    verdict = arena.vote(duel.key, "me", choice)
    assert (verdict.left, verdict.right) == (duel.left.model, duel.right.model)
    for voter in ("me", "somebody else"):
        with pytest.raises(ArenaError, match="voted on this one already"):
            arena.vote(duel.key, voter, "left")
    standings = {s.model: s for s in arena.leaderboard()}
    assert {s.games for s in standings.values()} == {1}
    winner = {"left": verdict.left, "right": verdict.right}.get(choice)
    for name, standing in standings.items():
        assert standing.rate == (0.5 if winner is None else float(name == winner))


def test_one_vote_for_each_visitor_and_query_shown(arena: Arena, library: Library) -> None:
    pairs = set()
    for _ in range(12):  # all there is: 12 pictures and one pair of models
        duel = arena.duel("me")
        assert query_of(duel) not in pairs
        pairs.add(query_of(duel))
        arena.vote(duel.key, "me", "tie")
        if len(pairs) == 9:
            break
    # The same query once more, shown before the first vote on it, is not counted.
    first, second = arena.duel("you"), None
    while second is None or query_of(second) != query_of(first):
        second = arena.duel("you")
    arena.vote(first.key, "you", "left")
    with pytest.raises(ArenaError, match="already"):
        arena.vote(second.key, "you", "left")


def test_votes_at_the_same_moment_count_once(arena: Arena) -> None:
    duel = arena.duel("me")
    outcomes: list[bool] = []

    def vote() -> None:
        try:
            arena.vote(duel.key, "me", "left")
            outcomes.append(True)
        except ArenaError:
            outcomes.append(False)

    threads = [threading.Thread(target=vote) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
    assert sum(s.games for s in arena.leaderboard()) == 2


def test_what_was_not_shown_can_not_be_voted_on(arena: Arena) -> None:
    duel = arena.duel("me")
    for key, choice in (("nonsense", "left"), (duel.key, "both"), ("", "tie")):
        with pytest.raises(ArenaError, match="no longer open"):
            arena.vote(key, "me", choice)
    assert all(s.games == 0 for s in arena.leaderboard())


def test_votes_can_be_exported_and_forgotten(arena: Arena) -> None:
    for choice in ("left", "tie"):
        duel = arena.duel("me")
        arena.vote(duel.key, "me", choice)
    rows = list(csv.DictReader(io.StringIO(arena.votes_csv())))
    assert [set(row) for row in rows] == [
        {"time", "query", "first", "second", "winner", "text"}
    ] * 2
    assert {rows[0]["first"], rows[0]["second"]} == {"colour", "shape"}
    assert rows[0]["winner"] in ("colour", "shape")
    assert rows[1]["winner"] == ""
    arena.reset()
    assert arena.votes_csv().count("\n") == 1
    assert all(s.games == 0 for s in arena.leaderboard())


def test_it_needs_models_and_pictures(library: Library, tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="two models and more than 6 pictures"):
        Arena(library).duel("me")
    folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    (library.settings.models_dir / "shape.onnx").unlink()
    with pytest.raises(ArenaError, match="two models"):
        Arena(library).duel("me")


def test_untrained_models_do_not_play(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    untrained = onnx_files.Metadata("Net", "", "untrained (random, seed 0)", "")
    onnx_files.write(library.settings.models_dir, "net", metadata=untrained)
    library.index(library.incomplete())
    models = {r.model for _ in range(20) for d in [Arena(library).duel("me")] for r in (d.left,)}
    assert models == {"colour", "shape"}


def test_words_are_voted_on_by_models_that_understand_them(arena: Arena, library: Library) -> None:
    models = library.settings.models_dir
    onnx_files.write(models, "net")
    library.index(library.incomplete())
    for name in ("shape", "net"):
        with pytest.raises(ArenaError, match="two models that understand words"):
            arena.duel_on_words("me", "a red boat")
        write_text_file(models, name)
    duel = arena.duel_on_words("me", " =a  red\u202e boat ")
    assert duel.query == TextQuery("=a red boat")
    assert {duel.left.model, duel.right.model} == {"net", "shape"}
    assert [len(ranking.hits) for ranking in (duel.left, duel.right)] == [RESULTS] * 2
    verdict = arena.vote(duel.key, "me", "left")
    with pytest.raises(ArenaError, match="voted on these words"):
        arena.duel_on_words("me", "=A RED BOAT")
    assert arena.duel_on_words("me", "blue").query == TextQuery("blue")
    assert arena.duel_on_words("you", "=a red boat").query == TextQuery("=a red boat")
    assert {s.model: s.games for s in arena.leaderboard()} == {"colour": 0, "net": 1, "shape": 1}
    (row,) = csv.DictReader(io.StringIO(arena.votes_csv()))
    # A spreadsheet would take words that begin with = for a formula.
    assert (row["text"], row["winner"]) == ("'=a red boat", verdict.left)


@pytest.mark.parametrize(
    ("wins", "games", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(
    wins: int, games: int, low: float, high: float
) -> None:
    assert wilson(wins, games) == pytest.approx((low, high), abs=5e-5)


def test_wilson_without_games_says_nothing() -> None:
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_the_rate(games: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, games))
    low, high = wilson(wins, games)
    assert 0 <= low <= wins / games + 1e-12
    assert wins / games - 1e-12 <= high <= 1
    assert wilson(games - wins, games) == pytest.approx((1 - high, 1 - low))


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
    scores = bradley_terry(strength, tallies)
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
