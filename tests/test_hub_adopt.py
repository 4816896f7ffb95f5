"""Models of the Hub, and folders of the same layout, become model files."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import CannotAdopt, HubFailed
from searcher.export.adopt import AdoptOptions, adopt
from searcher.export.hub import describe
from searcher.export.hub_adopt import adopt_from_hub
from searcher.images.resizing import Fit
from searcher.models.catalog import CATALOGUE
from searcher.models.embedder import Embedder
from searcher.models.hub_layout import VARIANTS
from searcher.models.hub_reference import default_name, named, parse
from searcher.models.networks import HubNetwork
from tests import hub_server
from tests.adopt_graphs import IMAGES
from tests.hub_models import write_repository
from tests.hub_repository import COMMIT, Repository
from tests.hub_server import HubServer


@pytest.fixture
def hub(stand_in_hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server with the repository `o/Net-ONNX`, whose weights lie in a file of their own."""
    folder = write_repository(tmp_path / "repository", external=True, variants=("_quantized",))
    stand_in_hub.reset({"o/Net-ONNX": Repository(folder, card={"license": "mit"})})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    return stand_in_hub


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_model_of_the_hub_equals_its_file(hub: HubServer, tmp_path: Path) -> None:
    found = describe(parse("hf:o/Net-ONNX"))
    adoption = adopt_from_hub(found, "net", tmp_path / "models", AdoptOptions())
    source = hub.repositories["o/Net-ONNX"].folder / "onnx" / "vision_model.onnx"
    direct = adopt(source, "direct", tmp_path / "models", AdoptOptions())
    embedder = Embedder(adoption.path)
    assert embedder.fit == Fit("crop", 40, "bicubic")
    expected = Embedder(direct.path).embed(IMAGES)
    np.testing.assert_array_equal(embedder.embed(IMAGES), expected)


def test_the_metadata_say_where_a_model_is_from(hub: HubServer, tmp_path: Path) -> None:
    found = describe(parse("hf:o/Net-ONNX"), "q8")
    adoption = adopt_from_hub(found, "net", tmp_path / "models", AdoptOptions())
    metadata = Embedder(adoption.path).metadata
    assert metadata["repository"] == "o/Net-ONNX"
    assert metadata["commit"] == COMMIT
    assert metadata["variant"] == "q8"
    assert metadata["licence"] == "MIT"
    assert metadata["weights"] == f"hf:o/Net-ONNX@{COMMIT} (q8)"
    assert metadata["title"] == "Net-ONNX (q8)"


def test_options_come_before_what_the_hub_says(hub: HubServer, tmp_path: Path) -> None:
    options = AdoptOptions(title="My net", licence="mine", weights="by hand")
    found = describe(parse("hf:o/Net-ONNX"))
    metadata = Embedder(adopt_from_hub(found, "net", tmp_path, options).path).metadata
    assert [metadata[key] for key in ("title", "licence", "weights")] == [
        *("My net", "mine", "by hand")
    ]
    assert metadata["commit"] == COMMIT


def test_a_pinned_reference_makes_the_same_file_again(hub: HubServer, tmp_path: Path) -> None:
    found = describe(parse("hf:o/Net-ONNX"))
    again = describe(parse(found.pinned))
    paths = [
        adopt_from_hub(m, "net", tmp_path / m.commit, AdoptOptions(force=True)).path
        for m in (found, again)
    ]
    assert len({digest(path) for path in paths}) == 1


def test_a_name_in_use_is_refused_before_the_download(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"another model")
    found = describe(parse("hf:o/Net-ONNX"))
    hub.requests.clear()
    for name in ("net", "resnet50", "colour", "../x"):
        with pytest.raises(CannotAdopt):
            adopt_from_hub(found, name, tmp_path, AdoptOptions())
    assert hub.requests == []
    assert (tmp_path / "net.onnx").read_bytes() == b"another model"


def test_a_failed_download_leaves_no_model(hub: HubServer, tmp_path: Path) -> None:
    found = describe(parse("hf:o/Net-ONNX"))
    hub.repositories["o/Net-ONNX"].content["onnx/vision_model.onnx_data"] = b"x" * 50_000
    with pytest.raises(HubFailed):
        adopt_from_hub(found, "net", tmp_path / "models", AdoptOptions())
    assert not list(tmp_path.glob("models/*"))


@pytest.mark.parametrize(
    ("text", "variant", "name"),
    [
        ("hf:onnx-community/dinov2-small", "fp32", "dinov2-small"),
        ("hf:onnx-community/siglip2-base-ONNX", "q8", "siglip2-base-q8"),
        ("hf:a/" + "b" * 90, "fp16", "b" * 50 + "-fp16"),
    ],
)
def test_models_are_named_after_their_repository(text: str, variant: str, name: str) -> None:
    assert default_name(parse(text), variant) == name


def test_names_of_folders_become_valid() -> None:
    assert named("My Models (new)", "fp32") == "my-models-new"
    assert named("…", "q8") == ""


def test_the_catalogue_says_what_a_download_takes() -> None:
    networks = [network for network in CATALOGUE.values() if isinstance(network, HubNetwork)]
    assert {network.name for network in networks} == {
        *("dinov2_small", "clip_vit_b32", "siglip_base", "siglip2_base", "mobileclip_s0")
    }
    for network in networks:
        assert str(parse(network.reference)) == network.reference
        assert network.variant in VARIANTS
        assert network.licence
        assert network.megabytes > 20
