"""int8 variants: small, near their originals, calibrated on the library's own pictures."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest

from searcher.errors import CannotAdopt, ExportFailed
from searcher.export.contract import Metadata, save
from searcher.export.graph import Graph
from searcher.export.int8 import drawbacks, write_int8
from searcher.images.pictures import Picture
from searcher.images.resizing import Fit
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests.pictures import folder, paint

PICTURES = [Picture(paint(seed), 320, 240) for seed in range(8)]


@pytest.mark.parametrize("name", ["resnet50", "vgg16"])
def test_the_articles_networks_shrink_to_a_quarter(
    keras_models: Path, tmp_path: Path, name: str
) -> None:
    original = tmp_path / f"{name}.onnx"
    original.symlink_to(keras_models / f"{name}.onnx")
    variant = write_int8(original, PICTURES[:2])
    assert variant.name == f"{name}-int8.onnx"
    assert variant.stat().st_size <= 0.30 * original.stat().st_size
    model = ModelRegistry(tmp_path, cache=2).get(variant.stem)
    assert model.display.endswith("int8 (untrained)")
    assert model.architecture.endswith("max pooling, int8")
    # Preprocessing and normalisation stay in float.
    graph = onnx.load(variant).graph
    types = {i.name: i.data_type for i in graph.initializer}
    first = next(node for node in graph.node if node.op_type == "Conv")
    assert types.get(first.input[1]) == onnx.TensorProto.FLOAT
    images = np.stack([np.asarray(paint(seed, (224, 224))) for seed in range(50, 52)])
    vectors = Embedder(variant).embed(images)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert np.sum(vectors * Embedder(original).embed(images), axis=1).min() > 0.98


def test_calibration_takes_the_library_and_else_the_samples(
    library: Library, tmp_path: Path
) -> None:
    assert library.some_pictures(10) == []
    with pytest.raises(ExportFailed, match="calibrated on pictures"):
        write_int8(library.settings.models_dir / "shape.onnx", [])
    folder(tmp_path / "samples", {"a": 3})
    (tmp_path / "samples" / "a" / "bad.jpg").write_text("no picture")
    assert len(library.some_pictures(10)) == 3
    folder(tmp_path / "in", {"b": 12}, first_seed=40)
    library.add([tmp_path / "in"])
    sample = library.some_pictures(10)
    assert len(sample) == 10
    again = library.some_pictures(10)
    pixels = [[np.asarray(p.pixels) for p in pictures] for pictures in (sample, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*pixels, strict=True))


def test_what_has_no_convolutions_to_quantise_is_refused(library: Library) -> None:
    with pytest.raises(ExportFailed, match="several convolutions"):
        write_int8(library.settings.models_dir / "colour.onnx", PICTURES)
    assert not (library.settings.models_dir / "colour-int8.onnx").exists()


def linear_layers(width: int) -> onnx.ModelProto:
    """A model of one convolution over patches, and four layers on the tokens they become."""
    generator = np.random.default_rng(0)
    g = Graph("transformer", 32, 32)
    pixels = g.add("Div", g.add("Cast", "image", to=onnx.TensorProto.FLOAT), g.constant(255))
    kernel = g.constant(generator.standard_normal((width, 3, 8, 8)) / 14)
    x = g.add("Conv", g.add("Transpose", pixels, perm=[0, 3, 1, 2]), kernel, strides=[8, 8])
    x = g.add("Transpose", g.reshape(x, 0, width, 16), perm=[0, 2, 1])
    for _ in range(4):
        weights = g.constant(generator.standard_normal((width, width)) / width**0.5)
        scores = g.add("MatMul", x, g.add("Transpose", x, perm=[0, 2, 1]))
        seen = g.add("MatMul", g.add("Softmax", scores, axis=-1), x)
        x = g.add("Add", x, g.add("Relu", g.add("MatMul", seen, weights)))
    return g.finish(g.add("ReduceMean", x, axes=[1], keepdims=0), width)


def test_the_linear_layers_of_a_transformer_are_quantised(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    fit = Fit("crop", 36, "bicubic")
    save(linear_layers(128), Metadata("Net", "", "", "", fit), path)
    variant = write_int8(path, PICTURES)
    assert variant.stat().st_size < 0.6 * path.stat().st_size
    embedder = Embedder(variant)
    assert (embedder.fit, embedder.metadata["source"]) == (fit, file_digest(path))
    images = np.stack([np.asarray(paint(seed, (32, 32))) for seed in range(4)])
    vectors = Embedder(path).embed(images)
    assert np.sum(embedder.embed(images) * vectors, axis=1).min() > 0.98
    alone = np.concatenate([embedder.embed(images[i : i + 1]) for i in range(4)])
    assert np.allclose(alone, embedder.embed(images), atol=1e-6)  # one scale for all batches


def test_a_variant_that_is_not_smaller_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    save(linear_layers(16), Metadata("Net", "", "", ""), path)
    variant = write_int8(path, PICTURES)
    assert variant.stat().st_size > path.stat().st_size
    assert any("not smaller" in drawback for drawback in map(str, drawbacks(path, variant)))
    assert not any("not smaller" in drawback for drawback in map(str, drawbacks(variant, path)))


def test_another_model_of_the_variants_name_is_not_overwritten(tmp_path: Path) -> None:
    path, other = tmp_path / "net.onnx", tmp_path / "net-int8.onnx"
    save(linear_layers(16), Metadata("Net", "", "", ""), path)
    save(linear_layers(16), Metadata("Another", "", "", ""), other)
    before = other.read_bytes()
    with pytest.raises(CannotAdopt, match="There is a model net-int8 already"):
        write_int8(path, PICTURES)
    assert other.read_bytes() == before
    write_int8(path, PICTURES, force=True)
    write_int8(path, PICTURES)
    assert Embedder(other).metadata["title"] == "Net int8"


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_variant_that_would_be_too_different_is_refused(library: Library) -> None:
    with pytest.raises(ExportFailed, match="differ from the original's"):
        write_int8(library.settings.models_dir / "shape.onnx", PICTURES)
    assert not (library.settings.models_dir / "shape-int8.onnx").exists()
