"""The models in memory: the least recently used is dropped, and each is loaded once."""

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests import onnx_files


def test_the_least_recently_used_is_let_go(tmp_path: Path) -> None:
    for name in "abc":
        onnx_files.write(tmp_path, name)
    registry = ModelRegistry(tmp_path, cache=2)
    registry.ready()
    first = weakref.ref(registry.load("a")[1])
    registry.load("b")
    assert registry.load("a")[1] is first()
    registry.load("c")
    assert registry.load("a")[1] is first()
    registry.load("b")
    registry.load("c")
    assert first() is None


def test_what_a_run_still_uses_is_not_loaded_again(tmp_path: Path) -> None:
    for name in "abc":
        onnx_files.write(tmp_path, name)
    registry = ModelRegistry(tmp_path, cache=1)
    used = [registry.load(name)[1] for name in "abc"]
    assert [registry.load(name)[1] for name in "abc"] == used
    onnx_files.write(tmp_path, "a", side=16)
    assert registry.load("a")[1].height == 16


def test_two_requests_load_a_model_once(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "m")
    registry = ModelRegistry(tmp_path, cache=3)
    loaded: list[Embedder] = []
    threads = [
        threading.Thread(target=lambda: loaded.append(registry.load("m")[1])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 8
    assert len({id(embedder) for embedder in loaded}) == 1


class Gate:
    """Counts loads of models, and blocks the load of one file until it is released."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, waits: str = "") -> None:
        self.reached, self.released = threading.Event(), threading.Event()
        self.peak = self._now = 0
        self._waits = waits
        self._lock = threading.Lock()
        monkeypatch.setattr("searcher.models.registry.Embedder", self._load)

    def _load(self, path: Path) -> Embedder:
        with self._lock:
            self._now += 1
            self.peak = max(self.peak, self._now)
        try:
            if path.stem == self._waits:
                self.reached.set()
                assert self.released.wait(60)
            return Embedder(path)
        finally:
            with self._lock:
                self._now -= 1


def test_a_loaded_model_waits_for_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("small", "large"):
        onnx_files.write(tmp_path, name)
    registry = ModelRegistry(tmp_path, cache=2)
    loaded = registry.load("small")
    gate = Gate(monkeypatch, waits="large")
    with ThreadPoolExecutor(2) as pool:
        try:
            large = pool.submit(registry.load, "large")
            assert gate.reached.wait(60)
            assert pool.submit(registry.load, "small").result(10) == loaded
            assert not large.done()
        finally:
            gate.released.set()
        assert large.result()[0].name == "large"


def test_no_more_models_are_loaded_at_once_than_are_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "abcdef"
    for name in names:
        onnx_files.write(tmp_path, name)
    registry = ModelRegistry(tmp_path, cache=2)
    registry.ready()
    gate = Gate(monkeypatch, waits="a")
    with ThreadPoolExecutor(len(names)) as pool:
        try:
            first = pool.submit(registry.load, "a")
            assert gate.reached.wait(60)
            other_loads = [pool.submit(registry.load, name) for name in names[1:]]
            for other in other_loads:
                other.result(60)
        finally:
            gate.released.set()
        first.result()
    assert gate.peak == 2
