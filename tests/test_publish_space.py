"""tools/publish_space.py, run as a program against a hub on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub import LARGE, TOKEN, Hub, serving
from tests.servers import ROOT, free_port


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with two files, one of them large, and one that is not ready."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "big.onnx").write_bytes(os.urandom(LARGE + 1))
    (folder / "small.onnx").write_bytes(b"small")
    (folder / ".half.onnx").write_bytes(b"half")
    return folder


def publish(
    models: Path, url: str, *arguments: str, token: str = TOKEN
) -> "subprocess.CompletedProcess[str]":
    env = {
        **os.environ,
        "MODELS_DIR": str(models),
        "HF_ENDPOINT": url,
        "HF_TOKEN": token,
        "HF_HOME": str(models.parent / "hub"),
        "HF_HUB_DISABLE_XET": "1",  # the hub here speaks LFS only
        "no_proxy": "127.0.0.1",
    }
    return subprocess.run(
        [sys.executable, "-m", "tools.publish_space", "someone/twinlens", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def test_a_dry_run_lists_files_and_sizes_and_pushes_nothing(hub: Hub, models: Path) -> None:
    process = publish(models, hub.url, "--dry-run")
    assert process.returncode == 0, process.stderr
    *lines, last = process.stdout.splitlines()
    sizes = {name: int(size.replace(",", "")) for size, name in (line.split() for line in lines)}
    assert set(sizes) == tracked() | {"models/big.onnx", "models/small.onnx"}
    assert sizes["models/big.onnx"] == LARGE + 1
    assert sizes["README.md"] == (ROOT / "README.md").stat().st_size
    assert last.split()[0] == f"{sum(sizes.values()):,}"
    assert hub.created == hub.commits == []


def test_a_space_has_then_exactly_what_is_tracked_and_the_models(hub: Hub, models: Path) -> None:
    hub.files["left/over.py"] = b"from an earlier version"
    process = publish(models, hub.url, "--private")
    assert process.returncode == 0, process.stderr
    assert hub.created[0]["type"] == "space"
    assert hub.created[0]["sdk"] == "gradio"
    assert hub.created[0]["visibility"] == "private"
    assert len(hub.commits) == 1
    assert set(hub.files) == tracked() | {"models/big.onnx", "models/small.onnx"}
    for name, data in hub.files.items():
        source = (
            models / Path(name).name if name.endswith(("big.onnx", "small.onnx")) else ROOT / name
        )
        assert data == source.read_bytes(), name
    assert f"Published: {hub.url}/spaces/someone/twinlens" in process.stderr


def test_only_the_models_that_are_named(hub: Hub, models: Path) -> None:
    (models / "small.text.onnx").write_bytes(b"its words")
    process = publish(models, hub.url, "--models", "small", "--dry-run")
    assert "models/small.onnx" in process.stdout
    assert "models/small.text.onnx" in process.stdout
    assert "models/big.onnx" not in process.stdout
    process = publish(models, hub.url, "--models", "vgg16", "--dry-run")
    assert process.returncode == 2
    assert "python -m searcher export vgg16" in process.stderr


def test_what_goes_wrong_gets_a_sentence(hub: Hub, models: Path) -> None:
    process = publish(models, hub.url, token="hf_wrong")
    assert process.returncode == 2
    assert "refused (401)" in process.stderr
    process = publish(models, f"http://127.0.0.1:{free_port()}")
    assert process.returncode == 2
    assert "can't be reached" in process.stderr
    assert "Traceback" not in process.stderr
