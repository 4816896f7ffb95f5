"""Batches in parts: the same vectors, and only where measuring says so."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from searcher.indexing.lanes import SETTLED, TRIALS, Lanes
from searcher.models.embedder import Embedder
from tests import onnx_files

BATCHES = SETTLED // 16 + 1 + 2 * TRIALS  # until it is decided

Images = np.ndarray


def batches() -> list[Images]:
    generator = np.random.default_rng(0)
    return [generator.integers(1, 256, (16, 8, 8, 3), dtype=np.uint8) for _ in range(BATCHES + 2)]


def delay(lanes: Lanes, is_slow: Callable[[bool], bool]) -> None:
    """Make one of the ways slower than the other."""
    run = lanes._run

    def slowed(images: Images, is_split: bool) -> Images:
        time.sleep(0.05 * is_slow(is_split))
        return run(images, is_split)

    lanes._run = slowed  # type: ignore[method-assign]


@pytest.mark.parametrize("is_split_slow", [True, False])
def test_the_quicker_way_is_taken_and_both_give_the_same(
    tmp_path: Path, is_split_slow: bool
) -> None:
    embedder = Embedder(onnx_files.write(tmp_path, "mean"))
    lanes = Lanes(embedder, 2)
    delay(lanes, lambda is_split: is_split is is_split_slow)
    for images in batches():
        np.testing.assert_allclose(lanes.embed(images), embedder.embed(images), atol=1e-6)
    assert lanes.is_split is not is_split_slow
    last = batches()[-1][:3]
    np.testing.assert_allclose(lanes.embed(last), embedder.embed(last), atol=1e-6)
    lanes.close()
    assert not lanes.is_split
    np.testing.assert_allclose(lanes.embed(last), embedder.embed(last), atol=1e-6)


def test_short_runs_open_nothing_more(tmp_path: Path) -> None:
    path = onnx_files.write(tmp_path, "mean")
    lanes = Lanes(Embedder(path), 2)
    path.unlink()
    for images in batches()[: SETTLED // 16]:
        lanes.embed(images)
    assert lanes._single is None
    assert not lanes._is_decided


@pytest.mark.parametrize("change", ["gone", "other"])
def test_a_file_that_is_another_one_by_now_is_not_used(tmp_path: Path, change: str) -> None:
    path = onnx_files.write(tmp_path, "mean")
    embedder = Embedder(path)
    lanes = Lanes(embedder, 2)
    path.unlink()
    if change == "other":
        model = onnx_files.mean_colour()
        model.graph.node[1].op_type = "ReduceMax"
        path.write_bytes(model.SerializeToString())
    for images in batches():
        np.testing.assert_allclose(lanes.embed(images), embedder.embed(images), atol=1e-6)
    assert not lanes.is_split
