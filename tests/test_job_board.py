"""Jobs of an app, as other processes see and stop them."""

import json

import pytest

from searcher.library.core import Library
from searcher.library.job_board import JobBoard
from searcher.messages.message import message
from searcher.stores import job_store
from tests.cli_calls import Run
from tests.parameters import MakeSettings
from tests.servers import wait_for

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
