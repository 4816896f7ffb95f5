"""Blind votes, and their export."""

import csv
import io
import random
import threading
from pathlib import Path

import pytest

from searcher.errors import ArenaError
from searcher.evaluation.arena import CHOICES, RESULTS, Arena, Duel
from searcher.evaluation.vote_export import vote_documents, votes_csv
from searcher.evaluation.vote_list import rivals, votes_of, with_pictures
from searcher.library.core import Library
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


def rows(library: Library) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(votes_csv(library))))


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


@pytest.mark.parametrize("choice", CHOICES)
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


def test_votes_can_be_exported_and_forgotten(arena: Arena, library: Library) -> None:
    for choice in ("left", "tie", "bad"):
        duel = arena.duel("me")
        arena.vote(duel.key, "me", choice)
    won, tie, bad = rows(library)
    assert (won["first"], won["first_title"]) == ("colour", "Colour (baseline)")
    assert (won["second"], won["second_title"]) == ("shape", "Shape (baseline)")
    assert (won["winner"], won["winner_title"]) == (
        won[won["outcome"]],
        won[f"{won['outcome']}_title"],
    )
    assert (tie["winner"], tie["outcome"]) == ("", "tie")
    assert (bad["winner"], bad["outcome"], bad["kind"]) == ("", "both bad", "picture")
    assert bad["name"] == library.record(int(bad["query"])).name
    assert [s.both_bad for s in arena.leaderboard()] == [1, 1]
    assert [vote["query"] for vote in vote_documents(library, 2, ["shape"])] == [
        int(tie["query"]),
        int(bad["query"]),
    ]
    assert vote_documents(library, models=["shape", "other"]) == []

    votes = votes_of(library, ["shape"])
    assert [vote.query for vote in votes] == [int(r["query"]) for r in (bad, tie, won)]
    is_colour = won["winner"] == "colour"
    assert rivals(votes, "colour") == {"shape": [is_colour, not is_colour, 2]}
    library.records.remove([int(tie["query"])])
    newest, removed, _ = with_pictures(library, votes)
    assert newest.record == library.record(int(bad["query"]))
    query = library.stored_query(int(bad["query"]))
    assert [[near.id for near in found] for found in newest.nearest] == [
        ranking.ids for ranking in library.rank(query, ["colour", "shape"], 6)
    ]
    assert (removed.record, removed.nearest) == (None, ([], []))
    # More doesn't search again for the votes that are shown.
    library.records.remove([int(bad["query"])])
    again, *_ = with_pictures(library, votes, [newest])
    assert again is newest
    arena.reset()
    assert rows(library) == []
    assert all(s.games == 0 for s in arena.leaderboard())
    with pytest.raises(ArenaError, match="no vote of yours"):
        arena.undo("me")


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
            arena.duel_on("me", TextQuery.of("a red boat"))
        write_text_file(models, name)
    duel = arena.duel_on("me", TextQuery.of(" =a  red\u202e boat "))
    assert duel.query == TextQuery("=a red boat")
    assert {duel.left.model, duel.right.model} == {"net", "shape"}
    assert [len(ranking.hits) for ranking in (duel.left, duel.right)] == [RESULTS] * 2
    verdict = arena.vote(duel.key, "me", "left")
    with pytest.raises(ArenaError, match="voted on these words"):
        arena.duel_on("me", TextQuery.of("=A RED BOAT"))
    assert arena.duel_on("me", TextQuery.of("blue")).query == TextQuery("blue")
    assert arena.duel_on("you", TextQuery.of("=a red boat")).query == TextQuery("=a red boat")
    assert {s.model: s.games for s in arena.leaderboard()} == {"colour": 0, "net": 1, "shape": 1}
    (row,) = rows(library)
    # A spreadsheet would take words that begin with = for a formula.
    assert (row["text"], row["winner"]) == ("'=a red boat", verdict.left)
