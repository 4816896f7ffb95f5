"""The storages of a model file: how small, how near, and what is refused."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from searcher.errors import ExportFailed
from searcher.export.contract import Metadata, save
from searcher.export.graph import Graph
from searcher.export.quantize import MIN_COSINE, publish_stored
from searcher.models.embedder import Embedder
from tests import onnx_files
from tests.pictures import folder, paint
from tools import store_model
from tools.command import run

SIDE = 32
METADATA = Metadata("Random", "three convolutions", "untrained: a test", "Apache-2.0")
# What a file may take of the float32 one: a little more than the bytes of a weight.
SIZES = {"float32": 1.01, "float16": 0.55, "int8-weights": 0.35, "int8": 0.45}


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """uint8 [24, SIDE, SIDE, 3]."""
    return np.stack([np.asarray(paint(seed, (SIDE, SIDE))) for seed in range(24)])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded network with all kinds of weights: convolutions, MatMul, Gemm either way round."""
    generator = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray:
        fan_in = np.prod(shape[1:])
        # Channels of very different sizes: one scale for all of them would lose the small ones.
        sizes = generator.uniform(0.1, 1, (shape[0], *[1] * (len(shape) - 1)))
        return generator.normal(0, np.sqrt(2 / fan_in), shape) * sizes

    g = Graph("random", SIDE, SIDE)
    x = g.add("Transpose", g.add("Cast", "image", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    x = g.add("Div", g.add("Sub", x, g.constant(128)), g.constant(64))
    for before, width in ((3, 16), (16, 64), (64, 64)):
        kernel = g.constant(weights(width, before, 3, 3))
        x = g.add("Relu", g.add("Conv", x, kernel, strides=[2, 2], pads=[1] * 4))
    x = g.add("Flatten", g.add("GlobalAveragePool", x))
    x = g.add("MatMul", x, g.constant(weights(64, 64).T))
    x = g.add("Gemm", x, g.constant(weights(64, 64).T))
    x = g.add("Gemm", x, g.constant(weights(64, 64)), transB=1)
    path = tmp_path_factory.mktemp("original") / "random.onnx"
    save(g.finish(x, 64), METADATA, path)
    return path


@pytest.mark.parametrize("storage", MIN_COSINE)
def test_a_storage_is_small_and_near_the_original(
    original: Path, pictures: np.ndarray, tmp_path: Path, storage: str
) -> None:
    source, path = Embedder(original), tmp_path / "stored.onnx"
    cosine = publish_stored(
        onnx.load(original), storage, METADATA, path, pictures, source.embed_many, "the source's"
    )
    assert cosine >= MIN_COSINE[storage]
    assert path.stat().st_size < SIZES[storage] * original.stat().st_size
    unseen = np.stack([np.asarray(paint(seed, (SIDE, SIDE))) for seed in range(100, 116)])
    vectors, expected = Embedder(path).embed(unseen), source.embed(unseen)
    assert np.sum(vectors * expected, axis=1).min() >= MIN_COSINE[storage]
    assert Embedder(path).metadata["weights"] == METADATA.weights
    assert [p.name for p in tmp_path.iterdir()] == ["stored.onnx"]


@pytest.mark.parametrize("storage", ["float16", "int8-weights"])
def test_stored_weights_change_no_arithmetic(
    original: Path, pictures: np.ndarray, tmp_path: Path, storage: str
) -> None:
    """Rounding the weights by hand in the float32 file gives the same vectors."""
    path = tmp_path / "stored.onnx"
    model = onnx.load(original)
    embed = Embedder(original).embed_many
    publish_stored(model, storage, METADATA, path, pictures[:0], embed, "the source's")
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.size < 1024:
            continue
        if storage == "float16":
            rounded = values.astype(np.float16).astype(np.float32)
        else:
            rounded = rounded_per_channel(values, by_row=values.ndim == 4 or tensor.name == "c7")
        tensor.CopyFrom(onnx.numpy_helper.from_array(rounded, tensor.name))
    by_hand = save(model, METADATA, tmp_path / "hand.onnx")
    assert Embedder(path).embed(pictures) == pytest.approx(by_hand.embed(pictures), abs=1e-5)


def rounded_per_channel(values: np.ndarray, by_row: bool) -> np.ndarray:
    """To 255 levels for each row, or for each column."""
    rows = values.reshape(len(values), -1) if by_row else values.T
    steps = np.abs(rows).max(axis=1, keepdims=True) / 127
    rounded = (np.round(rows / steps) * steps).astype(np.float32)
    return rounded.reshape(values.shape) if by_row else rounded.T


@pytest.mark.parametrize("storage", ["float16", "int8-weights", "int8"])
def test_a_model_without_weights_is_refused(tmp_path: Path, storage: str) -> None:
    path = onnx_files.write(tmp_path, "mean")
    pictures = np.zeros((1, 8, 8, 3), np.uint8)
    embed = Embedder(path).embed_many
    with pytest.raises(ExportFailed):
        publish_stored(
            onnx.load(path), storage, METADATA, tmp_path / "out.onnx", pictures, embed, "its"
        )
    assert [p.name for p in tmp_path.iterdir()] == ["mean.onnx"]


def test_a_file_that_differs_is_not_installed(
    original: Path, pictures: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "out.onnx"
    path.write_text("what was there")
    embed = Embedder(original).embed_many
    with pytest.raises(ExportFailed, match=r"vectors differ from another's \(cosine -1\.0"):
        publish_stored(
            onnx.load(original),
            "int8-weights",
            METADATA,
            path,
            pictures,
            lambda images: -embed(images),
            "another's",
        )
    assert path.read_text() == "what was there"
    assert [p.name for p in tmp_path.iterdir()] == ["out.onnx"]


def test_the_program_keeps_what_a_file_says_and_asks_for_what_it_does_not(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "in", {"a": 4, "b": 4})
    output = tmp_path / "out.onnx"
    arguments = [str(original), str(output), "--title", "Other", "--pictures", str(tmp_path / "in")]
    assert run(store_model.store, store_model.parse(arguments)) == 0
    metadata = Embedder(output).metadata
    assert (metadata["title"], metadata["architecture"]) == ("Other", METADATA.architecture)

    silent = onnx.load(original)
    del silent.metadata_props[:]
    onnx.save(silent, tmp_path / "silent.onnx")
    arguments[0] = str(tmp_path / "silent.onnx")
    capsys.readouterr()
    assert run(store_model.store, store_model.parse(arguments)) == 2
    sentence = "silent.onnx does not say: give --architecture and --weights and --licence."
    assert capsys.readouterr().err.strip() == sentence


def test_int8_needs_pictures(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(original), str(tmp_path / "out.onnx"), "--store", "int8"]
    assert run(store_model.store, store_model.parse(arguments)) == 2
    assert "calibrated on pictures, and none were given" in capsys.readouterr().err
