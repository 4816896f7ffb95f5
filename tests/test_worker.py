"""The background worker: its tasks, and the messages where one fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from searcher.errors import NotAllowed, NotFound, ReadOnly, UnknownModel
from searcher.images.pictures import identify
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.trash import remove
from searcher.library.worker import ROUND_S, Worker
from searcher.messages.message import message
from tests import onnx_files
from tests.parameters import MakeSettings
from tests.pictures import folder, save
from tests.servers import free_port, wait_for


@contextmanager
def working(library: Library) -> Iterator[Worker]:
    worker = Worker(library)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        library.close()


def wait(worker: Worker, condition: Callable[[Status], object]) -> Status:
    # An installation imports TensorFlow, at a low priority.
    wait_for(lambda: condition(worker.status), 300, lambda: f"more than {worker.status}")
    return worker.status


def test_the_samples_are_indexed_once_and_without_the_queries(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "samples", {"a": 3, "b": 3})
    save(tmp_path / "samples" / "queries" / "q.jpg", 99)
    save(tmp_path / "samples" / "contact-sheet.jpg", 98)
    settings = make_settings()
    with working(Library(settings)) as worker:
        status = wait(worker, lambda s: s.pictures == 6 and not s.working)
        assert status.covered("colour") == status.covered("shape") == 6
        assert status.problems == ()
    # What is removed afterwards stays removed.
    library = Library(settings)
    remove(library, list(library.records.ids())[:2])
    monkeypatch.setattr("searcher.library.library_stores.MOST_EMBEDDED", 3)
    with working(library) as worker:
        status = wait(worker, lambda s: s.opened and not s.working)
        assert status.pictures == 4
        assert status.problems == (message("store.too_large", total=4, limit=3),)


def test_indexing_is_stopped_and_goes_on_when_it_is_asked_for(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 300})
    library = Library(make_settings())
    library.add([tmp_path / "in"])
    counts: list[float] = []
    with working(library) as worker:
        worker.on_change(lambda: counts.extend(job.done for job in worker.status.jobs))
        wait(worker, lambda s: s.covered("shape") == 300)
        onnx_files.write(library.settings.models_dir, "mean")
        status = wait(worker, lambda s: s.jobs)
        (job,) = status.jobs
        assert (str(job.what), job.total, status.is_indexing) == ("Indexing", 300, True)
        worker.stop_job(job.id, "anybody")
        status = wait(worker, lambda s: not s.jobs and not s.working)
        assert status.covered("mean") < 300
        assert status.lacks_vectors
        # It stays stopped until somebody asks for the rest.
        time.sleep(2 * ROUND_S)
        assert (worker.status.jobs, worker.status.covered("mean")) == ((), status.covered("mean"))
        worker.index_now()
        status = wait(worker, lambda s: s.covered("mean") == 300 and not s.jobs)
        assert not status.lacks_vectors
        assert 300 in counts


def test_samples_whose_indexing_was_stopped_go_on_when_they_are_asked_for(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    folder(tmp_path / "samples", {"a": 300})
    library = Library(make_settings())
    with working(library) as worker:

        def stop() -> Status:
            (job,) = wait(worker, lambda s: s.jobs).jobs
            worker.stop_job(job.id, "anybody")
            return wait(worker, lambda s: not s.jobs and not s.working)

        status = stop()
        assert status.pictures < 300
        assert (status.can_resume, status.lacks_vectors) == (True, False)
        remove(library, list(library.records.ids()))
        worker.add_samples()
        # Asked for in the round in which they were stopped, before it looks for missing vectors.
        requests = [worker.index_now]
        worker.on_change(
            lambda: requests.pop()() if requests and worker.status.can_resume else None
        )
        stop()
        status = wait(worker, lambda s: s.pictures == 300 and not s.jobs)
        assert not status.can_resume


def test_a_new_model_gets_its_vectors(make_settings: MakeSettings, tmp_path: Path) -> None:
    library = Library(make_settings())
    paths = folder(tmp_path / "in", {"a": 40})
    library.add([tmp_path / "in"])
    picture_id, _ = identify(paths[7].read_bytes())
    with working(library) as worker:
        wait(worker, lambda s: s.covered("shape") == 40)
        paths[7].unlink()
        library.thumbnail_path(picture_id).unlink()
        onnx_files.write(library.settings.models_dir, "mean")
        status = wait(worker, lambda s: s.covered("mean") == 39 and s.problems)
        assert "1 picture can't be embedded because the original is gone" in str(status.problems[0])
        save(paths[7], 7)
        library.add([paths[7]])
        assert wait(worker, lambda s: s.covered("mean") == 40 and not s.problems)


@pytest.mark.usefixtures("offline")
def test_a_failed_installation_waits_to_be_asked(make_settings: MakeSettings) -> None:
    settings = make_settings(INSTALL_MODELS="vgg16")
    with working(Library(settings)) as worker:
        wait(worker, lambda s: "Installing VGG16" in str(s.working))
        assert [m.name for m in worker.status.ready] == ["colour", "shape"]
        status = wait(worker, lambda s: s.problems and not s.working)
        (problem,) = status.problems
        sentence = str(problem)
        assert sentence.startswith("VGG16 is not installed because")
        assert "--weights FILE.h5" in sentence
        assert "KERAS_HOME" in sentence
        assert status.can_retry
        assert status.general_problems == []

    works: list[str] = []
    with working(Library(settings)) as worker:
        watching = threading.Event()

        def watch() -> None:
            while not watching.wait(0.001):
                works.append(str(worker.status.working))

        watcher = threading.Thread(target=watch)
        watcher.start()
        assert wait(worker, lambda s: s.problems and not s.working).problems == (problem,)
        assert not any("Installing" in work for work in works)
        worker.retry()
        wait(worker, lambda s: "Installing VGG16" in str(s.working))
        watching.set()
        watcher.join()


def test_a_read_only_library_refuses_every_change(make_settings: MakeSettings) -> None:
    library = Library(make_settings(READ_ONLY="1"))
    onnx_files.write(library.settings.models_dir, "mean")
    with working(library) as worker:
        wait(worker, lambda s: any(model.name == "mean" for model in s.ready))
        calls: list[Callable[[], None]] = [
            lambda: worker.install("vgg16"),
            lambda: worker.cancel("vgg16"),
            lambda: worker.remove("mean"),
            worker.retry,
            worker.index_now,
        ]
        for call in calls:
            with pytest.raises(ReadOnly, match="read-only"):
                call()
        assert library.registry.get("mean").ready
        assert library.installs.pending() == []


def test_models_are_removed_with_their_vectors(make_settings: MakeSettings, tmp_path: Path) -> None:
    library = Library(make_settings())
    onnx_files.write(library.settings.models_dir, "mean")
    folder(tmp_path / "in", {"a": 3})
    library.add([tmp_path / "in"])
    collection = library.registry.get("mean").collection.name
    assert collection in library.vectors.names()
    with working(library) as worker:
        worker.remove("mean")
        assert collection not in library.vectors.names()
        assert wait(worker, lambda s: s.opened and len(s.ready) == 2).problems == ()
        for name in ("mean", "colour", "../colour"):
            with pytest.raises((UnknownModel, NotAllowed)):
                worker.remove(name)
        with pytest.raises(NotFound, match="not a network"):
            worker.install("nothing")


def test_what_was_cut_off_is_installed_after_a_restart(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    library.installs.request("vgg16")
    # And then the process is killed.
    library.installs.advance("vgg16", message("hub.downloading", done=40, total=90))
    assert library.installs.pending() == ["vgg16"]
    model = next(m for m in library.models() if m.name == "vgg16")
    assert (model.state, str(model.reason)) == ("installing", "downloading 40 of 90 MB")
    library.installs.decline("vgg16")
    assert library.installs.pending() == []
    library.close()


def test_a_broken_model_is_said_and_the_others_work(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings()
    onnx_files.write_broken(settings.models_dir / "bad.onnx", "truncated")
    with working(Library(settings)) as worker:
        status = wait(worker, lambda s: s.problems)
        assert str(status.problems[0]).startswith("bad.onnx ")
        assert status.general_problems == []
        assert [m.name for m in status.ready] == ["colour", "shape"]


@pytest.mark.parametrize("variable", ["MILVUS_URI", "REDIS_URL"])
def test_a_store_that_is_away_is_said(make_settings: MakeSettings, variable: str) -> None:
    scheme = "http" if variable == "MILVUS_URI" else "redis"
    settings = make_settings(**{variable: f"{scheme}://127.0.0.1:{free_port()}"})
    with working(Library(settings)) as worker:
        assert variable in str(wait(worker, lambda s: s.problems).general_problems[0])
