"""Keras to ONNX, with the real architectures and seeded random weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from searcher.embedding import Embedder
from searcher.errors import ExportFailed
from searcher.export.catalogue import CATALOGUE, KerasNetwork
from searcher.export.install import install
from searcher.models import Zoo
from tests.pictures import paint

Recipe = tuple[str, str, int, str, str]

# Module and function in keras.applications, dimensions, pooling, and what becomes of a pixel.
CAFFE = "x[..., ::-1] - np.array([103.939, 116.779, 123.68], 'float32')"
ARTICLE = {
    "resnet50": ("resnet", "ResNet50", 2048, "max", CAFFE),
    "vgg16": ("vgg16", "VGG16", 512, "max", CAFFE),
}
OTHERS = {
    "mobilenet_v2": ("mobilenet_v2", "MobileNetV2", 1280, "avg", "x / 127.5 - 1"),
    "efficientnet_v2_b0": ("efficientnet_v2", "EfficientNetV2B0", 1280, "avg", "x"),
    "convnext_tiny": ("convnext", "ConvNeXtTiny", 768, "avg", "x"),
}

# The recipe written without the project: preprocessing, network, pooling, unit length.
REFERENCE = """
import sys, importlib, numpy as np, keras
module, function, pooling, preprocess, images, out = sys.argv[1:]
keras.utils.set_random_seed(0)
make = getattr(importlib.import_module(f"keras.applications.{module}"), function)
net = make(include_top=False, pooling=pooling, weights=None, input_shape=(224, 224, 3))
x = np.load(images).astype("float32")
y = net.predict(eval(preprocess), verbose=0)
np.save(out, y / np.linalg.norm(y, axis=1, keepdims=True))
if function == "VGG16":
    import h5py
    from keras.src.legacy.saving import legacy_h5_format
    with h5py.File(out.replace(".npy", ".h5"), "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, net)
"""


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """uint8 [4, 224, 224, 3]."""
    return np.stack([np.asarray(paint(seed, (224, 224))) for seed in range(4)])


def ask_keras(recipe: Recipe, pictures: np.ndarray, out: Path) -> np.ndarray:
    """What Keras itself says of the pictures; VGG16's weights are left beside `out` as .h5."""
    module, function, _, pooling, preprocess = recipe
    images = out.with_name("images.npy")
    np.save(images, pictures)
    arguments = [module, function, pooling, preprocess, str(images), str(out)]
    subprocess.run([sys.executable, "-c", REFERENCE, *arguments], check=True)
    vectors: np.ndarray = np.load(out)
    return vectors


@pytest.fixture(scope="module")
def references(
    tmp_path_factory: pytest.TempPathFactory, pictures: np.ndarray
) -> dict[str, tuple[np.ndarray, Path]]:
    """What Keras says with the article's networks, and where the weights' .h5 would be."""
    folder = tmp_path_factory.mktemp("reference")
    paths = {name: folder / f"{name}.npy" for name in ARTICLE}
    return {
        name: (ask_keras(ARTICLE[name], pictures, path), path.with_suffix(".h5"))
        for name, path in paths.items()
    }


@pytest.mark.parametrize("name", ARTICLE)
def test_onnx_and_keras_agree(
    keras_models: Path,
    pictures: np.ndarray,
    references: dict[str, tuple[np.ndarray, Path]],
    name: str,
) -> None:
    embedder = Embedder(keras_models / f"{name}.onnx")
    assert (embedder.height, embedder.width, embedder.dim) == (224, 224, ARTICLE[name][2])
    vectors = embedder.embed(pictures)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.sum(vectors * references[name][0], axis=1).min() >= 0.9999
    # Different pictures must not fall together, or the agreement would mean nothing.
    assert (vectors @ vectors.T)[~np.eye(4, dtype=bool)].max() < 0.9999


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_networks_agree_too(tmp_path: Path, pictures: np.ndarray, name: str) -> None:
    embedder = Embedder(install(name, "random", tmp_path / "models", print))
    expected = ask_keras(OTHERS[name], pictures, tmp_path / "vectors.npy")
    assert embedder.dim == OTHERS[name][2]
    assert np.sum(embedder.embed(pictures) * expected, axis=1).min() >= 0.9999
    assert f"{OTHERS[name][3]} pooling" in embedder.metadata["architecture"]


def test_every_network_of_the_catalogue_is_tested() -> None:
    keras = {name for name, made in CATALOGUE.items() if isinstance(made, KerasNetwork)}
    assert {*ARTICLE, *OTHERS} == keras


@pytest.mark.parametrize("name", ARTICLE)
def test_the_file_says_what_it_is(keras_models: Path, name: str) -> None:
    model = Zoo(keras_models, cache=2).get(name)
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
    kept = [path.name for path in keras_models.iterdir() if path.suffix != ".lock"]
    assert sorted(kept) == ["resnet50.onnx", "vgg16.onnx"]


def test_weights_can_be_brought_as_h5(
    tmp_path: Path, pictures: np.ndarray, references: dict[str, tuple[np.ndarray, Path]]
) -> None:
    expected, weights = references["vgg16"]
    stages: list[str] = []
    path = install("vgg16", str(weights), tmp_path, stages.append)
    assert np.sum(Embedder(path).embed(pictures) * expected, axis=1).min() >= 0.9999
    model = Zoo(tmp_path, cache=1).get("vgg16")
    assert model.weights == "file vgg16.h5"
    assert model.display == "VGG16"
    assert any("converting" in stage for stage in stages)


def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, references: dict[str, tuple[np.ndarray, Path]]
) -> None:
    with pytest.raises(ExportFailed, match="does not fit ResNet50"):
        install("resnet50", str(references["vgg16"][1]), tmp_path, print)
    assert [path.name for path in tmp_path.iterdir()] == [".resnet50.lock"]
