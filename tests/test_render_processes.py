"""Pictures decoded in processes: as in threads, whatever happens to a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from searcher.config.folders import ROOT
from searcher.errors import BadImage
from searcher.images.resizing import STRETCH, Fit
from searcher.images.sources import find_sources
from searcher.indexing import render_processes, renderer
from searcher.indexing.render_files import Files, Render, render_files
from searcher.indexing.render_processes import RenderProcesses
from searcher.indexing.renderer import Renderer
from searcher.library.core import Library
from searcher.library.trash import remove
from searcher.memory import decoding
from searcher.stores.record import Values
from tests.pictures import encode, folder, paint
from tests.servers import wait_for

pytestmark = pytest.mark.slow  # it starts processes

FORMS = [(32, 48, STRETCH), (24, 24, Fit("crop", 30, "bicubic"))]
FILES = {
    "small.jpg": encode(paint(1), quality=90),
    "large.jpg": encode(paint(2, (1700, 1300)), quality=90),
    "clear.png": encode(paint(3).convert("RGBA"), "PNG"),
    "turned.webp": encode(paint(4), "WEBP"),
    "cut.jpg": encode(paint(5))[:2000],
    "empty.jpg": b"",
    "text.jpg": b"This is no picture.",
}


@pytest.fixture(scope="module")
def processes() -> Iterator[RenderProcesses]:
    processes = RenderProcesses(2)
    try:
        processes.accept()
        yield processes
    finally:
        processes.close()


def outcome(render: Render, name: str) -> tuple[object, ...]:
    with TemporaryDirectory() as folder:
        return outcome_in(Path(folder), render, name)


def outcome_in(folder: Path, render: Render, name: str) -> tuple[object, ...]:
    values: Values = {"id": 1, "width": 0, "height": 0, "fingerprint": ""}
    files = Files(folder / "a" / "thumbnail", folder / "b" / "sidecar", values)
    try:
        result = render(FILES[name], name, FORMS, files)
    except BadImage as error:
        assert not list(folder.iterdir())
        return (error.message,)
    inputs = [result.inputs[form].tobytes() for form in FORMS]
    written = [path.read_bytes() for path in sorted(folder.glob("*/*"))]
    return result.width, result.height, result.fingerprint, *written, *inputs


def test_files_become_what_threads_make_of_them(processes: RenderProcesses) -> None:
    for name in FILES:
        assert outcome(processes.render, name) == outcome(render_files, name), name


def test_the_memory_for_decoding_is_that_of_the_parent(
    processes: RenderProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[int] = []
    spend = decoding.spend

    def counted(cost: int) -> AbstractContextManager[None]:
        costs.append(cost)
        return spend(cost)

    monkeypatch.setattr(decoding, "spend", counted)
    outcome(render_files, "large.jpg")
    outcome(processes.render, "large.jpg")
    assert costs[0] == costs[1] > 0
    assert decoding.used == 0
    monkeypatch.setattr(decoding, "limit", costs[0] - 1)
    assert outcome(processes.render, "large.jpg") == outcome(render_files, "large.jpg")
    assert len(outcome(render_files, "large.jpg")) == 1


def test_a_process_that_ends_costs_one_picture() -> None:
    processes = RenderProcesses(1)
    processes.accept()
    (pid,) = processes.pids
    os.kill(pid, signal.SIGKILL)
    (message,) = outcome(processes.render, "small.jpg")
    assert str(message) == (
        "small.jpg ended the process that decoded it: it is damaged, or memory ran out."
    )
    assert outcome(processes.render, "small.jpg") == outcome(render_files, "small.jpg")
    (other,) = processes.pids
    assert other != pid
    processes.close()
    assert not psutil.pid_exists(pid)
    assert not psutil.pid_exists(other)


PARENT = """
import time
from searcher.indexing.render_processes import RenderProcesses
processes = RenderProcesses(2)
processes.accept()
print(*processes.pids, flush=True)
time.sleep(600)
"""


def test_a_killed_parent_leaves_no_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pids = list(map(int, parent.stdout.readline().split()))
        assert len(pids) == 2
        assert all(map(psutil.pid_exists, pids))
        parent.kill()
    wait_for(lambda: not any(map(psutil.pid_exists, pids)), what="the end of the processes")


def test_runs_of_both_ways_write_the_same(
    library: Library,
    processes: RenderProcesses,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One library by threads; after its pictures are removed, the same one by processes."""
    folder(tmp_path / "in", {"a": 70})
    for name, data in FILES.items():
        (tmp_path / "in" / name).write_bytes(data)

    def state() -> object:
        records = sorted(library.records.all(), key=lambda record: record.id)
        ids = [record.id for record in records]
        ready = library.registry.ready()
        vectors = [library.vectors.fetch(model.collection, ids).tobytes() for model in ready]
        thumbnails = [library.thumbnail_path(i).read_bytes() for i in ids]
        plain = [{**vars(record), "added": 0} for record in records]
        return plain, vectors, thumbnails

    first = library.index(find_sources([tmp_path / "in"]))
    by_threads = state()
    remove(library, list(library.records.ids()))
    monkeypatch.setattr(renderer, "render_files", processes.render)
    second = library.index(find_sources([tmp_path / "in"]))
    assert (second.added, second.skipped) == (first.added, first.skipped)
    assert state() == by_threads


def test_a_process_that_is_killed_during_a_run_costs_one_picture(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", {"a": 80})
    processes = RenderProcesses(2)
    processes.accept()
    monkeypatch.setattr(renderer, "render_files", processes.render)
    victim = processes.pids[0]

    def kill(count: int) -> None:
        if psutil.pid_exists(victim):
            os.kill(victim, signal.SIGKILL)

    report = library.index(find_sources([tmp_path / "in"]), kill)
    processes.close()
    assert [reason.code for _, reason in report.skipped] in ([], ["picture.decoder_ended"])
    assert report.added == 80 - len(report.skipped)
    again = library.index(find_sources([tmp_path / "in"]))
    assert again.added == len(report.skipped)
    assert library.coverage() == {"colour": 80, "shape": 80}


@pytest.mark.parametrize("way", ["slow threads", "slow processes", "slow model"])
def test_processes_are_used_only_where_they_are_faster(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer, "TRIAL_S", 0.05)
    chooser = Renderer(2)
    pids: list[int] = []
    for _ in range(2000):
        is_slow = way == ("slow processes" if chooser.processes else "slow threads")
        seconds = 0.02 if is_slow else 0.002
        time.sleep(seconds)
        chooser.observe(64, 0.0 if way == "slow model" else seconds, 16)
        pids = chooser.processes.pids if chooser.processes else pids
        if chooser.is_decided:
            break
    assert chooser.is_decided
    assert bool(chooser.processes) is (way == "slow threads")
    assert bool(pids) is (way != "slow model")
    chooser.close()
    assert not any(map(psutil.pid_exists, pids))


def test_without_processes_threads_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_processes, "START", "raise SystemExit(%d * %d)")
    monkeypatch.setattr(renderer, "TRIAL_S", 0.0)
    chooser = Renderer(2)

    def decided() -> bool:
        chooser.observe(256, 9.0, 0)
        return chooser.is_decided

    wait_for(decided, what="the decision")
    assert outcome(chooser.render, "small.jpg") == outcome(render_files, "small.jpg")
    chooser.close()


def test_time_in_which_inference_waits_for_writing_counts_as_waiting(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing shares the interpreter with threads that decode, so they may be what delays it."""
    folder(tmp_path / "in", {"a": 160})
    pause, waits = 0.05, []
    observe = Renderer.observe

    def observed(self: Renderer, pictures: int, waited: float, in_progress: int) -> None:
        waits.append(waited)
        observe(self, pictures, waited, in_progress)

    monkeypatch.setattr(Renderer, "observe", observed)
    library.index(find_sources([tmp_path / "in"]), progress=lambda count: time.sleep(pause))
    assert len(waits) == 5
    assert waits[3] >= pause  # the first chunk is written alone, the second with the third
