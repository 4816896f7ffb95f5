"""Jobs of one process, as others see and stop them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.config.terminal import INTERRUPTED
from searcher.file_locks import acquire
from searcher.library.archive import backup
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.job_board import JobBoard
from searcher.library.jobs import PERCENT, JobState
from searcher.library.status import Status
from searcher.library.uploads import Upload, add_uploads
from searcher.library.worker import Worker
from searcher.messages.message import Message, message
from searcher.stores import job_store
from tests import forks
from tests.cli_calls import Run
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import ROOT, wait_for
from tests.test_worker import wait, working

ADDING = message("job.adding")
DEAF = """
import time
from searcher.cli.command_job import open_job
from searcher.cli.session import open_library

with open_library() as library, open_job(library, "job.backup"):
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""


def test_the_command_line_lists_the_jobs_of_an_app_and_stops_them(
    run: Run, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(make_settings())
    library.identity.require()
    board = JobBoard(library.jobs, library.job_store, library.identity)
    board.start()
    with (
        library.jobs.begin("name ada", ADDING, 100) as other,
        library.jobs.begin("name ada", ADDING, 100) as job,
    ):
        number = job.state.id
        wait_for(lambda: len(library.job_store.read()) == 2, what="the jobs in Redis")
        output = run("status").stdout
        assert f"job {number}: Adding pictures, 0 of 100 pictures\n" in output
        assert "ada" not in output
        listed = json.loads(run("status", "--json").stdout)["jobs"]
        assert [document["id"] for document in listed] == [other.state.id, number]
        assert "No job with the id 7" in run("stop", "7", status=2).stderr
        assert run("stop", number).stdout == "Stopping: Adding pictures.\n"
        wait_for(lambda: job.is_stopped, what="the stop")
        assert not other.is_stopped
        with monkeypatch.context() as patched:  # as of an app that was killed a while ago
            patched.setattr(job_store, "SILENT_S", -1)
            assert library.job_store.read() == []
    wait_for(lambda: library.job_store.read() == [], what="the end")
    board.stop()
    library.close()


def begun(worker: Worker, what: Message) -> JobState:
    """Wait for a job of another process; the app may look meanwhile whether vectors are missing."""

    def jobs(status: Status) -> list[JobState]:
        return [job for job in status.jobs if job.what == what]

    return jobs(wait(worker, jobs))[0]


def wait_for_end(worker: Worker, job: JobState) -> None:
    wait(worker, lambda status: all(other.id != job.id for other in status.jobs))


def test_an_app_shows_commands_until_they_end_and_stops_them(
    make_settings: MakeSettings,
    tmp_path: Path,
    store: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("searcher.library.worker.ROUND_S", 600.0)  # no round counts the pictures
    settings = make_settings()
    folder(tmp_path / "in", {"a": 40})
    env = {**os.environ, **store, "INSTALL_MODELS": ""}
    env |= {"TWINLENS_DATA": str(settings.data), "MODELS_DIR": str(settings.models_dir)}

    def start(*program: object) -> forks.Process:
        command = [sys.executable, *program]
        null = subprocess.DEVNULL
        return forks.popen(command, cwd=ROOT, env=env, stdout=null, stderr=null)

    def index() -> forks.Process:
        return start("-m", "searcher", "index", tmp_path / "in")

    other = Library(make_settings(TWINLENS_DATA=str(tmp_path / "other")))
    folder(tmp_path / "earlier", {"c": 4})
    pictures = (tmp_path / "earlier").rglob("*.jpg")
    add_uploads(other, [Upload(path, path.name) for path in pictures], "c")
    saved = tmp_path / "saved.zip"
    backup(other, saved)
    other.close()
    library = Library(settings)
    with working(library) as worker:
        wait(worker, lambda status: status.opened and not status.working)
        # A restoration waits for this lock once all is unpacked; what was stopped goes on again.
        library_id = library.identity.id
        with acquire(settings.data / "trash.lock"):
            stopped = start("-m", "searcher", "restore", saved)
            (job,) = wait(worker, lambda status: any(j.done == 100 for j in status.jobs)).jobs
            assert (str(job.what), job.unit) == ("Restoring a backup", PERCENT)
            assert worker.stop_job(job.id, "anybody")
            assert stopped.wait(30) == INTERRUPTED
            wait(worker, lambda status: not status.jobs)
        assert library.records.count() == 0
        assert start("-m", "searcher", "restore", saved).wait(60) == 0
        assert library.coverage() == {"colour": 4, "shape": 4}
        assert library.identity.id == library_id
        assert examine(library).problems == []

        # Until it is released, indexing waits, and its job goes on.
        with acquire(settings.data / "indexing.lock"):
            stopped = index()
            job = begun(worker, ADDING)
            assert (job.total, job.is_elsewhere) == (40, True)
            assert worker.stop_job(job.id, "anybody")
            assert begun(worker, ADDING).is_stopping
            assert stopped.wait(30) == INTERRUPTED
            wait_for_end(worker, job)
            assert worker.status.stopped[-1] == job.id

            moving = start("-m", "searcher", "migrate", "--to-redis", "redis://127.0.0.1:1")
            job = begun(worker, message("job.migrating"))
            assert str(job.what) == "Carrying the library to other stores"
            worker.stop_job(job.id, "anybody")
            assert moving.wait(30) == INTERRUPTED
            wait_for_end(worker, job)

            # One that catches what should end it, as packages do, ends all the same.
            (tmp_path / "deaf.py").write_text(DEAF)
            deaf = start(tmp_path / "deaf.py")
            job = begun(worker, message("job.backup"))
            library.job_store.request_stop(job.id)  # as another process does
            assert deaf.wait(30) == INTERRUPTED
            assert job.id not in [document["id"] for document in library.job_store.read()]
            wait_for_end(worker, job)
            assert worker.status.stopped[-1] == job.id

            killed = index()
            job = begun(worker, ADDING)
            killed.kill()
            wait_for_end(worker, job)

            finished = index()
            begun(worker, ADDING)
        assert finished.wait(60) == 0
        wait(worker, lambda status: status.pictures == 44 and not status.jobs)
