"""The command adopt."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from searcher.images.resizing import Fit
from searcher.models.embedder import Embedder
from tests import external_networks, forks
from tests.pictures import paint
from tests.servers import ROOT

IMAGES = np.stack([np.asarray(paint(seed, (32, 32))) for seed in range(3)])


def command(*arguments: object, models: Path) -> subprocess.CompletedProcess[str]:
    env = {"MODELS_DIR": str(models), "PATH": ""}
    if forks.ADDRESS in os.environ:
        env[forks.ADDRESS] = os.environ[forks.ADDRESS]
    return forks.run([sys.executable, "-m", "searcher", "adopt", *arguments], env=env)


def test_the_command_line_adopts(tmp_path: Path) -> None:
    source = external_networks.write(tmp_path, external_networks.network())
    process = command(source, "--name", "net", models=tmp_path / "models")
    assert (process.returncode, process.stdout) == (0, "net: ready\n")
    for line in ("input: pixels", "size: 32 x 32", "output: features", "dimensions: 8", "Next: "):
        assert line in process.stderr
    assert "guessed: preprocessing imagenet" in process.stderr
    assert "guessed: fit: stretch, bilinear" in process.stderr
    options = ("--scale", 0.5, "--mean", "1,2,3", "--std", 4, "--channels", "BGR", "--fit", "crop")
    process = command(source, "--name", "own", *options, models=tmp_path / "models")
    assert process.returncode == 0
    assert "guessed" not in process.stderr
    process = command(source, "--name", "again", "--mean", 1, 2, models=tmp_path / "models")
    assert process.returncode == 2
    assert "one number or three" in process.stderr
    process = command(ROOT / "LICENSE", "--name", "licence", models=tmp_path / "models")
    assert (process.returncode, process.stderr) == (2, "LICENSE is not an ONNX file.\n")


def test_the_command_line_says_what_it_assumes_and_lists_tensors(tmp_path: Path) -> None:
    models = tmp_path / "models"
    source = external_networks.write(tmp_path, external_networks.network())
    listed = command(source, "--list", models=models)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.startswith("input   pixels [batch, 3, 32, 32]\n")
    assert "output  features [batch, 8]" in listed.stdout
    assert command(source, models=models).returncode == 2  # without a name

    numbers = ("--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225")
    done = command(source, "--name", "a", *numbers, "--fit", "crop", "--resize", 36, models=models)
    assert "assumed: --scale 0.00392157" in done.stderr
    done = command(source, "--name", "b", *numbers, "--scale", "1/255", models=models)
    assert "assumed" not in done.stderr
    a, b = (Embedder(models / f"{name}.onnx") for name in "ab")
    assert np.array_equal(a.embed(IMAGES), b.embed(IMAGES))
    assert (a.fit, b.fit) == (Fit("crop", 36, "bilinear"), Fit())
    done = command(source, "--name", "a", *numbers, models=models)
    assert (done.returncode, "--force" in done.stderr) == (2, True)
    done = command(source, "--name", "c", "--preprocess", "imagenet", "--int8", models=models)
    assert (done.returncode, done.stdout) == (0, "c: ready\n")
    assert "No int8 variant: " in done.stderr
