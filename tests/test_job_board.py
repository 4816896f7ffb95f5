"""Jobs of one process, as others see and stop them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.config.terminal import INTERRUPTED
from searcher.file_locks import acquire
from searcher.library.core import Library
from searcher.library.job_board import JobBoard
from searcher.messages.message import message
from searcher.stores import job_store
from tests import forks
from tests.cli_calls import Run
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import ROOT, wait_for
from tests.test_worker import wait, working

ADDING = message("job.adding")


def test_the_command_line_lists_the_jobs_of_an_app_and_stops_them(
    run: Run, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(make_settings())
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

    def index() -> forks.Process:
        return forks.popen(
            [sys.executable, "-m", "searcher", "index", tmp_path / "in"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    library = Library(settings)
    with working(library) as worker:
        wait(worker, lambda status: status.opened and not status.working)
        # Until it is released, indexing waits, and its job goes on.
        with acquire(settings.data / "indexing.lock"):
            stopped = index()
            (job,) = wait(worker, lambda status: status.jobs).jobs
            assert (job.what, job.total, job.is_elsewhere) == (ADDING, 40, True)
            assert worker.stop_job(job.id, "anybody")
            assert worker.status.jobs[0].is_stopping
            assert stopped.wait(30) == INTERRUPTED
            wait(worker, lambda status: not status.jobs)

            killed = index()
            wait(worker, lambda status: status.jobs)
            killed.kill()
            wait(worker, lambda status: not status.jobs)

            finished = index()
            wait(worker, lambda status: status.jobs)
        assert finished.wait(60) == 0
        wait(worker, lambda status: status.pictures == 40 and not status.jobs)
