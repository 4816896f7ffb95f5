"""What outlives a restart where the disk doesn't: votes in KEPT_DIR, models of HUB_MODELS."""

import threading
from pathlib import Path

import pytest

from searcher.config.writable_folders import use_writable_folders
from searcher.errors import BadBackup
from searcher.evaluation.vote_export import vote_documents
from searcher.library.core import Library
from searcher.library.jobs import MEGABYTES
from searcher.library.lasting import RETRY_S, VOTES_FILE, HubModels, KeptVotes
from searcher.stores.ballots import BallotStore
from searcher.stores.pairing import Pairing
from tests import hub_server, onnx_files
from tests.hub_repository import Repository
from tests.hub_server import HubServer
from tests.parameters import MakeSettings
from tests.test_worker import wait, working

PAIRING = Pairing(7, "colour", "shape")


def vote(ballots: BallotStore, key: str, visitor: str, outcome: str) -> None:
    ballots.open(key, PAIRING)
    assert ballots.count(key, visitor, PAIRING, outcome)


def lose_everything(library: Library) -> None:
    library.records.connection.call(lambda client: client.flushall())


def test_votes_are_counted_again_after_the_disk_was_emptied(
    library: Library, tmp_path: Path
) -> None:
    ballots = BallotStore(library.records.connection)
    kept = KeptVotes(ballots, tmp_path / "kept")
    kept.update()
    vote(ballots, "a", "me", "colour")
    vote(ballots, "b", "you", "")
    kept.update()
    documents, tallies = vote_documents(library), ballots.tallies()
    ballots.undo("you")
    vote(ballots, "c", "you", "shape")  # the same number of votes as before
    kept.update()
    assert vote_documents(library) != documents
    documents, tallies = vote_documents(library), ballots.tallies()

    lose_everything(library)
    vote(ballots, "d", "early", "colour")  # before the votes are there again
    KeptVotes(ballots, tmp_path / "kept").update()
    assert vote_documents(library)[:-1] == documents
    (now,), (before,) = ballots.tallies(), tallies
    assert now.first_wins == before.first_wins + 1
    assert (now.second_wins, now.ties) == (before.second_wins, before.ties) == (1, 0)
    # A store that has counted them once is right, whatever the file says.
    (tmp_path / "kept" / VOTES_FILE).unlink()
    ballots.undo("early")
    KeptVotes(ballots, tmp_path / "kept").update()
    KeptVotes(ballots, tmp_path / "kept").update()
    assert vote_documents(library) == documents
    assert len((tmp_path / "kept" / VOTES_FILE).read_text().splitlines()) == len(documents)


def test_votes_of_another_library_are_copied_before_the_file_is_written(
    library: Library, tmp_path: Path
) -> None:
    ballots = BallotStore(library.records.connection)
    kept = KeptVotes(ballots, tmp_path)
    kept.update()
    vote(ballots, "a", "me", "colour")
    kept.update()
    kept.update()
    others = '[1700000000, 3, "colour", "shape", "shape", "", false, false, true]\n'
    (tmp_path / VOTES_FILE).write_text(others)  # a folder that was mounted late
    for visitor in ("you", "they"):
        vote(ballots, visitor, visitor, "shape")
        kept.update()
        assert [p.read_text() for p in tmp_path.glob("votes-*.jsonl")] == [others]
        kept = KeptVotes(ballots, tmp_path)  # a restart
    assert len((tmp_path / VOTES_FILE).read_text().splitlines()) == 3


@pytest.mark.parametrize("damage", ['["half', "7", "[1, 2, 3]", "\N{REPLACEMENT CHARACTER}"])
def test_a_damaged_file_of_votes_stays_as_it_is(
    library: Library, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / VOTES_FILE
    file.write_text(damage)
    ballots = BallotStore(library.records.connection)
    kept = KeptVotes(ballots, tmp_path)
    vote(ballots, "a", "me", "colour")
    for _ in range(2):
        with pytest.raises(BadBackup, match=r"votes\.jsonl in KEPT_DIR is damaged"):
            kept.update()
    assert file.read_text() == damage
    assert len(vote_documents(library)) == 1


def test_models_of_a_mounted_folder_are_used(make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "kept" / "models").mkdir(parents=True)
    file = onnx_files.write(tmp_path / "kept" / "models", "mine")
    settings = use_writable_folders(make_settings(KEPT_DIR=str(tmp_path / "kept")), {})
    assert (settings.models_dir / "mine.onnx").resolve() == file.resolve()
    use_writable_folders(settings, {})  # a second start
    moved = file.rename(tmp_path / "mine.onnx")
    file.symlink_to(moved)
    use_writable_folders(settings, {})
    assert (settings.models_dir / "mine.onnx").exists()


def test_models_of_the_hub_are_linked_and_a_failure_is_tried_again(
    stand_in_hub: HubServer,
    make_settings: MakeSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    file = onnx_files.write(folder, "shared")
    (folder / "README.md").write_text("not a model")
    stand_in_hub.reset({"someone/models": Repository(folder)})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    settings = make_settings(HUB_MODELS="someone/models someone/nothing")
    models = HubModels(settings)
    (problem,) = models.update()
    assert "someone/nothing" in str(problem)
    linked = settings.models_dir / "shared.onnx"
    assert linked.is_symlink()
    assert linked.read_bytes() == file.read_bytes()
    assert not any("README" in path for path in stand_in_hub.paths())

    asked = len(stand_in_hub.requests)
    assert models.update() == [problem]
    assert len(stand_in_hub.requests) == asked, "not in each round of the worker"
    stand_in_hub.repositories["someone/nothing"] = Repository(folder)
    monkeypatch.setattr("searcher.library.lasting.time.monotonic", lambda: RETRY_S * 1e9)
    assert models.update() == []


def test_a_download_of_models_is_a_job_that_can_be_stopped(
    stand_in_hub: HubServer,
    make_settings: MakeSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "shared.onnx").write_bytes(bytes(4_000_000))
    slow = threading.Event()
    repository = Repository(tmp_path / "repository", slow=slow)
    stand_in_hub.reset({"someone/models": repository})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    settings = make_settings(HUB_MODELS="someone/models")
    with working(Library(settings)) as worker:
        (job,) = wait(worker, lambda s: [job for job in s.jobs if job.done]).jobs
        assert str(job.what) == "Installing someone/models"
        assert (job.unit, job.total) == (MEGABYTES, 4.0)
        assert worker.stop_job(job.id, "anybody")
        slow.set()
        wait(worker, lambda status: not status.jobs and not status.working)
        assert worker.status.problems == ()
        assert not (settings.models_dir / "shared.onnx").exists()
        worker.index_now()
        wait(worker, lambda _: (settings.models_dir / "shared.onnx").exists())


def test_the_worker_does_both_and_says_what_fails(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / VOTES_FILE).write_text("damaged")
    settings = make_settings(KEPT_DIR=str(tmp_path), HUB_MODELS="nobody")
    with working(Library(settings)) as worker:
        wait(worker, lambda status: len(status.problems) >= 2)
        texts = " ".join(map(str, worker.status.problems))
    assert "votes.jsonl in KEPT_DIR is damaged" in texts
    assert "hf:nobody does not name a repository" in texts


def test_votes_of_the_last_seconds_are_kept(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searcher.library.worker.ROUND_S", 600.0)  # no round comes before the end
    library = Library(make_settings(KEPT_DIR=str(tmp_path / "kept")))
    with working(library) as worker:
        wait(worker, lambda status: status.opened and (tmp_path / "kept" / VOTES_FILE).exists())
        wait(worker, lambda status: not status.working)
        vote(BallotStore(library.records.connection), "a", "me", "colour")
        assert worker.stop(60)
        assert len((tmp_path / "kept" / VOTES_FILE).read_text().splitlines()) == 1


def test_a_folder_that_is_not_set_keeps_nothing(make_settings: MakeSettings) -> None:
    settings = make_settings()
    assert (settings.kept, settings.hub_models) == (None, ())
    assert HubModels(settings).update() == []
