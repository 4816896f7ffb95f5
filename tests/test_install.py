"""Installations as processes: progress, cancelling, two at once, failures."""

import errno
import functools
import json
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from searcher.errors import ExportFailed, InstallCancelled, NotFound, WeightsUnavailable
from searcher.export import export_process
from searcher.export.install import Installation, explain_failed_download, install
from searcher.messages.message import Message
from tests import forks


def test_a_full_disk_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(order: export_process.Order) -> Message:
        raise OSError(errno.ENOSPC, "no space", str(order.output))

    monkeypatch.setattr("os.nice", lambda increment: 0)
    monkeypatch.setattr(export_process, "_end_with_parent", lambda parent: None)
    assert export_process.run(["net", "--output", "net.onnx"], make) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["state"], document["message"]["code"]) == ("failed", "disk.full")


def test_downloads_say_how_far_they_are(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    content = bytes(300_000)
    (tmp_path / "weights.h5").write_bytes(content)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/weights.h5"
        command = [sys.executable, "-m", "tests.keras_download", address, tmp_path / "cache"]
        process = forks.run(command)
        process.check_returncode()
        server.shutdown()
    lines = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]
    counts = [done for done, total in (line["bytes"] for line in lines) if total == len(content)]
    assert counts == sorted(set(counts))
    assert (counts[0], counts[-1]) == (0, len(content))
    assert len(lines) == len(counts) > 10
    assert Path(process.stdout.splitlines()[-1]).read_bytes() == content


def test_an_installation_can_be_stopped(tmp_path: Path) -> None:
    installation = Installation("vgg16", "random", tmp_path)
    stages: list[Message] = []

    def stop_when_converting(stage: Message) -> None:
        stages.append(stage)
        if stage.code == "install.converting":
            installation.cancel()

    with pytest.raises(InstallCancelled):
        installation.run(stop_when_converting)
    assert str(stages[-1]) == "converting to ONNX"
    assert [path.name for path in tmp_path.iterdir()] == [".vgg16.lock"]
    with pytest.raises(InstallCancelled):  # also before it began
        installation.run(stages.append)


def test_two_requests_install_once(tmp_path: Path) -> None:
    stages: list[list[Message]] = [[], []]
    threads = [
        threading.Thread(target=install, args=("mobilenet_v2", "random", tmp_path, messages.append))
        for messages in stages
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "mobilenet_v2.onnx").exists()
    assert sorted(bool(messages) for messages in stages) == [False, True]


def test_what_a_killed_installation_left_is_cleared_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log of the failure that this ends with has its reason and no chatter."""
    partial, weights = tmp_path / ".vgg16.onnx.4711.part", tmp_path / "weights.h5"
    partial.write_bytes(b"half a model")
    weights.write_bytes(b"no weights")
    with pytest.raises(ExportFailed, match="does not fit VGG16"):
        install("vgg16", str(weights), tmp_path, print)
    assert not partial.exists()
    (record,) = caplog.records
    lines = record.getMessage().splitlines()
    assert lines[0] == "export of vgg16 failed:"
    assert len(lines) == 2
    assert "file signature not found" in lines[1]


def test_a_folder_that_can_not_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file in its place")
    with pytest.raises(ExportFailed, match="models folder can't be written"):
        install("vgg16", "random", tmp_path / "models", print)


@pytest.mark.usefixtures("offline")
def test_without_network_the_reason_and_both_remedies_are_given(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable) as raised:
        install("vgg16", "imagenet", tmp_path / "models", print)
    sentence = str(raised.value)
    assert "--weights FILE.h5" in sentence
    assert "KERAS_HOME" in sentence
    assert list((tmp_path / "models").glob("*.onnx")) == []


def test_two_missing_models_make_one_sentence() -> None:
    sentence = str(explain_failed_download(["resnet50", "vgg16"]))
    assert sentence.startswith("ResNet50 and VGG16 are not installed because")
    assert sentence.endswith("`python -m searcher export resnet50 vgg16`.")


@pytest.mark.parametrize(
    ("name", "weights", "words"),
    [("resnet5", "random", "mobilenet_v2, resnet50"), ("vgg16", "nowhere.h5", "no weights file")],
)
def test_what_can_not_be_exported_gets_a_sentence(
    tmp_path: Path, name: str, weights: str, words: str
) -> None:
    with pytest.raises(NotFound, match=words):
        install(name, weights, tmp_path, print)


def test_the_command_line_exports(tmp_path: Path) -> None:
    process = forks.run([sys.executable, "-m", "searcher", "export", "nonsense"])
    assert process.returncode == 2
    assert "mobilenet_v2, resnet50" in process.stderr
    assert "Traceback" not in process.stderr
