"""The small network that comes with the project."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from searcher.images.pictures import open_picture
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests.pictures import encode, paint
from tests.servers import ROOT

TINY = ROOT / "models" / "tiny.onnx"
GOLDEN = [0.38515, -0.2667, -0.20618, 0.15081, 0.08772, 0.02617]  # of paint(0)


def test_tiny_fulfils_the_contract() -> None:
    embedder = Embedder(TINY)
    batch = np.stack([np.asarray(paint(seed, (64, 64))) for seed in range(9)])
    vectors = embedder.embed(batch)
    assert vectors.shape == (9, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    one_by_one = np.concatenate([embedder.embed(batch[i : i + 1]) for i in range(9)])
    assert np.allclose(vectors, one_by_one, atol=1e-5)


def test_tiny_gives_known_numbers() -> None:
    vector = Embedder(TINY).embed_picture(open_picture(encode(paint(0), "PNG")))
    assert vector[:6] == pytest.approx(GOLDEN, abs=1e-3)


def test_tiny_says_what_it_is_and_is_small() -> None:
    model = ModelRegistry(TINY.parent, cache=1).get("tiny")
    assert model.display == "Tiny"
    assert "residual" in model.architecture
    assert model.weights == "Tiny-ImageNet, distilled from MobileNetV2"
    assert model.licence == "Apache-2.0"
    assert Embedder(TINY).metadata["format_version"] == "1"
    assert model.megabytes < 4


def test_tiny_tells_kinds_of_photographs_apart_better_than_colour(
    shared: Path, baselines: Path
) -> None:
    command = [sys.executable, "-m", "benchmarks.models", str(shared / "photos")]
    command += [str(TINY), str(baselines / "colour.onnx")]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.split(" | ") for line in process.stdout.splitlines() if ".onnx" in line]
    tiny, colour = (float(row[2]) for row in rows)
    assert tiny > 0.33
    assert colour < 0.2
