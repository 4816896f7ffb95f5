"""The two baselines: they fulfil the contract, and measure colour and layout."""

import colorsys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.export.install import make_baselines
from searcher.images.pictures import model_input, open_picture
from searcher.models.embedder import Embedder
from tests.pictures import encode, paint

LITE = "efficientnet_lite0 efficientnet_lite2"

# The first numbers of each baseline's vector for paint(0): a change of a filter must be meant.
GOLDEN = {
    "colour": [0.0, 0.14292, 0.09554, 0.0, 0.08841, 0.05567],
    "shape": [-0.05975, -0.05758, -0.05861, 0.0366, -0.04365, 0.03674],
}


def vector(path: Path, seed: int) -> np.ndarray:
    return Embedder(path).embed_picture(open_picture(encode(paint(seed), "PNG")))


@pytest.mark.parametrize("name", GOLDEN)
def test_baselines_fulfil_the_contract(baselines: Path, name: str) -> None:
    embedder = Embedder(baselines / f"{name}.onnx")
    pictures = [open_picture(encode(paint(seed), "PNG")) for seed in range(9)]
    batch = np.stack([model_input(p, embedder.height, embedder.width) for p in pictures])
    vectors = embedder.embed(batch)
    assert vectors.shape == (9, embedder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    one_by_one = np.concatenate([embedder.embed(batch[i : i + 1]) for i in range(9)])
    assert np.allclose(vectors, one_by_one, atol=1e-5)
    assert {"title", "architecture", "weights", "licence", "format_version"} <= set(
        embedder.metadata
    )
    assert "baseline" in embedder.metadata["title"]


@pytest.mark.parametrize("name", GOLDEN)
def test_baselines_give_known_numbers(baselines: Path, name: str) -> None:
    assert vector(baselines / f"{name}.onnx", 0)[:6] == pytest.approx(GOLDEN[name], abs=1e-3)


@pytest.mark.numbers
def test_colour_is_the_histogram_it_says(baselines: Path) -> None:
    """The whole picture's part against colorsys and loops over the pixels."""
    embedder = Embedder(baselines / "colour.onnx")
    side = embedder.height
    pixels = np.asarray(paint(7).resize((side, side)))
    bins = np.zeros((12, 3, 3))
    for rgb in pixels.reshape(-1, 3) / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
        for h, s, v in np.ndindex(bins.shape):
            turn = abs(hue - h / 12)
            weights = (
                12 * min(turn, 1 - turn),
                2 * abs(saturation - s / 2),
                2 * abs(value - v / 2),
            )
            bins[h, s, v] += np.prod([max(0.0, 1 - w) for w in weights])
    expected = np.sqrt(bins.ravel() / bins.sum())
    histogram = embedder.embed(pixels[None])[0, : bins.size]
    assert histogram / np.linalg.norm(histogram) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("grey", [0, 127, 255])
def test_flat_pictures_have_unit_vectors_too(baselines: Path, name: str, grey: int) -> None:
    embedder = Embedder(baselines / f"{name}.onnx")
    flat = np.full((1, embedder.height, embedder.width, 3), grey, np.uint8)
    assert np.linalg.norm(embedder.embed(flat)) == pytest.approx(1, abs=1e-3)


def test_colour_sees_colours_and_shape_sees_layout(baselines: Path) -> None:
    def stripes(colour: int, upright: bool) -> np.ndarray:
        image = np.zeros((96, 96, 3), np.uint8)
        image[(slice(None), slice(0, 96, 8))[:: 1 if upright else -1]] = 255
        image[..., [c for c in range(3) if c != colour]] = 0
        return image

    def embed(name: str, image: np.ndarray) -> np.ndarray:
        embedder = Embedder(baselines / f"{name}.onnx")
        return embedder.embed_picture(open_picture(encode(Image.fromarray(image), "PNG")))

    red_up, red_flat, green_up = stripes(0, True), stripes(0, False), stripes(1, True)
    for name, like, unlike in (("colour", red_flat, green_up), ("shape", green_up, red_flat)):
        query = embed(name, red_up)
        assert query @ embed(name, like) > query @ embed(name, unlike) + 0.2


def test_baselines_are_made_once(tmp_path: Path) -> None:
    make_baselines(tmp_path)
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert sorted(stamps) == ["colour.onnx", "shape.onnx"]
    make_baselines(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps
