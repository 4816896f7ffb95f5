"""Speeds are measured by the idle worker, stored, and measured again after a change."""

import weakref
from pathlib import Path
from typing import Any

import pytest

from searcher.file_locks import acquire
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.speeds import Speed
from searcher.models.embedder import Embedder
from searcher.search.query import UploadedQuery
from tests import onnx_files
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.test_worker import wait, working


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that were measured."""
    names: list[str] = []
    milliseconds = Embedder.milliseconds

    def note(embedder: Embedder) -> float:
        names.append(embedder.path.stem)
        return milliseconds(embedder)

    monkeypatch.setattr(Embedder, "milliseconds", note)
    return names


def measure(library: Library) -> dict[str, Speed]:
    return library.speeds.measure(library.registry.ready())


def test_speeds_are_kept_until_the_file_changes(library: Library, measured: list[str]) -> None:
    first = measure(library)
    assert 0 < first["colour"].ms < 1000
    assert first["colour"].device == "CPU"
    assert measure(library) == first
    assert measured == ["colour", "shape"]
    onnx_files.write(library.settings.models_dir, "colour")
    measure(library)
    assert measured == ["colour", "shape", "colour"]


def test_another_machine_measures_anew(
    library: Library, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure(library)
    monkeypatch.setattr("searcher.library.speeds.cores", lambda: 64)
    assert library.speeds.get(library.registry.get("colour")) is None
    measure(library)
    assert measured == ["colour", "shape"] * 2


def test_a_speed_that_is_known_costs_no_model_its_place(library: Library) -> None:
    first = measure(library)
    small = Library(library.settings.model_copy(update={"model_cache": 1}))
    try:
        small.registry.ready()
        loaded = weakref.ref(small.registry.load("shape")[1])
        assert measure(small) == first
        assert loaded() is not None
    finally:
        small.close()


def test_nobody_measures_while_pictures_are_indexed(
    library: Library, tmp_path: Path, measured: list[str]
) -> None:
    folder(tmp_path / "in", {"a": 3})
    speeds: list[Any] = []

    def look(count: int) -> None:
        speeds.append(measure(library))
        speeds.extend(document["ms"] for document in serializers.models(library))

    library.add([tmp_path / "in"], look)
    assert speeds[0] == {}
    assert set(speeds[1:]) == {None}
    # Nor while another process indexes.
    with acquire(library.settings.data / "indexing.lock", shared=True):
        assert measure(library) == {}
    assert measured == []
    assert measure(library)


def test_what_a_search_has_disturbed_is_discarded(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = folder(tmp_path / "in", {"a": 1})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", path.read_bytes())

    def disturbed(embedder: Embedder) -> float:
        library.search(query, "colour", 1)
        return 46.0

    with monkeypatch.context() as patch:
        patch.setattr(Embedder, "milliseconds", disturbed)
        assert measure(library) == {}
    assert measure(library)["colour"].ms != 46


def test_the_idle_worker_measures_and_can_be_asked_to_again(
    make_settings: MakeSettings, measured: list[str]
) -> None:
    with working(Library(make_settings())) as worker:
        wait(worker, lambda s: len(s.speeds) == 2 and not s.working)
        assert measured == ["colour", "shape"]
        worker.measure()
        wait(worker, lambda s: len(measured) == 4)
        assert measured == ["colour", "shape"] * 2
