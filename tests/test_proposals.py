"""Networks that visitors bring: checked, shown, and then added."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from searcher.errors import (
    CannotAdopt,
    ExportFailed,
    InvalidRequest,
    Locked,
    NotFound,
    ReadOnly,
    TwinlensError,
)
from searcher.export.adopt_choices import parse_choices
from searcher.export.scratch import scratch_folder
from searcher.images.resizing import Fit
from searcher.library.core import Library
from searcher.library.proposals import MOST, Proposal
from searcher.library.worker import Worker
from searcher.messages.message import Message
from searcher.models.embedder import Embedder
from tests import external_networks
from tests.parameters import MakeSettings
from tests.servers import wait_for

# A limit of memory counts what a forked process has of its server, too.
pytestmark = pytest.mark.real_processes


@pytest.fixture
def library(make_settings: MakeSettings) -> Library:
    return Library(make_settings())


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return external_networks.write(tmp_path, external_networks.network())


def check(library: Library, path: Path, name: str = "net", **choices: str) -> Proposal:
    stages: list[Message] = []
    proposal = library.proposals.check_file(path, name, choices).run(stages.append)
    assert [stage.code for stage in stages] == ["install.converting", "adoption.verified"]
    return proposal


def waiting(library: Library) -> list[Path]:
    return sorted(library.settings.proposals.rglob("*.onnx"))


def descriptors(path: Path) -> int:
    """The descriptors with which this process has a file open."""
    status, count = path.stat(), 0
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            count += os.path.samestat(os.fstat(int(descriptor)), status)
    return count


def test_a_checked_network_becomes_a_model_when_it_is_accepted(
    library: Library, network: Path
) -> None:
    proposal = check(library, network, fit="crop", resize="36", pool="max")
    assert "size: 32 x 32" in map(str, proposal.report)
    assert "preprocessing imagenet" in str(proposal.guesses[0])
    assert "net" not in library.registry.names()
    model = library.settings.models_dir / "net.onnx"
    assert Worker(library).accept(proposal.token) == "net"
    assert Embedder(model).fit == Fit("crop", 36)
    assert proposal.megabytes == model.stat().st_size / 1e6
    assert list(library.settings.proposals.iterdir()) == []
    with pytest.raises(NotFound, match="check it again"):
        library.proposals.accept(proposal.token)


def test_what_can_not_be_used_leaves_nothing(library: Library, tmp_path: Path) -> None:
    unclear = external_networks.write(tmp_path, external_networks.network("NHWC"))
    with pytest.raises(ExportFailed, match="--preprocess with one of"):
        check(library, unclear)
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ExportFailed, match="is not an ONNX file"):
        check(library, tmp_path / "text.onnx")
    assert not library.settings.proposals.exists() or not list(library.settings.proposals.iterdir())
    check(library, unclear, preprocess="tf")


@pytest.mark.parametrize("name", ["resnet50", "colour", "../x", ""])
def test_names_of_other_models_are_refused(library: Library, network: Path, name: str) -> None:
    with pytest.raises(CannotAdopt):
        check(library, network, name)


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(library: Library, network: Path) -> None:
    proposal = check(library, network)
    model = library.settings.models_dir / "net.onnx"
    model.write_bytes(b"another")
    with pytest.raises(CannotAdopt, match="There is a model net already"):
        library.proposals.accept(proposal.token)
    assert model.read_bytes() == b"another"
    model.unlink()
    library.proposals.accept(proposal.token)


def test_a_model_that_is_being_made_is_not_overwritten(library: Library) -> None:
    model = library.settings.models_dir / "net.onnx"
    folder = library.settings.proposals / ("0" * 16)
    folder.mkdir(parents=True)
    (folder / "net.onnx").write_bytes(b"proposal")
    with scratch_folder(model), pytest.raises(Locked):
        library.proposals.accept(folder.name)
    assert not model.exists()
    assert library.proposals.accept(folder.name) == "net"
    assert model.read_bytes() == b"proposal"
    assert not folder.exists()


def test_a_proposal_is_accepted_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searcher.library.proposals.LOCK_LIMIT_S", 60.0)
    folder = library.settings.proposals / ("0" * 16)
    folder.mkdir(parents=True)
    file = folder / "net.onnx"
    file.write_bytes(b"proposal")
    model = library.settings.models_dir / "net.onnx"
    codes: list[str] = []

    def accept() -> None:
        try:
            codes.append(library.proposals.accept(folder.name))
        except TwinlensError as error:
            codes.append(error.message.code)

    thread = threading.Thread(target=accept)
    with scratch_folder(model):
        thread.start()
        # It waits for the lock after it has found the file.
        wait_for(lambda: descriptors(model.with_name(".net.lock")) == 2)
        file.unlink()
    thread.join()
    assert codes == ["proposal.gone"]


@pytest.mark.parametrize("token", ["", "..", "../../models", "0" * 16, "x" * 16])
def test_unknown_tokens_lead_nowhere(library: Library, token: str) -> None:
    library.settings.models_dir.mkdir(exist_ok=True)
    with pytest.raises(NotFound):
        library.proposals.accept(token)


def test_proposals_are_few_and_expire(library: Library, network: Path) -> None:
    proposal = check(library, network)
    first = library.settings.proposals / proposal.token
    for number in range(MOST + 3):
        copy = first.with_name(f"{number:016x}")
        shutil.copytree(first, copy)
    library.proposals.expire()
    assert len(waiting(library)) == MOST - 1
    hours_ago = time.time() - 7200
    for folder in library.settings.proposals.iterdir():
        os.utime(folder, (hours_ago, hours_ago))
    library.proposals.expire()
    assert waiting(library) == []


def test_a_check_that_runs_does_not_expire(library: Library) -> None:
    path = library.settings.proposals / ("0" * 16) / "net.onnx"
    with scratch_folder(path):
        os.utime(path.parent, (0, 0))
        library.proposals.expire()
        assert path.parent.exists()
    os.utime(path.parent, (0, 0))
    library.proposals.expire()
    assert not path.parent.exists()


def test_a_read_only_library_accepts_nothing(make_settings: MakeSettings) -> None:
    worker = Worker(Library(make_settings(READ_ONLY="1")))
    with pytest.raises(ReadOnly):
        worker.accept("0" * 16)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"colour": "blue"}, "no option “colour”"),
        ({"preprocess": "imagnet"}, "preprocess can't be “imagnet”"),
        ({"size": "0"}, "size can't be"),
        ({"size": "5000"}, "size can't be"),
        ({"size": "1x2x3"}, "size can't be"),
        ({"size": []}, "size can't be"),
        ({"resize": "100000"}, "resize can't be"),
        ({"fit": "pad"}, "fit can't be"),
        ({"output": "x" * 1000}, "output can't be"),
    ],
)
def test_options_that_do_not_exist_are_refused(choices: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        parse_choices(choices)


def test_open_options_stay_open() -> None:
    assert parse_choices({"size": "", "fit": None}) == {"fit": None}
    assert parse_choices({"size": "256x192", "resample": "bicubic"}) == {
        "size": (256, 192),
        "fit": Fit("stretch", 0, "bicubic"),
    }
