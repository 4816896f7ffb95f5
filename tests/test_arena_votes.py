"""Votes that are undone, counted by visitor, on own pictures, and by earlier versions."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import redis

from searcher.errors import ArenaError
from searcher.evaluation.arena import Arena, Duel, OwnPicture
from searcher.evaluation.arena_verdict import arena_verdict
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.vote_export import vote_documents
from searcher.library.core import Library
from searcher.search.query import StoredQuery, UploadedQuery
from searcher.stores import ballots
from searcher.stores.record import Record
from tests import onnx_files
from tests.parameters import MakeSettings
from tests.pictures import encode, folder, paint
from tests.test_chaos import EARLIER

KEYS = ("voted", "tallies", "votes", "voters")


@pytest.fixture
def arena(library: Library, tmp_path: Path) -> Arena:
    folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    return Arena(library)


def stored(library: Library) -> dict[str, object]:
    """All that Redis has of the votes, but for receipts."""

    def read(client: redis.Redis) -> dict[str, object]:
        names = [f"twinlens:arena:{key}" for key in KEYS]
        values = [client.smembers(names[0]), client.hgetall(names[1])]
        values += [client.lrange(names[2], 0, -1), client.hgetall(names[3])]
        return dict(zip(names, values, strict=True))

    return library.records.connection.call(read)


def votes_of(arena: Arena, visitor: str) -> tuple[int, int, bool]:
    counts = arena.counts(visitor)
    return counts.own, counts.total, counts.can_undo


@pytest.mark.parametrize("choice", ["left", "tie", "bad"])
def test_a_vote_that_is_undone_is_gone_and_can_be_cast_again(
    arena: Arena, library: Library, choice: str
) -> None:
    other = arena.duel("you")
    arena.vote(other.key, "you", "right")
    before = stored(library)
    duel = arena.duel("me")
    arena.vote(duel.key, "me", choice)
    assert votes_of(arena, "me") == (1, 2, True)
    assert arena.undo("me") == duel.key
    assert stored(library) == before
    assert votes_of(arena, "me") == (0, 1, False)
    with pytest.raises(ArenaError, match="no vote of yours"):
        arena.undo("me")
    assert arena.vote(duel.key, "me", "left").left == duel.left.model
    # The visitor had seen the names by then.
    assert [vote["blind"] for vote in vote_documents(library)] == [True, False]


def test_votes_are_undone_one_after_the_other(arena: Arena, library: Library) -> None:
    duels: list[Duel] = []
    for visitor in ("me", "you", "me"):
        duels.append(arena.duel(visitor))
        arena.vote(duels[-1].key, visitor, "right")
    assert votes_of(arena, "me") == (2, 3, True)
    assert votes_of(arena, "nobody") == (0, 3, False)
    assert [arena.undo("me"), arena.undo("me")] == [duels[2].key, duels[0].key]
    assert [vote["winner"] for vote in vote_documents(library)] == [duels[1].right.model]
    assert votes_of(arena, "you") == (1, 1, True)


def test_votes_of_earlier_versions_count(arena: Arena, library: Library) -> None:
    ids = list(library.records.ids())[:3]

    def vote(client: redis.Redis) -> None:  # as version 0.1 did
        for number, winner in zip(ids, ("colour", "colour", ""), strict=True):
            outcome = "first_wins" if winner else "ties"
            client.sadd(ballots.BALLOTS, json.dumps(["me", number, "colour", "shape"]))
            client.hincrby(ballots.TALLIES, json.dumps(["colour", "shape", outcome]), 1)
            client.rpush(ballots.VOTES, json.dumps([17e8, number, "colour", "shape", winner]))

    library.records.connection.call(vote)
    colour = next(s for s in arena.leaderboard() if s.model == "colour")
    assert (colour.games, colour.wins, colour.ties, colour.both_bad) == (3, 2, 1, 0)
    assert votes_of(arena, "me") == (3, 3, False)
    assert [v["outcome"] for v in vote_documents(library)] == ["first", "first", "tie"]
    assert {v["kind"] for v in vote_documents(library)} == {"picture"}
    for number in ids:
        with pytest.raises(ArenaError, match="voted on this picture"):
            arena.duel_on("me", library.stored_query(number))
    duel = arena.duel("me")
    arena.vote(duel.key, "me", "bad")
    assert votes_of(arena, "me") == (4, 4, True)
    arena.undo("me")
    assert votes_of(arena, "me") == (3, 3, False)


def test_the_vote_of_an_earlier_library_counts(make_settings: MakeSettings, tmp_path: Path) -> None:
    with zipfile.ZipFile(EARLIER) as archive:
        archive.extractall(tmp_path)
    library = Library(make_settings(MODELS_DIR=str(tmp_path / "models")))
    try:
        assert Arena(library).counts("me").total == 1
        assert [s.games for s in Arena(library).leaderboard()] == [1, 1]
        (vote,) = vote_documents(library)
        assert (vote["name"], vote["outcome"], vote["winner"]) == ("1.jpg", "first", "colour")
    finally:
        library.close()


def test_own_pictures_are_voted_on_and_not_kept(arena: Arena, library: Library) -> None:
    query = UploadedQuery("holiday.jpg", encode(paint(77)))
    duel = arena.duel_on("me", query)
    assert isinstance(duel.query, OwnPicture)
    assert (duel.query.name, duel.query.jpeg[:2]) == ("holiday.jpg", b"\xff\xd8")
    arena.vote(duel.key, "me", "left")
    with pytest.raises(ArenaError, match="voted on this picture"):
        arena.duel_on("me", query)
    (vote,) = vote_documents(library)
    assert (vote["kind"], vote["name"], vote["text"]) == ("own picture", "", "")
    assert "holiday" not in str(stored(library))


def test_a_picture_of_the_library_may_be_chosen(arena: Arena, library: Library) -> None:
    number = next(iter(library.records.ids()))
    duel = arena.duel_on("me", library.stored_query(number))
    assert isinstance(duel.query, Record)
    assert duel.query.id == number
    assert number not in duel.left.ids
    with pytest.raises(ArenaError, match="voted on this picture"):  # it is gone
        arena.duel_on("me", StoredQuery("x", 5, Path("x")))


def test_chosen_models_compete(arena: Arena, library: Library) -> None:
    onnx_files.write(library.settings.models_dir, "net")
    library.index(library.incomplete())
    for query in (None, UploadedQuery("x.jpg", encode(paint(77)))):
        for chosen in (["net", "shape"], ["colour", "net", "gone"]):
            duel = arena.duel("me", chosen) if query is None else arena.duel_on("me", query, chosen)
            assert {duel.left.model, duel.right.model} == set(chosen) - {"gone"}
    with pytest.raises(ArenaError, match="two models or more"):
        arena.duel("me", ["net"])


def test_votes_agree_with_the_labels_or_not(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 8, "b": 8})
    library.add([tmp_path / "in"])
    arena = Arena(library)
    measured = {q.model.name: q.means["p@10"] for q in evaluate(library).models}
    best, worst = sorted(measured, key=measured.__getitem__, reverse=True)

    def prefer(model: str, count: int) -> None:
        for number in range(count):
            duel = arena.duel(f"{model} {number}")
            arena.vote(
                duel.key, f"{model} {number}", "left" if duel.left.model == model else "right"
            )

    prefer(best, 2)
    early = arena_verdict(library)
    assert (early.leader, early.best, early.agree) == (None, best, None)
    assert early.precisions == measured
    prefer(best, 10)
    assert arena_verdict(library, may_measure=False).agree is True  # what was measured is stored
    arena.reset()
    prefer(worst, 12)
    verdict = arena_verdict(library, may_measure=False)
    assert (verdict.leader, verdict.agree) == (worst, False)
    assert not verdict.is_measurable
    folder(tmp_path / "more", {"c": 1}, first_seed=50)
    library.add([tmp_path / "more"])  # other labels
    stale = arena_verdict(library, may_measure=False)
    assert (stale.precisions, stale.agree, stale.is_measurable) == ({}, None, True)
    (library.settings.models_dir / f"{best}.onnx").unlink()
    assert arena_verdict(library).agree is None


def test_a_vote_that_is_taken_back_while_models_are_measured_does_not_count(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", {"a": 8, "b": 8})
    library.add([tmp_path / "in"])
    arena = Arena(library)
    arena.vote(arena.duel("me").key, "me", "left")
    measure = library.vectors.fetch

    def undo_and_fetch(*arguments: Any, **options: Any) -> Any:
        if arena.counts("me").can_undo:
            arena.undo("me")
        return measure(*arguments, **options)

    monkeypatch.setattr(library.vectors, "fetch", undo_and_fetch)
    verdict = arena_verdict(library)
    assert len(verdict.precisions) == 2
    assert (verdict.total, [standing.games for standing in verdict.standings]) == (0, [0, 0])
