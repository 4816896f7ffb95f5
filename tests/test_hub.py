"""Models of the Hub: descriptions and downloads, by huggingface_hub from a real HTTP server."""

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from searcher.errors import HubFailed, InstallCancelled
from searcher.export.hub import HubModel, describe
from searcher.export.hub_download import download
from searcher.models.hub_reference import parse
from tests import hub_server
from tests.hub_repository import COMMIT, Repository
from tests.hub_server import TOKEN, HubServer

FILES = {
    "README.md": b"# a model",
    "config.json": b'{"model_type": "dinov2"}',
    "preprocessor_config.json": b'{"do_resize": true}',
    "pytorch_model.bin": b"\x80\x04" * 40_000,
    "modeling.py": b"raise SystemExit",
    "onnx/model.onnx": os.urandom(3_000_000),
    "onnx/model.onnx_data": os.urandom(90_000),
    "onnx/model_fp16.onnx": os.urandom(50_000),
}
PARTS = ("config.json", "preprocessor_config.json", "onnx/model.onnx", "onnx/model.onnx_data")


@pytest.fixture
def hub(stand_in_hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server with one repository `o/n`, and an empty cache."""
    folder = tmp_path / "repository"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    stand_in_hub.reset({"o/n": Repository(folder, card={"license": "apache-2.0"})})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    return stand_in_hub


def model(variant: str | None = None, text: str = "hf:o/n") -> HubModel:
    return describe(parse(text), variant)


def remains(hub: HubServer) -> list[str]:
    """The files in the cache that are parts of others."""
    cache = Path(constants.HF_HUB_CACHE)
    return [path.name for path in cache.rglob("*") if path.suffix in (".incomplete", ".part")]


def test_a_description_takes_one_request(hub: HubServer) -> None:
    found = model()
    assert found.commit == COMMIT
    assert found.licence == "Apache-2.0"
    assert set(found.files.all) == set(PARTS)
    assert found.bytes == sum(len(FILES[name]) for name in PARTS)
    assert found.pinned == f"hf:o/n@{COMMIT}"
    assert found.variants == ("fp32", "fp16")
    models = [path for path in hub.paths() if path.startswith("/api/models/")]
    assert models == ["/api/models/o/n/revision/main"]


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"license": "mit"}, "MIT"),
        ({"license": "other", "license_name": "apple-amlr"}, "apple-amlr"),
        ({"license": "other"}, "other"),
        ({"license": ["mit", "openrail"]}, "mit, openrail"),
        ({"license": "a\nb" + "c" * 500}, "ab" + "c" * 78),
        ({}, ""),
    ],
)
def test_the_licence_is_the_cards(hub: HubServer, card: dict[str, object], licence: str) -> None:
    hub.repositories["o/n"].card = card
    assert model().licence == licence


def test_only_the_models_files_are_downloaded(hub: HubServer) -> None:
    path = download(model())
    snapshot = path.parents[1]
    stored = {p.relative_to(snapshot).as_posix() for p in snapshot.rglob("*") if p.is_file()}
    assert stored == set(PARTS)
    assert {name: (snapshot / name).read_bytes() for name in PARTS} == {n: FILES[n] for n in PARTS}
    assert path == snapshot / "onnx" / "model.onnx"
    assert remains(hub) == []


def test_the_progress_counts_bytes_up_to_the_total(hub: HubServer) -> None:
    reports: list[tuple[int, int]] = []
    found = model()
    download(found, lambda done, total: reports.append((done, total)))
    counts = [done for done, _ in reports]
    assert counts == sorted(counts)
    assert counts[-1] == found.bytes
    assert {total for _, total in reports} == {found.bytes}
    assert len([n for n in counts if 2**20 <= n <= 3_000_000]) >= 2  # within the large file


def test_a_second_download_needs_no_request(hub: HubServer) -> None:
    found = model()
    path = download(found)
    hub.requests.clear()
    assert download(found) == path
    assert hub.requests == []


def test_an_exception_of_the_progress_ends_a_download(hub: HubServer) -> None:
    def cancel(done: int, total: int) -> None:
        if done > 2**20:
            raise InstallCancelled("install.cancelled", name="n")

    found = model()
    with pytest.raises(InstallCancelled):
        download(found, cancel)
    assert remains(hub) == []
    assert download(found).read_bytes() == FILES["onnx/model.onnx"]


def test_a_connection_that_is_cut_is_continued(hub: HubServer) -> None:
    hub.repositories["o/n"].cuts = 1
    assert download(model()).read_bytes() == FILES["onnx/model.onnx"]


def test_what_killed_processes_left_is_deleted(hub: HubServer) -> None:
    blobs = Path(constants.HF_HUB_CACHE) / "models--o--n" / "blobs"
    blobs.mkdir(parents=True)
    old, new = (blobs / f"{name}.1234.incomplete" for name in ("old", "new"))
    for part in (old, new):
        part.write_bytes(b"part")
    os.utime(old, (time.time() - 7200,) * 2)
    download(model())
    assert remains(hub) == [new.name]  # another process may be writing it


def test_a_slow_server_is_waited_for(hub: HubServer) -> None:
    repository = hub.repositories["o/n"]
    repository.slow = threading.Event()
    paths: list[Path] = []
    thread = threading.Thread(target=lambda: paths.append(download(model())))
    thread.start()
    repository.slow.set()
    thread.join(60)
    assert paths
    assert paths[0].read_bytes() == FILES["onnx/model.onnx"]


@pytest.mark.parametrize("revision", ["v1", "refs/pr/2", COMMIT])
def test_other_revisions_are_found(hub: HubServer, revision: str) -> None:
    hub.repositories["o/n"].revisions = ("v1", "refs/pr/2")
    found = model(text=f"hf:o/n@{revision}")
    assert found.commit == COMMIT
    assert download(found).is_file()


def test_offline_the_cache_serves_what_it_has(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = download(model())
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    hub.requests.clear()
    found = model()
    assert (found.commit, download(found)) == (COMMIT, path)
    assert found.bytes == sum(len(FILES[name]) for name in PARTS)
    with pytest.raises(HubFailed, match="no variant fp16: choose fp32"):
        model("fp16")
    with pytest.raises(HubFailed, match="o/other is not in the Hub's cache"):
        model(text="hf:o/other")
    assert hub.requests == []


def test_without_network_the_cache_serves_what_it_has(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = download(model())
    hub_server.use("http://127.0.0.1:9", tmp_path, monkeypatch)
    assert download(model()) == path


def test_a_token_opens_what_is_gated_or_private(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["o/n"].gated = hub.repositories["o/n"].private = True
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    found = model()
    assert found.gated
    assert download(found).is_file()
    assert hub.tokens_to_storage == 0


def test_what_a_visitor_asks_for_has_to_be_public(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    visited = describe(parse("hf:o/n"), anonymous=True)
    assert download(visited).is_file()
    assert visited.network().anonymous
    repository = hub.repositories["o/n"]
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for name in ("private", "gated"):
        setattr(repository, name, True)
        assert download(model()).is_file()
        # Not even what is in the cache by now, nor while the Hub can't say what is public.
        with pytest.raises(HubFailed, match="no public o/n"):
            describe(parse("hf:o/n"), anonymous=True)
        setattr(repository, name, False)
    hub_server.use("http://127.0.0.1:9", tmp_path, monkeypatch)
    assert describe(parse("hf:o/n"), anonymous=True).cached
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert model().cached
    with pytest.raises(HubFailed, match="does not answer"):
        describe(parse("hf:o/n"), anonymous=True)


def test_the_cache_is_that_of_huggingface_hub(hub: HubServer) -> None:
    """What others have downloaded is not downloaded again: the layout is the same."""
    path = download(model())
    digest = hashlib.sha256(FILES["onnx/model.onnx"]).hexdigest()
    assert path.resolve().name == digest
    assert path.parents[1].parent.name == "snapshots"
    assert (path.parents[3] / "refs" / "main").read_text() == COMMIT
