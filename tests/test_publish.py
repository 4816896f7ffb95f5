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
from searcher.errors import PublishFailed
from searcher.export.contract import Metadata
from searcher.models.registry import ModelRegistry
from searcher.publishing.publish import publish as send
from searcher.publishing.space import ZERO_GPU, Plan, prepare
from tests import hub_server, onnx_files
from tests.hub import LARGE, SPACE, TOKEN, Hub, serving
from tests.servers import ROOT, free_port

Publish = Callable[..., str]
MODELS = {"models/big.onnx", "models/small.onnx", "models/small.text.onnx"}
NAME = "someone/twinlens"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelRegistry:
    """A models folder: a large file, a network of the Hub with words, one that is not ready."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "big.onnx").write_bytes(os.urandom(LARGE + 1))
    weights = "hf:o/net@0123456789abcdef0123456789abcdef01234567"
    onnx_files.write(folder, "small", metadata=Metadata("Small", "mean colour", weights, "MIT"))
    (folder / "small.text.onnx").write_bytes(b"its words")
    (folder / ".half.onnx").write_bytes(b"half")
    return ModelRegistry(folder, 1)


@pytest.fixture
def publish(
    models: ModelRegistry, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Publish:
    hub_server.use(hub.url, tmp_path, monkeypatch)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)  # the hub speaks LFS
    return lambda **plan: send(prepare(Plan(NAME, **plan), models))


def call(hub: Hub, models: ModelRegistry, data: Path, *arguments: str) -> Any:
    """Run the command line; not forked: huggingface_hub reads its variables when it is imported."""
    env = {
        **os.environ,
        "INSTALL_MODELS": "",
        "MODELS_DIR": str(models.folder),
        "TWINLENS_DATA": str(data),
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(data / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "no_proxy": "127.0.0.1",
    }
    process = subprocess.run(
        [sys.executable, "-m", "searcher", "publish", NAME, *arguments, "--json"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.stdout, process.stderr, process.returncode


def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def matter(readme: bytes) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(readme.decode().split("---\n")[1])
    return document


def test_the_command_line_sends_what_a_dry_run_lists(
    hub: Hub, models: ModelRegistry, tmp_path: Path
) -> None:
    assert publish_command.ZERO_GPU == ZERO_GPU
    hub.repositories[SPACE] = {"left/over.py": b"", "searcher/serve.py": b"of an earlier version"}
    output, _, status = call(hub, models, tmp_path, "--models", "small", "--dry-run")
    listed = json.loads(output)
    assert (status, listed["hardware"], listed["url"]) == (0, "zero-a10g", None)
    assert set(listed["files"]) == tracked() | MODELS - {"models/big.onnx"}
    assert listed["bytes"] == sum(listed["files"].values())
    assert listed["deletions"] == ["left/over.py"]
    assert hub.sent == hub.commits == []

    output, errors, status = call(hub, models, tmp_path, "--models", "small")
    sent = json.loads(output)
    assert (status, sent["files"]) == (0, listed["files"])
    assert sent["deletions"] == listed["deletions"]
    assert sent["url"].startswith(f"{hub.url}/{SPACE}/commit/")
    assert sent["url"] in errors
    assert {name: len(data) for name, data in hub.files.items()} == sent["files"]


def test_a_new_space_is_of_zero_gpu_and_has_what_is_tracked_and_the_models(
    hub: Hub, models: ModelRegistry, publish: Publish
) -> None:
    publish(private=True)
    (created,) = hub.documents("/repos/create")
    expected = {"type": "space", "sdk": "gradio", "hardware": "zero-a10g", "visibility": "private"}
    assert created.items() >= expected.items()
    assert len(hub.commits) == 1
    assert set(hub.files) == tracked() | MODELS
    for name, data in hub.files.items():
        source = models.folder / Path(name).name if name in MODELS else ROOT / name
        assert name == "README.md" or data == source.read_bytes(), name

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
    publish(hardware="cpu-basic", names=("small",))
    assert hub.documents("/repos/create") == []
    assert [document["flavor"] for document in hub.documents("/hardware")] == ["cpu-basic"]
    assert set(hub.files) == tracked() | MODELS - {"models/big.onnx"}
    assert matter(hub.files["README.md"])["suggested_hardware"] == "cpu-basic"
    publish(hardware="cpu-basic", names=("small",))
    assert len(hub.documents("/hardware")) == 1, "which restarts the Space"


def test_models_travel_as_a_repository_and_votes_in_a_bucket(hub: Hub, publish: Publish) -> None:
    places = {"model_repository": "someone/models", "bucket": "someone/votes"}
    publish(**places)
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

    publish(**places)  # a second time: by the addresses of a Space that exists
    assert {d["key"]: d["value"] for d in hub.documents("/variables")} == variables
    assert len(hub.documents("/volumes")) == 1


@pytest.mark.parametrize(
    ("status", "plan", "code"),
    [
        (401, {}, "token"),
        (402, {}, "no_more_spaces"),
        (402, {"hardware": "cpu-basic"}, "needs_pro"),
        (403, {}, "forbidden"),
        (409, {}, "name_taken"),
        (500, {}, "refused"),
    ],
)
def test_a_refusal_says_what_to_do(
    hub: Hub, publish: Publish, status: int, plan: dict[str, Any], code: str
) -> None:
    hub.refusals["/repos/create"] = status
    with pytest.raises(PublishFailed) as refusal:
        publish(names=("small",), **plan)
    assert refusal.value.code == f"publish.{code}"
    assert hub.commits == []


def test_without_a_token_a_network_or_a_free_name_there_is_a_sentence(
    hub: Hub,
    models: ModelRegistry,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refusal(**plan: Any) -> str:
        with pytest.raises(PublishFailed) as error:
            publish(names=plan.pop("names", ("small",)), **plan)
        return str(error.value)

    hub.repositories[SPACE] = {"app.py": b"of another app", "README.md": b""}
    assert "--replace" in refusal()
    assert re.search("choose zero-a10g, cpu-basic", refusal(hardware="x"))
    for name in ("votes", "someone/votes@main"):
        assert "write OWNER/NAME" in refusal(bucket=name)
    assert "There is no model vgg16" in refusal(names=("vgg16",))
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "does not accept the access token" in refusal()
    monkeypatch.setenv("HF_TOKEN", "")
    assert "Nobody is logged in" in refusal()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert hub.commits == []
    publish(replace=True, names=("small",))
    assert b"of another app" not in hub.files.values()
    hub_server.use(f"http://127.0.0.1:{free_port()}", ROOT, monkeypatch)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert "does not answer" in refusal()
    publication = prepare(Plan(NAME, names=("small",)), models)
    assert publish_command.deletions(publication, dry_run=True) is None
    assert re.search("not known.*does not answer", capsys.readouterr().err)
