"""The worker beside other threads: no request is lost, and `stop` joins it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from searcher.errors import LibraryClosed
from searcher.images.sources import find_sources
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.library.jobs import Jobs
from searcher.library.worker import Worker
from searcher.messages.message import message
from searcher.models.embedder import Embedder
from searcher.stores.private.client import EmbeddedStores
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import wait_for
from tests.test_worker import wait, working


@pytest.mark.usefixtures("offline")
def test_a_waiting_model_can_be_cancelled_while_another_installs(
    make_settings: MakeSettings,
) -> None:
    library = Library(make_settings(INSTALL_MODELS="resnet50,vgg16"))
    states: set[str] = set()
    with working(library) as worker:
        worker.on_change(lambda: states.add(str(worker.status.working)))
        status = wait(worker, lambda s: "Installing" in str(s.working))
        (waiting,) = [m for m in status.models if m.state == "wanted"]
        worker.cancel(waiting.name)
        status = wait(worker, lambda s: s.can_retry and not s.working)
        (cancelled,) = [m for m in status.models if m.name == waiting.name]
        assert cancelled.state == "available"
        assert not [words for words in states if f"Installing {waiting.title}" in words]


@pytest.mark.usefixtures("offline")
def test_an_installation_that_the_end_of_the_app_cuts_off_goes_on_later(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(INSTALL_MODELS="vgg16")
    library = Library(settings)
    with working(library) as worker:
        wait(worker, lambda s: "Installing" in str(s.working))
        assert worker.stop(join_s=20)  # at once: the export itself would take longer
        assert library.installs.pending() == ["vgg16"]


def test_index_now_is_never_lost(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is asked for while the worker is just looking for missing vectors."""
    folder(tmp_path / "in", {"a": 3})
    library = Library(make_settings())
    library.add([tmp_path / "in"])
    looks: list[int] = []
    looking, requested = threading.Event(), threading.Event()
    incomplete = library.incomplete

    def look() -> object:
        result = incomplete()
        looks.append(len(result))
        looking.set()
        assert requested.wait(60)
        return result

    monkeypatch.setattr(library, "incomplete", look)
    with working(library) as worker:
        try:
            assert looking.wait(60)
            worker.index_now()
        finally:
            requested.set()
        wait_for(lambda: len(looks) == 2, what="another look")


def test_stop_waits_for_the_worker(make_settings: MakeSettings, tmp_path: Path) -> None:
    folder(tmp_path / "samples", {"a": 400})
    library = Library(make_settings())
    worker = Worker(library)
    worker.start()
    try:
        wait_for(library.records.count, what="the first pictures")
        assert worker.stop(join_s=60)
        assert "worker" not in [thread.name for thread in threading.enumerate()]
    finally:
        worker.stop()
        library.close()
    again = Library(library.settings)
    try:
        assert 0 < again.records.count() < 400
        assert not again.records.note("samples")  # the rest comes with the next start
    finally:
        again.close()


def test_a_closed_library_opens_no_stores(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", {"a": 96})
    library = Library(make_settings())
    library.records.count()
    reached, closed = threading.Event(), threading.Event()
    embed = Embedder.embed

    def slow_embed(embedder: Embedder, images: object) -> object:
        reached.set()
        assert closed.wait(60)
        return embed(embedder, images)  # type: ignore[arg-type]

    monkeypatch.setattr(Embedder, "embed", slow_embed)
    library.registry.ready()
    with ThreadPoolExecutor(1) as pool:
        try:
            adding = pool.submit(library.add, [tmp_path / "in"])
            assert reached.wait(60) or adding.result()
            library.close()
        finally:
            closed.set()
        with pytest.raises(LibraryClosed):
            adding.result(60)
    for call in (library.records.count, library.vectors.names):
        with pytest.raises(LibraryClosed):
            call()
    # Without a client the private servers stop.
    probe = EmbeddedStores(library.settings.stores)
    wait_for(lambda: probe._running() is None, what="the end of the servers")


def test_a_visitors_job_is_stopped_whatever_became_of_the_page(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 200})
    jobs, reached = library.jobs, threading.Event()

    def add() -> Report:
        with jobs.begin("name ada", message("job.adding")) as job:
            return library.index(sources, lambda done: reached.set(), lambda: job.is_stopped)

    sources = list(find_sources([tmp_path / "in"]))
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add)
        assert reached.wait(60)
        jobs.stop("name bob", "job.adding")
        assert not jobs.of("name ada")[0].is_stopped
        jobs.stop("name ada", "job.evaluating")
        assert not jobs.of("name ada")[0].is_stopped
        jobs.stop("name ada", "job.adding")
        report = adding.result(60)
    assert report.stopped
    assert 0 < report.added < 200
    assert Jobs().of("name ada") == jobs.of("name ada") == []
