"""Keras to ONNX, with the real architectures and seeded random weights."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from searcher.errors import ExportFailed
from searcher.export.install import install
from searcher.messages.message import Message
from searcher.models.catalog import CATALOGUE
from searcher.models.embedder import Embedder
from searcher.models.networks import KerasNetwork
from searcher.models.registry import ModelRegistry
from tests import forks
from tests.pictures import paint

Recipe = tuple[str, str, int, str, str]

# Module and function in keras.applications, dimensions, pooling, and what becomes of a pixel.
CAFFE = "x[..., ::-1] - np.array([103.939, 116.779, 123.68], 'float32')"
ARTICLE = {
    "resnet50": ("resnet", "ResNet50", 2048, "max", CAFFE),
    "vgg16": ("vgg16", "VGG16", 512, "max", CAFFE),
}
SMALL = {"mobilenet_v2": ("mobilenet_v2", "MobileNetV2", 1280, "avg", "x / 127.5 - 1")}
# With few channels and blocks: all of them take half a minute to convert.
NARROW = {
    "efficientnet_v2_b0": ("efficientnet_v2", "EfficientNetV2B0", 320, "avg", "x"),
    "convnext_tiny": ("convnext", "ConvNeXtTiny", 192, "avg", "x"),
}
OTHER_MODELS = SMALL | NARROW


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """uint8 [4, 224, 224, 3]."""
    return np.stack([np.asarray(paint(seed, (224, 224))) for seed in range(4)])


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory, pictures: np.ndarray) -> Path:
    """A folder with NAME.npy, what Keras says of the pictures, and what is installed from it.

    That is mobilenet_v2.h5, the network's weights; narrow networks are there as NAME.onnx.
    """
    folder = tmp_path_factory.mktemp("reference")
    np.save(folder / "images.npy", pictures)
    for module, recipes in (("keras_reference", ARTICLE | SMALL), ("narrow_networks", NARROW)):
        command = [sys.executable, "-m", f"tests.{module}", json.dumps(recipes), folder]
        process = forks.run(command)
        assert process.returncode == 0, process.stderr
    return folder


@pytest.mark.parametrize("name", ARTICLE)
def test_onnx_and_keras_agree(
    keras_models: Path,
    pictures: np.ndarray,
    references: Path,
    name: str,
) -> None:
    embedder = Embedder(keras_models / f"{name}.onnx")
    assert (embedder.height, embedder.width, embedder.dim) == (224, 224, ARTICLE[name][2])
    vectors = embedder.embed(pictures)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.sum(vectors * np.load(references / f"{name}.npy"), axis=1).min() >= 0.9999
    # Different pictures must not fall together, or the agreement would mean nothing.
    assert (vectors @ vectors.T)[~np.eye(4, dtype=bool)].max() < 0.9999


# That of mobilenet_v2 is told below, from a file of its weights.
@pytest.mark.parametrize("name", NARROW)
def test_the_other_networks_agree_too(pictures: np.ndarray, references: Path, name: str) -> None:
    assert_agrees(Embedder(references / f"{name}.onnx"), pictures, references, name)


def assert_agrees(embedder: Embedder, pictures: np.ndarray, references: Path, name: str) -> None:
    expected = np.load(references / f"{name}.npy")
    assert embedder.dim == OTHER_MODELS[name][2]
    assert np.sum(embedder.embed(pictures) * expected, axis=1).min() >= 0.9999
    assert f"{OTHER_MODELS[name][3]} pooling" in embedder.metadata["architecture"]


def test_every_network_of_the_catalogue_is_tested() -> None:
    keras = {name for name, network in CATALOGUE.items() if isinstance(network, KerasNetwork)}
    assert {*ARTICLE, *OTHER_MODELS} == keras


@pytest.mark.parametrize("name", ARTICLE)
def test_the_file_says_what_it_is(keras_models: Path, name: str) -> None:
    model = ModelRegistry(keras_models, cache=2).get(name)
    assert model.display == f"{ARTICLE[name][1]} (untrained)"
    assert "max pooling" in model.architecture
    assert model.licence
    graph = onnx.load(keras_models / f"{name}.onnx").graph
    assert [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim] == [
        "N",
        224,
        224,
        3,
    ]
    assert graph.input[0].name == "image"
    assert [output.name for output in graph.output] == ["embedding"]


def test_nothing_is_left_beside_the_files(keras_models: Path) -> None:
    names = [path.name for path in keras_models.iterdir() if path.suffix != ".lock"]
    assert sorted(names) == ["resnet50.onnx", "vgg16.onnx"]


def test_weights_can_be_brought_as_h5(
    tmp_path: Path, pictures: np.ndarray, references: Path
) -> None:
    weights = references / "mobilenet_v2.h5"
    stages: list[Message] = []
    path = install("mobilenet_v2", str(weights), tmp_path, stages.append)
    assert_agrees(Embedder(path), pictures, references, "mobilenet_v2")
    model = ModelRegistry(tmp_path, cache=1).get("mobilenet_v2")
    assert model.weights == "file mobilenet_v2.h5"
    assert model.display == "MobileNetV2"
    assert "install.converting" in [stage.code for stage in stages]


def test_weights_that_do_not_fit_are_refused(tmp_path: Path, references: Path) -> None:
    with pytest.raises(ExportFailed, match="does not fit ResNet50"):
        install("resnet50", str(references / "mobilenet_v2.h5"), tmp_path, print)
    assert [path.name for path in tmp_path.iterdir()] == [".resnet50.lock"]
