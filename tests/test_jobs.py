"""Jobs: how far they are, who may stop them, and their lines."""

import time
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from searcher.errors import NotAllowed, ReadOnly
from searcher.evaluation.maps import Maps
from searcher.evaluation.measurements import Measurements
from searcher.library.core import Library
from searcher.library.jobs import LIBRARY, MEGABYTES, PERCENT, Job, Jobs, JobState, JobStopped
from searcher.library.status import Status
from searcher.library.uploads import Upload
from searcher.library.worker import Worker
from searcher.messages.message import message
from searcher.models.registry import Model
from searcher.ui.api import (
    cost_endpoints,
    evaluation_endpoints,
    measure_endpoints,
    report_endpoint,
)
from searcher.ui.components.jobs_line import jobs_html
from searcher.ui.components.status_text import finished
from searcher.ui.i18n import use_language
from searcher.ui.security.metered_library import add_for_visitor
from tests.parameters import MakeSettings
from tests.pictures import folder

ADDING = message("job.adding")
ADA = "name ada"


def test_a_job_says_how_far_it_is_at_which_rate_and_what_is_left() -> None:
    jobs = Jobs()
    with jobs.begin(ADA, ADDING, 100) as job:
        assert jobs.states()[0].remaining_s is None  # nothing is known yet
        time.sleep(0.02)
        job.advance(25, 100)
        (state,) = jobs.states()
        assert (state.what, state.done, state.total, state.unit) == (ADDING, 25, 100, "pictures")
        assert 0 < state.rate <= 25 / 0.02
        assert state.remaining_s == pytest.approx(75 / state.rate)
        document = state.document()
        assert (document["what"], document["done"], document["stage"]) == (
            "Adding pictures",
            25,
            "",
        )
        assert "ada" not in str(document)
        # Another unit is counted anew.
        job.advance(500, 600, MEGABYTES, message("job.downloading"))
        assert jobs.states()[0].rate == 0.0
    assert jobs.states() == ()


def test_listeners_hear_of_the_begin_the_stop_and_the_end() -> None:
    jobs, heard = Jobs(), []
    jobs.on_change(lambda: heard.append([(s.done, s.is_stopping) for s in jobs.states()]))
    with jobs.begin(ADA, ADDING, 9) as job:
        for done in range(9):
            job.advance(done, 9)
        job.stop()
        with pytest.raises(JobStopped):
            job.follow(1)
    # And of the rest a few times a second at most, but always of the last.
    assert heard == [[(0, False)], [(8, True)], [(100, True)], []]
    assert jobs.stopped == (job.state.id,)
    heard.clear()
    with jobs.begin(ADA, ADDING, 9) as job:
        job.advance(9, 9)
    assert heard == [[(0, False)], [(9, False)], []]
    assert job.state.id not in jobs.stopped


def test_work_in_parts_is_counted_anew_in_each() -> None:
    with Jobs().begin(ADA, ADDING) as job:
        job.advance(9, 9)
        time.sleep(0.01)
        job.advance(1, 9)
        assert job.state.rate == 0.0
        time.sleep(0.01)
        job.advance(2, 9)
        assert job.state.rate > 0


def test_a_visitor_stops_own_jobs_and_those_of_the_library(library: Library) -> None:
    worker, jobs = Worker(library), library.jobs

    def stop(job: Job, visitor: str) -> None:
        worker.stop_job(job.state.id, visitor)

    with jobs.begin(ADA, ADDING) as own, jobs.begin(LIBRARY, message("job.indexing")) as shared:
        assert [state.id for state in worker.status.jobs] == [own.state.id, shared.state.id]
        with pytest.raises(NotAllowed, match="Another visitor"):
            stop(own, "name bob")
        assert not own.is_stopped
        stop(own, ADA)
        stop(shared, "name bob")
        assert (own.is_stopped, shared.is_stopped) == (True, True)
    worker.stop_job(own.state.id, ADA)  # which has ended
    assert worker.status.jobs == ()
    assert worker.status.stopped == (shared.state.id, own.state.id)
    html = jobs_html(worker.status, read_only=False)
    assert f'data-stopped-ids="{shared.state.id} {own.state.id}"' in html


def test_adding_ends_when_its_job_is_stopped(library: Library, tmp_path: Path) -> None:
    """Files, a folder and an archive; what is reported as added is there."""
    files = folder(tmp_path / "in", {"a": 40, "b": 40, "c": 40})
    archive = tmp_path / "c.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in files[80:]:
            out.write(path, path.name)
    jobs = library.jobs

    def stop_soon() -> None:
        for job in jobs.of(""):
            if not job.is_stopped:
                job.stop()

    jobs.on_change(stop_soon)
    before = 0
    for uploads in (
        [Upload(path, path.name) for path in files[:40]],
        [Upload(path, path.name, "trip") for path in files[40:80]],
        [Upload(archive, archive.name)],
    ):
        report = add_for_visitor(library, uploads, "")
        assert report.stopped
        assert before <= library.records.count() == before + report.added < before + 40
        before += report.added
        assert jobs.states() == ()


def test_measurements_that_programs_ask_for_are_jobs_and_can_be_stopped(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 8, "b": 8})
    library.add([tmp_path / "in"])
    measurements = Measurements(library)
    with gr.Blocks() as page:
        measure_endpoints.add(library, Maps(library))
        evaluation_endpoints.add(library, measurements)
        cost_endpoints.add(library, Worker(library))
        report_endpoint.add(library, measurements)
    endpoints: dict[Any, Any] = {endpoint.api_name: endpoint.fn for endpoint in page.fns.values()}
    jobs, names = library.jobs, ["colour", "shape"]
    seen: set[str] = set()

    def stop_at_once() -> None:
        seen.update(state.what.code for state in jobs.states())
        for job in jobs.of(""):
            if not job.is_stopped:
                job.stop()

    jobs.on_change(stop_at_once)
    for kind, name, arguments in (
        ("job.evaluating", "evaluate", (names,)),
        ("job.evaluating", "compare_models", names),
        ("job.evaluating", "disagreements", names),
        ("job.evaluating", "report", (["evaluation"], names)),
        ("job.measuring_costs", "shrink", names[:1]),
        ("job.measuring_costs", "changed_queries", ("colour", "first-114")),
        ("job.measuring_costs", "report", (["cost"], names)),
        ("job.checking", "doctor", (True,)),
    ):
        seen.clear()
        with pytest.raises(gr.Error, match="was stopped"):
            endpoints[name](*arguments)
        assert seen == {kind}, name
        assert jobs.states() == ()


def test_nobody_stops_the_work_of_a_read_only_library(make_settings: MakeSettings) -> None:
    library = Library(make_settings(READ_ONLY="1"))
    worker = Worker(library)
    with library.jobs.begin(LIBRARY, message("job.indexing")) as job:
        with pytest.raises(ReadOnly):
            worker.stop_job(job.state.id, "")
        assert not job.is_stopped
        assert "<button" not in jobs_html(worker.status, read_only=True)
        assert "<button" in jobs_html(worker.status, read_only=False)
    library.close()


def lines(*states: JobState) -> str:
    return " ".join(jobs_html(Status(opened=True, jobs=states), read_only=False).split())


def test_lines_say_all_of_it_in_both_languages() -> None:
    adding = JobState(1, ADA, ADDING, done=1200, total=3000, rate=60.0)
    vgg16 = message("job.installing", title="VGG16")
    stage = message("hub.downloading", done=20.0, total=58.9)
    installing = JobState(2, LIBRARY, vgg16, stage=stage, unit=MEGABYTES, done=20, total=58.9)
    mapped = message("job.map", title="<b>")
    making = JobState(3, LIBRARY, mapped, unit=PERCENT, done=30, total=100, rate=0.1)
    html = lines(adding, installing, making)
    for text in (
        "<b>Adding pictures</b> <span>1,200 of 3,000 pictures</span> <span>60 a second</span>"
        " <span>30 s left</span>",
        "<b>Installing VGG16</b> <span>downloading 20 of 58.9 MB</span>",
        "<b>Making the map of &lt;b&gt;</b> <span>30 %</span> <span>0.1 % a second</span>"
        " <span>12 min left</span>",
        'value="0.400"',
    ):
        assert text in html
    assert html.count("<button") == 2  # the first is another visitor's
    assert "<button" not in lines(JobState(1, ADA, ADDING))
    assert "disabled" in lines(JobState(1, LIBRARY, ADDING, is_stopping=True))
    with use_language("es"):
        assert "<span>quedan 30 s</span>" in lines(adding)
        assert "Parar" in lines(installing)


def test_a_model_without_a_network_finds_no_more_pictures_soon() -> None:
    models = (Model("vectors", "ready", embeds=False), Model("shape", "ready"))
    status = Status(True, pictures=9, models=models, coverage=(("vectors", 4), ("shape", 8)))
    partial = [status.is_partial(names) for names in (["vectors"], ["vectors", "shape"])]
    assert partial == [False, True]


def test_that_all_is_indexed_is_said_once_all_that_is_added_is_there() -> None:
    """After each few of them nothing lacks a vector."""
    adding = (JobState(1, LIBRARY, message("job.indexing_samples")),)
    models = (Model("shape", "ready"),)
    some = Status(True, pictures=64, models=models, coverage=(("shape", 64),), jobs=adding)
    more = replace(some, pictures=96)
    end = replace(some, pictures=297, coverage=(("shape", 297),), jobs=())
    with use_language("en"):
        said = [finished(*statuses) for statuses in pairwise([more, some, more, some, end, end])]
    assert said == ["", "", "", "All pictures are indexed: 297.", ""]
