"""`publish`: what it sends to a hub on this machine, and what it says of refusals."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from searcher.cli import publish_command
from searcher.export.contract import Metadata
from searcher.publishing.space import ZERO_GPU
from tests import onnx_files
from tests.hub import LARGE, SPACE, TOKEN, Hub, serving
from tests.servers import ROOT, free_port

Publish = Callable[..., "subprocess.CompletedProcess[str]"]
MODELS = {"models/big.onnx", "models/small.onnx", "models/small.text.onnx"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder: a large file, a network of the Hub with words, one that is not ready."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "big.onnx").write_bytes(os.urandom(LARGE + 1))
    weights = "hf:o/net@0123456789abcdef0123456789abcdef01234567"
    onnx_files.write(folder, "small", metadata=Metadata("Small", "mean colour", weights, "MIT"))
    (folder / "small.text.onnx").write_bytes(b"its words")
    (folder / ".half.onnx").write_bytes(b"half")
    return folder


@pytest.fixture
def publish(models: Path, hub: Hub, tmp_path: Path) -> Publish:
    def call(*arguments: str, status: int = 0, **variables: str) -> Any:
        env = {
            **os.environ,
            "INSTALL_MODELS": "",
            "MODELS_DIR": str(models),
            "TWINLENS_DATA": str(tmp_path / "data"),
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(tmp_path / "hub"),
            "HF_HUB_DISABLE_XET": "1",  # the hub here speaks LFS only
            "no_proxy": "127.0.0.1",
            **variables,
        }
        command = [sys.executable, "-m", "searcher", "publish", "someone/twinlens", *arguments]
        # Not forked: huggingface_hub reads its variables when it is imported.
        process = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert process.returncode == status, process.stderr
        assert "Traceback" not in process.stderr
        return process

    return call


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def matter(readme: bytes) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(readme.decode().split("---\n")[1])
    return document


def test_a_dry_run_lists_files_and_sizes_and_sends_nothing(hub: Hub, publish: Publish) -> None:
    process = publish("--dry-run", HF_TOKEN="", HF_ENDPOINT=f"http://127.0.0.1:{free_port()}")
    *lines, last = process.stdout.splitlines()
    sizes = {name: int(size.replace(",", "")) for size, name in (line.split() for line in lines)}
    assert set(sizes) == tracked() | MODELS
    assert sizes["models/big.onnx"] == LARGE + 1
    assert last.split()[0] == f"{sum(sizes.values()):,}"
    process = publish("--models", "small", "--dry-run", "--json")
    document = json.loads(process.stdout)
    assert MODELS - set(document["files"]) == {"models/big.onnx"}
    assert (document["hardware"], document["url"]) == ("zero-a10g", None)
    process = publish("--models", "vgg16", "--dry-run", status=2)
    assert "There is no model vgg16" in process.stderr
    assert hub.sent == hub.commits == []


def test_a_new_space_is_of_zero_gpu_and_has_what_is_tracked_and_the_models(
    hub: Hub, models: Path, publish: Publish
) -> None:
    assert publish_command.ZERO_GPU == ZERO_GPU
    process = publish("--private")
    (created,) = hub.documents("/repos/create")
    expected = {"type": "space", "sdk": "gradio", "hardware": "zero-a10g", "visibility": "private"}
    assert created.items() >= expected.items()
    assert len(hub.commits) == 1
    assert set(hub.files) == tracked() | MODELS
    for name, data in hub.files.items():
        source = models / Path(name).name if name in MODELS else ROOT / name
        assert name == "README.md" or data == source.read_bytes(), name
    assert f"Published: {hub.url}/{SPACE}" in process.stderr

    readme, own = hub.files["README.md"], (ROOT / "README.md").read_bytes()
    assert readme.split(b"\n# ", 1)[1] == own.split(b"\n# ", 1)[1]
    added = {
        "suggested_hardware": "zero-a10g",
        "models": ["o/net"],
        "thumbnail": f"{hub.url}/{SPACE}/resolve/main/docs/compare.webp",
    }
    assert matter(readme) == matter(own) | added
    assert (ROOT / "docs" / "compare.webp").exists()


def test_a_space_is_updated_and_its_hardware_changed(hub: Hub, publish: Publish) -> None:
    hub.repositories[SPACE] = {"left/over.py": b"", "searcher/serve.py": b"of an earlier version"}
    publish("--hardware", "cpu-basic", "--models", "small")
    assert hub.documents("/repos/create") == []
    assert [document["flavor"] for document in hub.documents("/hardware")] == ["cpu-basic"]
    assert set(hub.files) == tracked() | MODELS - {"models/big.onnx"}
    assert matter(hub.files["README.md"])["suggested_hardware"] == "cpu-basic"
    publish("--hardware", "cpu-basic", "--models", "small")
    assert len(hub.documents("/hardware")) == 1, "which restarts the Space"


def test_models_travel_as_a_repository_and_votes_in_a_bucket(hub: Hub, publish: Publish) -> None:
    places = ("--model-repository", "someone/models", "--bucket", "someone/votes")
    document = json.loads(publish(*places, "--json").stdout)
    assert set(hub.files) == tracked()
    files = hub.repositories["models/someone/models"]
    assert set(files) - {".gitattributes", "README.md"} == {Path(name).name for name in MODELS}
    assert matter(files["README.md"])["library_name"] == "onnx"
    written = matter(hub.files["README.md"])
    assert written["models"] == ["o/net", "someone/models"]
    preloaded = "someone/models big.onnx,small.onnx,small.text.onnx"
    assert written["preload_from_hub"] == [preloaded]
    model, space = hub.documents("/repos/create")
    assert model["type"] == "model"
    variables = {"HUB_MODELS": "someone/models", "KEPT_DIR": "/kept"}
    assert {entry["key"]: entry["value"] for entry in space["variables"]} == variables
    assert [(volume["source"], volume["mountPath"]) for volume in space["volumes"]] == [
        ("someone/votes", "/kept")
    ]
    assert hub.documents("/buckets/someone/votes") == [{"visibility": "private"}]
    assert document["variables"] == variables
    assert document["url"].startswith(f"{hub.url}/{SPACE}/commit/")

    publish(*places)  # a second time: by the addresses of a Space that exists
    assert {d["key"]: d["value"] for d in hub.documents("/variables")} == variables
    assert len(hub.documents("/volumes")) == 1


@pytest.mark.parametrize(
    ("status", "arguments", "sentence"),
    [
        (401, (), "does not accept the access token"),
        (402, (), "no further Space of ZeroGPU"),
        (402, ("--hardware", "cpu-basic"), "cpu-basic from PRO accounts only"),
        (403, (), "may not write to what belongs to someone"),
        (409, (), "exists already"),
        (500, (), "status 500: The hub's own words."),
    ],
)
def test_a_refusal_says_what_to_do(
    hub: Hub, publish: Publish, status: int, arguments: tuple[str, ...], sentence: str
) -> None:
    hub.refusals["/repos/create"] = status
    process = publish(*arguments, "--models", "small", status=2)
    assert sentence in process.stderr
    assert len(process.stderr.splitlines()) == 1
    assert hub.commits == []


def test_without_a_token_a_network_or_a_free_name_there_is_a_sentence(
    hub: Hub, publish: Publish
) -> None:
    assert "Nobody is logged in" in publish(HF_TOKEN="", status=2).stderr
    wrong = publish(HF_TOKEN="hf_wrong", status=2).stderr
    assert "does not accept the access token" in wrong
    nowhere = publish(HF_ENDPOINT=f"http://127.0.0.1:{free_port()}", status=2).stderr
    assert "does not answer" in nowhere
    assert re.search("choose zero-a10g, cpu-basic", publish("--hardware", "x", status=2).stderr)
    assert "write OWNER/NAME" in publish("--bucket", "votes", status=2).stderr
    hub.repositories[SPACE] = {"app.py": b"of another app", "README.md": b""}
    assert "--replace" in publish(status=2).stderr
    assert hub.commits == []
    publish("--replace", "--models", "small")
    assert b"of another app" not in hub.files.values()
