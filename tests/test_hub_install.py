"""Models of the Hub are installed in a process of their own, and by the command line."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from searcher.errors import CannotAdopt, ExportFailed, InstallCancelled, ReadOnly
from searcher.export.install import Installation
from searcher.library.adoptions import Adoptions
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.messages.message import Message
from searcher.models.embedder import Embedder
from searcher.models.networks import HubNetwork
from tests.cli_calls import Run, run
from tests.hub_models import write_repository
from tests.hub_repository import COMMIT, Repository
from tests.hub_server import HubServer
from tests.parameters import MakeSettings
from tests.test_worker import wait, working

__all__ = ["run"]  # a fixture
NETWORK = HubNetwork("net", "Net", 32, "MIT", "hf:o/net", megabytes=0.1)


@pytest.fixture
def hub(stand_in_hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server for this test's processes, with the repository `o/net`."""
    folder = write_repository(tmp_path / "repository", external=True, variants=("_quantized",))
    stand_in_hub.reset({"o/net": Repository(folder, card={"license": "mit"})})
    monkeypatch.setenv("HF_ENDPOINT", stand_in_hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return stand_in_hub


def test_an_installation_reports_its_stages(hub: HubServer, tmp_path: Path) -> None:
    stages: list[Message] = []
    path = Installation(NETWORK, "imagenet", tmp_path / "models").run(stages.append)
    codes = [stage.code for stage in stages]
    assert codes[0] == "install.asking_hub"
    assert "install.converting" in codes
    assert codes[-1] == "adoption.verified"
    metadata = Embedder(path).metadata
    assert (metadata["repository"], metadata["commit"]) == ("o/net", COMMIT)
    assert [p.name for p in path.parent.iterdir() if p.suffix == ".part"] == []


def test_a_cancelled_download_leaves_nothing(hub: HubServer, tmp_path: Path) -> None:
    slow = hub.repositories["o/net"].slow = threading.Event()
    installation = Installation(NETWORK, "imagenet", tmp_path / "models")

    def cancel_in_the_middle() -> None:
        while not [path for path in hub.paths() if path.startswith("/lfs/")]:
            ended.wait(0.02)
        installation.cancel()

    ended = threading.Event()
    thread = threading.Thread(target=cancel_in_the_middle)
    thread.start()
    try:
        with pytest.raises(InstallCancelled):
            installation.run(lambda stage: None)
    finally:
        slow.set()
        thread.join()
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".net.lock"]
    assert not list((tmp_path / "hf").rglob("*.incomplete"))


def test_a_failure_has_its_code(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(ExportFailed) as caught:
        Installation(replace(NETWORK, variant="q4"), "imagenet", tmp_path).run(lambda stage: None)
    assert caught.value.code == "hub.no_variant"


def test_the_worker_installs_what_is_adopted(hub: HubServer, make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    with working(library) as worker:
        worker.adopt(NETWORK)
        status = wait(worker, lambda s: any(model.name == "net" for model in s.ready))
        (model,) = [model for model in status.ready if model.name == "net"]
        assert (model.licence, model.title) == ("MIT", "net (fp32)")
        assert library.installs.pending() == []
        with pytest.raises(CannotAdopt, match="net"):
            worker.adopt(NETWORK)
        with pytest.raises(CannotAdopt):
            worker.adopt(replace(NETWORK, name="../net"))


def test_a_failure_stays_on_its_card(hub: HubServer, make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    with working(library) as worker:
        worker.adopt(replace(NETWORK, reference="hf:o/missing"))
        status = wait(worker, lambda s: any(m.state == "failed" for m in s.models))
        (model,) = [model for model in status.models if model.state == "failed"]
        assert model.reason is not None
        assert (model.name, model.reason.code) == ("net", "hub.no_repository")
        assert status.problems == ()
        hub.repositories["o/missing"] = hub.repositories["o/net"]
        worker.install("net")  # again
        wait(worker, lambda s: any(model.name == "net" for model in s.ready))


def test_what_failed_can_be_forgotten(hub: HubServer, make_settings: MakeSettings) -> None:
    with working(Library(make_settings())) as worker:
        worker.adopt(replace(NETWORK, reference="hf:o/missing"))
        wait(worker, lambda s: any(m.state == "failed" for m in s.models))
        worker.cancel("net")
        wait(worker, lambda s: not any(model.name == "net" for model in s.models))


def test_a_read_only_library_adopts_nothing(make_settings: MakeSettings) -> None:
    library = Library(make_settings(READ_ONLY="1"))
    with working(library) as worker, pytest.raises(ReadOnly):
        worker.adopt(NETWORK)


def test_a_request_outlives_the_process(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    library.installs.adopt(NETWORK)
    library.close()
    library = Library(make_settings())
    try:
        assert library.installs.pending() == ["net"]
        assert library.installs.network("net") == NETWORK
        library.installs.decline("net")
        assert library.installs.pending() == []
    finally:
        library.close()


def test_requests_at_the_same_time_are_all_kept(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    adoptions = Adoptions(library.records)
    names = [f"net-{number}" for number in range(60)]

    def request(part: list[str]) -> None:
        for name in part:
            adoptions.add(replace(NETWORK, name=name))
            adoptions.add(replace(NETWORK, name=f"gone-{name}"))
            adoptions.remove(f"gone-{name}")

    try:
        threads = [threading.Thread(target=request, args=(names[i::3],)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(adoptions.networks()) == sorted(names)
    finally:
        library.close()


def test_a_name_that_another_network_waits_for_is_refused(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    other = replace(NETWORK, reference="hf:o/other")
    try:
        library.installs.adopt(NETWORK)
        library.installs.adopt(NETWORK)
        with pytest.raises(CannotAdopt, match="There is a model net already"):
            library.installs.adopt(other)
        assert library.installs.network("net") == NETWORK
        library.installs.fail("net", Message("hub.offline", {"name": "o/net"}))
        library.installs.adopt(other)
        assert library.installs.network("net") == other
    finally:
        library.close()


def test_a_proposal_takes_the_name_of_a_network_that_waits(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    folder = library.settings.proposals / ("0" * 16)
    folder.mkdir(parents=True)
    (folder / "net.onnx").write_bytes(b"proposal")
    try:
        library.installs.adopt(NETWORK)
        assert Worker(library).accept(folder.name) == "net"
        (library.settings.models_dir / "net.onnx").unlink()
        assert library.installs.pending() == []
    finally:
        library.close()


def test_the_command_line_adopts_from_the_hub_and_from_folders(
    hub: HubServer, run: Run, make_settings: MakeSettings
) -> None:
    models = make_settings().models_dir
    process = run("adopt", "hf:o/net", "--variant", "q8")
    assert process.stdout == "net-q8: ready\n"
    assert f"o/net, q8, commit {COMMIT[:12]}" in process.stderr
    assert "licence: MIT" in process.stderr
    assert "downloading" in process.stderr
    assert Embedder(models / "net-q8.onnx").metadata["variant"] == "q8"

    folder = hub.repositories["o/net"].folder
    assert run("adopt", folder, "--name", "local").stdout == "local: ready\n"
    assert Embedder(models / "local.onnx").metadata["architecture"] == "repository, fp32"

    process = run("adopt", "hf:o/net@v9", status=2)
    assert "o/net has no revision v9" in process.stderr
    assert "onnx/vision_model.onnx" not in process.stdout
    assert run("adopt", "hf:o/net", "--list").stdout.startswith("input   x [N, 3, 32, 32]")
