"""Maps of the library: which pictures are on them, when they are made anew, and where they stay."""

import threading
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import ModelNotReady
from searcher.evaluation import maps as maps_module
from searcher.evaluation.layout_files import Layout, load, save
from searcher.evaluation.maps import Maps
from searcher.library.core import Library
from searcher.library.jobs import LIBRARY
from searcher.library.trash import remove
from searcher.metrics.projection import MIN_POINTS, PCA, TSNE, tsne
from tests.pictures import folder
from tests.servers import wait_for

HALF = MIN_POINTS // 2 + 2


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    folder(tmp_path / "pictures", {"a": HALF, "b": HALF})
    library.add([tmp_path / "pictures"])
    return library


def test_a_map_has_every_picture_once(filled: Library) -> None:
    picture_map = Maps(filled).of("colour", PCA)
    assert sorted(picture_map.ids) == sorted(filled.records.ids())
    assert picture_map.total == 2 * HALF
    assert picture_map.projection.points.shape == (2 * HALF, 2)
    assert picture_map.title == "Colour (baseline)"


def test_pca_is_there_until_t_sne_is_made_and_stays_on_disk(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def late(*arguments: object) -> object:
        go_on.wait(60)
        return tsne(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(maps_module, "tsne", late)
    maps = Maps(filled)
    first = maps.of("colour")
    assert (first.method, first.rows) == (PCA, None)
    assert first.projection.explained is not None
    wait_for(lambda: (maps.of("colour").progress or 0) >= maps_module.NEAR_SHARE)
    go_on.set()
    wait_for(lambda: maps.of("colour").method == TSNE)
    second = maps.of("colour")
    assert (second.progress, second.projection.explained) == (None, None)
    assert second.rows is not None
    assert not np.allclose(first.projection.points, second.projection.points)
    assert maps.of("colour", PCA).projection is first.projection

    # After a restart nothing is made again.
    monkeypatch.setattr(maps_module, "tsne", lambda *arguments: pytest.fail("made again"))
    wait_for(lambda: list((filled.settings.data / "maps").glob("colour*.npz")))
    restarted = Maps(filled).of("colour")
    assert restarted.method == TSNE
    assert np.array_equal(restarted.projection.points, second.projection.points)


def test_it_is_made_anew_when_the_library_changes(filled: Library, tmp_path: Path) -> None:
    maps = Maps(filled)
    shares: list[float] = []
    first = maps.make("colour", TSNE, shares.append)
    assert first.method == TSNE
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert maps.make("colour").rows is first.rows
    remove(filled, [int(first.ids[0])])
    second = maps.of("colour", PCA)
    assert second.ids.tolist() == first.ids.tolist()[1:]
    assert second.state != first.state
    folder(tmp_path / "more", {"c": 3})
    filled.add([tmp_path / "more"])
    assert maps.of("colour", PCA).total == len(set(filled.records.ids()))


def test_a_closed_library_ends_what_is_being_made(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = threading.Event()

    def close_first(vectors: object, k: int, step: maps_module.Step) -> object:
        filled.close()
        try:
            step(0.1)
        finally:
            closing.set()
        return pytest.fail("went on")

    monkeypatch.setattr(maps_module, "nearest", close_first)
    maps = Maps(filled)
    maps.of("colour")
    assert closing.wait(60)
    wait_for(lambda: not any(thread.name == "maps" for thread in threading.enumerate()))
    assert not (filled.settings.data / "maps").exists()


def test_what_fails_is_not_tried_again(
    filled: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def fail(vectors: object, k: int, step: object) -> object:
        tries.append(k)
        raise ZeroDivisionError

    monkeypatch.setattr(maps_module, "nearest", fail)
    maps = Maps(filled)
    maps.of("colour")
    wait_for(lambda: "a map was not made" in caplog.text)
    wait_for(lambda: maps.of("colour").progress is None)
    assert maps.of("colour").method == PCA
    assert len(tries) == 1


def test_what_was_stopped_is_made_when_somebody_asks_for_it_again(
    filled: Library, tmp_path: Path
) -> None:
    maps = Maps(filled)
    began = threading.Event()
    jobs = filled.jobs

    def stop_first() -> None:
        for job in jobs.of(LIBRARY):
            if not began.is_set():
                began.set()
                job.stop()

    jobs.on_change(stop_first)
    assert not maps.of("colour").is_stopped
    wait_for(lambda: maps.of("colour").is_stopped, what="the stop")
    folder(tmp_path / "more", {"c": 3})
    filled.add([tmp_path / "more"])
    # Not even when there are other pictures, and no other map is concerned.
    stopped = maps.of("colour")
    assert (stopped.method, stopped.progress, stopped.is_stopped) == (PCA, None, True)
    assert not maps.of("colour", PCA).is_stopped
    assert not maps.of("shape").is_stopped
    assert maps.of("colour", again=True).progress is not None
    wait_for(lambda: maps.of("colour").method == TSNE, what="the map")
    assert not maps.of("colour").is_stopped


def test_nothing_is_made_while_pictures_are_added(filled: Library) -> None:
    maps = Maps(filled)
    with filled.priority.indexing():
        assert maps.of("colour").progress is None


def test_of_a_large_library_all_maps_have_the_same_sample(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps_module, "MAX_POINTS", 5)
    maps = Maps(filled)
    a, b = maps.of("colour"), maps.of("shape")
    assert a.ids.tolist() == b.ids.tolist()
    assert len(a.ids) == 5
    assert a.total == 2 * HALF
    assert not np.allclose(a.projection.points, b.projection.points)


def test_an_empty_library_has_an_empty_map(library: Library) -> None:
    picture_map = Maps(library).of("colour")
    assert (picture_map.ids.tolist(), picture_map.total) == ([], 0)
    assert picture_map.projection.points.shape == (0, 2)


def test_an_unknown_model_is_refused(library: Library) -> None:
    with pytest.raises(ModelNotReady):
        Maps(library).of("none")


def test_only_the_layout_of_the_same_pictures_is_loaded(tmp_path: Path) -> None:
    layout = Layout(np.zeros((40, 2), np.float32), np.zeros((40, 15), np.int32))
    save(tmp_path, "old", "state", layout, {"old"})
    save(tmp_path, "model", "state", layout, {"model"})
    assert load(tmp_path, "old", "state") is None
    loaded = load(tmp_path, "model", "state")
    assert loaded is not None
    assert np.array_equal(loaded.points, layout.points)
    assert load(tmp_path, "model", "another state") is None
    for damage in (b"", b"PK\x03\x04", (tmp_path / "model.npz").read_bytes()[:-200]):
        (tmp_path / "model.npz").write_bytes(damage)
        assert load(tmp_path, "model", "state") is None
