"""Model files that ask for too much break neither the process nor the search with others."""

import contextlib
import json
import os
import shutil
import threading
import time
from pathlib import Path

import psutil
import pytest
from gradio_client import Client, handle_file

from searcher.errors import BrokenModel, ModelNotReady
from searcher.messages.message import render
from searcher.models import checks as model_checks
from searcher.models.checks import Checks
from searcher.models.registry import ModelRegistry
from searcher.models.verdicts import MAX_CHECKS, Limits, Verdicts
from tests import onnx_files
from tests.pictures import save
from tests.servers import running, wait_for

QUICK = Limits(base_mb=1024, seconds=2)
HOSTILE = {
    "huge input": "more than 4096 x 4096 pixels",
    "endless loop": r"takes more than 2 s to load and run: replace the file or remove it",
    "constant bomb": r"takes more than 1024 MB of memory to load and run",
    "growing result": r"takes more than 1024 MB of memory to load and run",
    "lying weights": "can't be loaded",
    "outside weights": "keeps weights in another file",
    "custom operator": "can't be loaded",
}


def registry_of(folder: Path, limits: Limits = QUICK, cache: Path | None = None) -> ModelRegistry:
    registry = ModelRegistry(folder, cache=3)
    registry.checks = Checks(folder, Verdicts(cache, limits))
    return registry


def checking() -> list[psutil.Process]:
    """The checks that this process has started and that still run."""
    checked = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            if "searcher.models.check_process" in " ".join(child.cmdline()):
                checked.append(child)
    return checked


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_broken_and_the_others_work(kind: str, tmp_path: Path) -> None:
    onnx_files.write_hostile(tmp_path / "bad.onnx", kind)
    onnx_files.write(tmp_path, "good")
    registry = registry_of(tmp_path)
    assert [model.name for model in registry.ready()] == ["good"]
    with pytest.raises(ModelNotReady, match=rf"^bad\.onnx .*{HOSTILE[kind]}.*\.$") as raised:
        registry.load("bad")
    assert str(tmp_path) not in str(raised.value)
    assert checking() == []
    assert render(raised.value.message, "es") != str(raised.value)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_never_opened(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    (model,) = registry_of(tmp_path).models()
    assert (model.state, str(model.reason)) == ("broken", "bad.onnx is not a regular file.")


def test_searches_do_not_wait_for_a_check(tmp_path: Path) -> None:
    onnx_files.write_hostile(tmp_path / "bad.onnx", "endless loop")
    registry = registry_of(tmp_path, Limits(seconds=60))
    thread = threading.Thread(target=registry.models, daemon=True)
    thread.start()
    wait_for(checking, what="the check of the endless loop")
    onnx_files.write(tmp_path, "good")
    registry.checks.patience = 5.0
    assert registry.load("good")[0].height == 8
    wait_for(lambda: [model.name for model in registry.ready()] == ["good"], what="the good model")
    bad = next(model for model in registry.models() if model.name == "bad")
    assert (bad.state, str(bad.reason)) == ("checking", "bad.onnx is new and is being checked.")
    with pytest.raises(ModelNotReady, match="is being checked"):
        registry.get("bad")
    assert thread.is_alive()
    for child in checking():
        child.kill()
    thread.join(60)
    assert not thread.is_alive()


def test_few_files_are_checked_at_once(tmp_path: Path) -> None:
    for number in range(6):
        onnx_files.write(tmp_path, f"m{number}", side=8 + number)
    registry = registry_of(tmp_path)
    thread = threading.Thread(target=registry.models)
    thread.start()
    counts = []
    while thread.is_alive():
        counts.append(len(checking()))
        time.sleep(0.01)
    assert 1 <= max(counts) <= MAX_CHECKS
    assert len(registry.ready()) == 6


def test_a_verdict_is_kept_for_the_content(tmp_path: Path) -> None:
    models, cache = tmp_path / "models", tmp_path / "data" / "models"
    models.mkdir()
    onnx_files.write(models, "good")
    onnx_files.write_broken(models / "bad.onnx", "not unit")
    assert len(registry_of(models, cache=cache).models()) == 2
    assert len(list(cache.iterdir())) == 2

    digest = registry_of(models, cache=cache).get("good").digest
    document = json.loads((cache / f"{digest}.json").read_text())
    document["metadata"]["title"] = "Kept"
    (cache / f"{digest}.json").write_text(json.dumps(document))
    shutil.copy(models / "good.onnx", models / "again.onnx")
    registry = registry_of(models, cache=cache)
    assert {model.title for model in registry.ready()} == {"Kept"}  # nothing was checked again
    bad = next(model for model in registry.models() if model.name == "bad")
    assert str(bad.reason).startswith("bad.onnx does not fulfil")

    onnx_files.write(models, "good", side=16)
    assert registry.get("good").title == onnx_files.TITLE.title
    assert registry.load("good")[1].height == 16


def test_a_verdict_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    models, cache = tmp_path / "models", tmp_path / "kept"
    models.mkdir()
    onnx_files.write(models, "good")
    onnx_files.write_broken(models / "bad.onnx", "not unit")
    registry_of(models, cache=cache).models()
    for path in cache.iterdir():
        document = json.loads(path.read_text())
        document["reason"] = "is bad." if document["reason"] else ""
        document["metadata"] = {"title": "Kept"} if document["dim"] else {}
        path.write_text(json.dumps(document))
    good, bad = sorted(registry_of(models, cache=cache).models(), key=lambda m: not m.ready)
    assert (good.title, good.reason) == ("Kept", None)
    # A sentence is no reason that can be told in every language: the file is checked once more.
    assert bad.reason is not None
    assert bad.reason.code == "model.contract"
    assert "is bad." not in "".join(path.read_text() for path in cache.iterdir())


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"reason": ""}',
        b'{"onnxruntime": "0.1", "reason": "is bad."}',
        b'{"onnxruntime": "VERSION", "dim": "3", "height": 8, "width": 8, "metadata": {}}',
        b'{"onnxruntime": "VERSION", "dim": 3, "height": 8, "width": 8, "metadata": [1]}',
        b'{"onnxruntime": "VERSION", "more": 1}',
    ],
)
def test_a_damaged_verdict_is_none(damage: bytes, tmp_path: Path) -> None:
    import onnxruntime

    models, cache = tmp_path / "models", tmp_path / "kept"
    models.mkdir()
    path = onnx_files.write(models, "good")
    verdicts = Verdicts(cache, QUICK)
    digest, verdict = verdicts.judge(path)
    (cache / f"{digest}.json").write_bytes(
        damage.replace(b"VERSION", onnxruntime.__version__.encode())
    )
    assert verdicts.judge(path) == (digest, verdict)
    assert json.loads((cache / f"{digest}.json").read_text())["dim"] == 3


def test_what_may_pass_is_not_kept(tmp_path: Path) -> None:
    """The system ends processes where memory is short: that says nothing about the file."""
    onnx_files.write_hostile(tmp_path / "bad.onnx", "endless loop")
    verdicts, raised = Verdicts(tmp_path / "kept", Limits()), []

    def judge() -> None:
        with pytest.raises(BrokenModel, match="end with SIGKILL") as caught:
            verdicts.judge(tmp_path / "bad.onnx")
        raised.append(caught.value)

    thread = threading.Thread(target=judge)
    thread.start()
    wait_for(checking, what="the check")
    for child in checking():
        child.kill()
    thread.join(60)
    assert raised
    assert not (tmp_path / "kept").exists()


def test_a_file_that_is_being_copied_becomes_ready_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = onnx_files.write(tmp_path, "whole").read_bytes()
    path = tmp_path / "copied.onnx"
    cache = tmp_path / "kept"
    registry = registry_of(tmp_path, cache=cache)
    path.write_bytes(content[:300])
    assert [model.name for model in registry.ready()] == ["whole"]
    judged = len(list(cache.iterdir()))
    for end in (320, 340, 360):  # it grows: not checked each time
        path.write_bytes(content[:end])
        assert [model.name for model in registry.ready()] == ["whole"]
    assert len(list(cache.iterdir())) == judged
    path.write_bytes(content)
    monkeypatch.setattr(model_checks, "REST_S", 0.5)
    wait_for(lambda: len(registry.ready()) == 2, what="the copied model")
    assert registry.load("copied")[1].dim == 3


def test_the_app_goes_on_beside_hostile_files(tmp_path: Path, baselines: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(baselines, models)
    onnx_files.write_hostile(models / "loop.onnx", "endless loop")
    onnx_files.write_hostile(models / "huge.onnx", "huge input")
    picture = save(tmp_path / "samples" / "a" / "1.jpg", 1)
    with running(tmp_path) as app:
        client = Client(app.url, verbose=False)

        def states() -> dict[str, str]:
            return {m["name"]: m["state"] for m in client.predict(api_name="/models")}

        expected = {"colour": "ready", "shape": "ready", "huge": "broken", "loop": "checking"}
        wait_for(lambda: states().items() >= expected.items(), what="the states of the models")
        document = client.predict(handle_file(str(picture)), "colour", 1, api_name="/search")
        assert document["model"] == "colour"
        checks = [
            child
            for child in psutil.Process(app.process.pid).children()
            if "searcher.models.check_process" in " ".join(child.cmdline())
        ]
        assert len(checks) == 1
    wait_for(lambda: ended(checks[0]), what="the end of the check")


def ended(process: psutil.Process) -> bool:
    """Whether a process has ended, perhaps without anybody having asked for its status yet."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
