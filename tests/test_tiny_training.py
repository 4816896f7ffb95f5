"""The programs that train and export the small network."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest
from PIL import Image

from searcher.embedding import Embedder
from searcher.models import Zoo
from tests import onnx_files
from tests.pictures import encode, folder, paint
from tests.servers import ROOT, wait_for
from tools import export_tiny, train_tiny
from tools.command import run

TINY = ROOT / "models" / "tiny.onnx"
EPOCHS = 40
SMALL = ["--size", "32", "--widths", "8", "16", "32", "64", "--device", "cpu"]
# One thread: sums are the same in every run, and nothing waits for a busy second core.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    module: ModuleType = pytest.importorskip(
        "torch", reason="PyTorch is not installed (make train-tools)"
    )
    return module


@dataclass(frozen=True)
class Trained:
    """A finished run: what it was given and its checkpoint."""

    pictures: Path
    teacher: Path
    checkpoint: Path

    def command(self, checkpoint: Path) -> list[str]:
        """The command line of the same run into another checkpoint."""
        arguments = [str(self.pictures), "--teacher", str(self.teacher)]
        return [
            *arguments,
            "--checkpoint",
            str(checkpoint),
            *SMALL,
            "--dim",
            "16",
            "--epochs",
            str(EPOCHS),
        ]


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, baselines: Path, torch: ModuleType
) -> Trained:
    home = tmp_path_factory.mktemp("tiny")
    for number, (kind, colour) in enumerate({"ant": "red", "bee": "gold", "cow": "blue"}.items()):
        (home / "pictures" / kind).mkdir(parents=True)
        for seed in range(20 * number, 20 * number + 20):
            tinted = Image.blend(paint(seed, (96, 96)), Image.new("RGB", (96, 96), colour), 0.6)
            (home / "pictures" / kind / f"{seed}.png").write_bytes(encode(tinted, "PNG"))
    (home / "pictures" / "bee" / "broken.jpg").write_bytes(b"no picture")
    made = Trained(home / "pictures", baselines / "colour.onnx", home / "run" / "tiny.pt")
    done = program("train_tiny", *made.command(made.checkpoint))
    assert done.returncode == 0, done.stderr
    assert "skipped: broken.jpg is not a picture" in done.stderr
    assert "60 pictures of 3 kinds" in done.stderr
    return made


def program(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", f"tools.{name}", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def test_the_loss_falls(trained: Trained, torch: ModuleType) -> None:
    history = torch.load(trained.checkpoint, weights_only=True)["history"]
    assert [entry["epochs"] for entry in history] == list(range(10, EPOCHS + 1, 10))
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
    assert history[-1]["cosine"] > 0.7  # on the pictures that it never learnt from


def test_a_killed_run_goes_on_and_ends_like_one_that_was_not(
    trained: Trained, torch: ModuleType, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "tiny.pt"
    arguments = [*trained.command(checkpoint), "--save-every", "0.1"]
    command = [sys.executable, "-m", "tools.train_tiny", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as process:
        wait_for(checkpoint.exists, what="the first checkpoint")
        process.kill()
    whole = torch.load(trained.checkpoint, weights_only=True)
    cut_off = torch.load(checkpoint, weights_only=True)
    assert 0 < cut_off["step"] < whole["step"]

    done = program("train_tiny", *arguments)
    assert done.returncode == 0, done.stderr
    assert f"Going on from step {cut_off['step']}." in done.stderr
    resumed = torch.load(checkpoint, weights_only=True)
    assert resumed["step"] == whole["step"]
    losses = [[entry["loss"] for entry in run["history"]] for run in (whole, resumed)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    again = program("train_tiny", *arguments)
    assert f"Done after {whole['step']} steps" in again.stderr


@pytest.mark.parametrize(("storage", "minimum"), [("float32", 0.9999), ("int8-weights", 0.995)])
def test_the_exported_file_agrees_with_pytorch(
    trained: Trained, torch: ModuleType, tmp_path: Path, storage: str, minimum: float
) -> None:
    from tools.tiny.checkpoint import Checkpoint

    output = tmp_path / "small.onnx"
    done = program("export_tiny", str(trained.checkpoint), str(output), "--store", storage)
    assert done.returncode == 0, done.stderr
    pictures = np.stack([np.asarray(paint(seed, (32, 32))) for seed in range(300, 316)])
    state = Checkpoint.load(trained.checkpoint)
    network = state.restored().eval()
    # As the training saw them, and without the export's own code.
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    mean = torch.tensor(state.config.mean).view(1, 3, 1, 1)
    with torch.no_grad():
        embedding, _ = network((pixels - mean) / state.config.deviation)
    expected = torch.nn.functional.normalize(embedding).numpy()
    vectors = Embedder(output).embed(pictures)
    assert np.sum(vectors * expected, axis=1).min() >= minimum
    assert (vectors @ vectors.T).min() < 0.5  # all alike would agree, too
    model = Zoo(tmp_path, cache=1).get("small")
    assert (model.title, model.dim, model.height, model.width) == ("Tiny", 16, 32, 32)
    assert model.weights == "pictures, distilled from Colour (baseline)"
    assert [path.name for path in tmp_path.iterdir()] == ["small.onnx"]


def test_a_dozen_pictures_are_enough(
    torch: ModuleType, baselines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "in", {"a": 6, "b": 6})
    checkpoint, output = tmp_path / "few.pt", tmp_path / "few.onnx"
    arguments = [str(tmp_path / "in"), "--teacher", str(baselines / "colour.onnx")]
    arguments += ["--checkpoint", str(checkpoint), *SMALL, "--epochs", "2"]
    assert run(train_tiny.train, train_tiny.parse(arguments)) == 0
    assert "11 dimensions instead of 384" in capsys.readouterr().err
    assert run(export_tiny.export, export_tiny.parse([str(checkpoint), str(output)])) == 0
    assert Embedder(output).dim == 11


@pytest.mark.parametrize(
    ("labels", "teacher", "more", "sentence"),
    [
        ({}, "good", [], "No folder in"),
        ({"a": 3}, "good", [], "All pictures have the label a; at least two kinds are needed"),
        ({"a": 2, "b": 2}, "not unit", [], "its vectors are not of unit length"),
        ({"a": 2, "b": 2}, "nowhere", [], "can't be loaded as an ONNX model"),
        ({"a": 2, "b": 2}, "good", ["--size", "40"], "must be a multiple of 16, not 40"),
        ({"a": 2, "b": 2}, "good", ["--device", "abacus"], "can't use a device abacus"),
    ],
)
def test_what_can_not_be_learnt_from_gets_a_sentence(
    torch: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    labels: dict[str, int],
    teacher: str,
    more: list[str],
    sentence: str,
) -> None:
    (tmp_path / "in").mkdir()
    folder(tmp_path / "in", labels)
    file = tmp_path / "teacher.onnx"
    if teacher == "good":
        onnx_files.write(tmp_path, "teacher")
    elif teacher != "nowhere":
        onnx_files.write_broken(file, teacher)
    arguments = [str(tmp_path / "in"), "--teacher", str(file), *more]
    arguments += ["--checkpoint", str(tmp_path / "run" / "tiny.pt")]
    assert run(train_tiny.train, train_tiny.parse(arguments)) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert sentence in said
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_of_another_run_is_left_alone(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    before = trained.checkpoint.read_bytes()
    arguments = [*trained.command(trained.checkpoint), "--seed", "1"]
    assert run(train_tiny.train, train_tiny.parse(arguments)) == 2
    assert "begun with other pictures, another teacher or other options" in capsys.readouterr().err
    assert trained.checkpoint.read_bytes() == before


def test_a_file_that_is_no_checkpoint_gets_a_sentence(
    torch: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.pt").write_text("not a checkpoint")
    options = export_tiny.parse([str(tmp_path / "text.pt"), str(tmp_path / "out.onnx")])
    assert run(export_tiny.export, options) == 2
    assert capsys.readouterr().err == "text.pt is not a checkpoint of this program.\n"


def test_the_weights_of_tiny_are_stored_in_bytes() -> None:
    stored = {onnx.TensorProto.INT8: 0, onnx.TensorProto.FLOAT: 0}
    for tensor in onnx.load(TINY).graph.initializer:
        stored[tensor.data_type] += int(np.prod(tensor.dims))
    assert stored[onnx.TensorProto.INT8] > 100 * stored[onnx.TensorProto.FLOAT]
