"""Whatever goes wrong at the Hub is an error that says what to do, and leaves nothing behind."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

from searcher.errors import HubFailed
from searcher.export import hub_download
from searcher.export.hub_download import download
from searcher.hub_access.hub_failures import HubRequest, hub_errors
from tests import hub_server
from tests.hub_server import HubServer
from tests.test_hub import FILES, hub, model, remains

__all__ = ["hub"]  # fixtures


def refusal(text: str = "hf:o/n", variant: str | None = None) -> HubFailed:
    """The error of a description and download."""
    with pytest.raises(HubFailed) as caught:
        download(model(variant, text))
    return caught.value


def test_an_unknown_repository(hub: HubServer) -> None:
    assert refusal("hf:o/missing").code == "hub.no_repository"


def test_an_unknown_repository_with_a_token(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
    assert refusal("hf:o/missing").code == "hub.no_repository"


def test_an_unknown_revision(hub: HubServer) -> None:
    error = refusal("hf:o/n@v9")
    assert error.code == "hub.no_revision"
    assert "v9" in str(error)


def test_a_gated_repository_without_and_with_a_token(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["o/n"].gated = True
    error = refusal()
    assert error.code == "hub.gated"
    assert f"{hub.url}/o/n" in str(error)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert refusal().code == "hub.token"


def test_a_repository_for_words(hub: HubServer, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        hub.repositories[f"o/{name}"] = hub_server.Repository(tmp_path / name)
    (tmp_path / "a" / "tokenizer.json").write_text("{}")
    (tmp_path / "a" / "model.onnx").write_text("")
    assert refusal("hf:o/a").code == "hub.text_only"
    assert refusal("hf:o/b").code == "hub.no_onnx"


def test_a_missing_variant(hub: HubServer) -> None:
    assert "choose fp32, fp16" in str(refusal(variant="q8"))


@pytest.mark.parametrize("failure", [500, 503, 429, 418])
def test_a_status(hub: HubServer, failure: int) -> None:
    hub.failure = failure
    error = refusal()
    assert (error.code, error.message.params) == ("hub.status", {"status": failure})


@pytest.mark.parametrize(
    "body",
    [
        *(b"<html>Log in", b"[]", b"{}", b"7", b'{"id": "o/n"}', b'{"id": "o/n", "siblings": 3}'),
        b'{"id": "o/n", "siblings": [{"rfilename": "model.onnx", "lfs": {}}]}',
        b'{"id": "o/n", "sha": "../..", "siblings": [{"rfilename": "model.onnx"}]}',
    ],
)
def test_answers_of_what_is_no_hub(hub: HubServer, body: bytes) -> None:
    hub.failure = body
    assert refusal().code in ("hub.not_a_hub", "hub.no_onnx")


def test_no_network(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub_server.use("http://127.0.0.1:9", tmp_path, monkeypatch)
    error = refusal()
    assert error.code == "hub.unreachable"
    assert "http://127.0.0.1:9" in str(error)


@pytest.mark.parametrize("etag", ["../../../../../../../escaped", "..", "a/b", "", "\x7f"])
def test_an_etag_that_leaves_the_cache(hub: HubServer, tmp_path: Path, etag: str) -> None:
    hub.repositories["o/n"].etag = etag
    assert refusal().code in ("hub.damaged", "hub.not_a_hub")
    assert not list(tmp_path.parent.glob("**/escaped*"))


@pytest.mark.parametrize("name", ["../../../../escaped.onnx", "/tmp/escaped.onnx"])
def test_names_that_leave_the_folder(hub: HubServer, tmp_path: Path, name: str) -> None:
    repository = hub.repositories["o/n"]
    repository.listed = (name, f"onnx/../{name}_data")
    assert name not in model().files.all


@pytest.mark.parametrize(
    "content", [b"x" * 3_000_000, FILES["onnx/model.onnx"] + b"more", b"<html>" * 2000]
)
def test_content_that_was_not_announced(hub: HubServer, content: bytes) -> None:
    hub.repositories["o/n"].content["onnx/model.onnx"] = content
    assert refusal().code in ("hub.damaged", "hub.cut_off")
    assert remains(hub) == []
    cache = Path(constants.HF_HUB_CACHE)
    assert not [p for p in cache.rglob("blobs/*") if p.stat().st_size > 1_000_000]
    hub.repositories["o/n"].content.clear()
    assert download(model()).read_bytes() == FILES["onnx/model.onnx"]


def test_a_connection_that_is_always_cut(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    hub.repositories["o/n"].cuts = 10_000
    assert refusal().code in ("hub.cut_off", "hub.unreachable")
    assert remains(hub) == []


def test_too_large(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_download, "MAX_MODEL_BYTES", 1_000_000)
    error = refusal()
    assert error.code == "hub.too_large"
    assert not [path for path in hub.paths() if "/resolve/" in path]


def test_large_settings(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_download, "MAX_CONFIG_BYTES", 10)
    assert refusal().code == "hub.damaged"


def test_no_room(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_download, "MAX_MODEL_BYTES", 2**61)
    found = model()
    with pytest.raises(HubFailed) as caught:
        download(replace(found, sizes={**found.sizes, "onnx/model.onnx": 2**60}))
    assert caught.value.code == "hub.disk_full"
    assert not [path for path in hub.paths() if "/resolve/" in path]


def test_a_cache_that_cannot_be_written(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    error = refusal()
    assert error.code == "hub.cache"
    assert str(error.message.params["reason"]) == os.strerror(errno.ENOTDIR)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "hub.disk_full"),
        (errno.EDQUOT, "hub.disk_full"),
        (errno.EROFS, "hub.cache"),
        (None, "hub.cut_off"),
    ],
)
def test_errors_of_the_disk_in_the_middle(number: int | None, code: str) -> None:
    error = OSError(number, "") if number else OSError("Consistency check failed")
    request = HubRequest("o/n", size=5_000_000)
    with pytest.raises(HubFailed) as caught, hub_errors(HubFailed, request):
        raise error
    assert caught.value.code == code
