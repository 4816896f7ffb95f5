import colorsys
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.embedding import Embedder
from searcher.errors import ModelNotReady
from searcher.export.install import make_baselines
from searcher.images import model_input, open_picture
from searcher.models import Zoo, by_preference
from tests import onnx_files
from tests.pictures import encode, paint
from tests.servers import ROOT

LITE = "efficientnet_lite0 efficientnet_lite2"

# The first numbers of each baseline's vector for paint(0): a change of a filter must be meant.
GOLDEN = {
    "colour": [0.0, 0.14292, 0.09554, 0.0, 0.08841, 0.05567],
    "shape": [-0.05975, -0.05758, -0.05861, 0.0366, -0.04365, 0.03674],
}
BROKEN = ["truncated", "text", "float input", "fixed batch", "other output", "not unit", "nan"]


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
    whole = embedder.embed(pixels[None])[0, : bins.size]
    assert whole / np.linalg.norm(whole) == pytest.approx(expected, abs=1e-3)


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


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_listed_with_the_reason(tmp_path: Path, kind: str) -> None:
    onnx_files.write_broken(tmp_path / "bad.onnx", kind)
    onnx_files.write(tmp_path, "good")
    zoo = Zoo(tmp_path, cache=3)
    assert [model.name for model in zoo.ready()] == ["good"]
    (broken,) = (model for model in zoo.models() if not model.ready)
    assert broken.reason.startswith("bad.onnx ")
    assert str(tmp_path) not in broken.reason
    with pytest.raises(ModelNotReady, match=r"bad\.onnx"):
        zoo.load("bad")


def test_unknown_names_never_become_paths(tmp_path: Path) -> None:
    inner = tmp_path / "models"
    inner.mkdir()
    onnx_files.write(tmp_path, "outside")
    onnx_files.write(inner, "inside")
    zoo = Zoo(inner, cache=3)
    for name in ("../outside", "/etc/passwd", "", "nul\0", "outside", "x" * 5000):
        with pytest.raises(ModelNotReady, match="inside"):
            zoo.get(name)


def test_a_replaced_file_is_another_collection(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "m", side=8)
    zoo = Zoo(tmp_path, cache=3)
    before = zoo.get("m")
    onnx_files.write(tmp_path, "m", side=16)
    after, embedder = zoo.load("m")
    assert (before.height, after.height, embedder.height) == (8, 16, 16)
    assert before.collection.name != after.collection.name
    assert after.collection.name == f"m_{after.digest[:8]}"


def test_names_that_milvus_refuses_still_have_a_collection(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "7-net.v2")
    (model,) = Zoo(tmp_path, cache=3).models()
    assert model.collection.name == f"_7_net_v2_{model.digest[:8]}"


def test_the_least_recently_used_is_let_go(tmp_path: Path) -> None:
    for name in "abc":
        onnx_files.write(tmp_path, name)
    zoo = Zoo(tmp_path, cache=2)
    zoo.ready()
    first = weakref.ref(zoo.load("a")[1])
    zoo.load("b")
    assert zoo.load("a")[1] is first()
    zoo.load("c")
    assert zoo.load("a")[1] is first()
    zoo.load("b")
    zoo.load("c")
    assert first() is None


def test_what_a_run_still_uses_is_not_loaded_again(tmp_path: Path) -> None:
    for name in "abc":
        onnx_files.write(tmp_path, name)
    zoo = Zoo(tmp_path, cache=1)
    used = [zoo.load(name)[1] for name in "abc"]
    assert [zoo.load(name)[1] for name in "abc"] == used
    onnx_files.write(tmp_path, "a", side=16)
    assert zoo.load("a")[1].height == 16


def test_two_requests_load_a_model_once(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "m")
    zoo = Zoo(tmp_path, cache=3)
    loaded: list[Embedder] = []
    threads = [threading.Thread(target=lambda: loaded.append(zoo.load("m")[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 8
    assert len({id(embedder) for embedder in loaded}) == 1


def test_untrained_is_said_wherever_the_name_is_shown(tmp_path: Path) -> None:
    untrained = onnx_files.Metadata("Net", "a net", "untrained (random, seed 0)", "")
    onnx_files.write(tmp_path, "n", metadata=untrained)
    assert Zoo(tmp_path, cache=3).get("n").display == "Net (untrained)"


def test_the_order_is_the_articles_models_then_others_then_baselines(
    tmp_path: Path, baselines: Path
) -> None:
    for name in ("zebra", "vgg16", "apple", "resnet50", "shape", "colour"):
        onnx_files.write(tmp_path, name)
    names = [model.name for model in Zoo(tmp_path, cache=9).models()]
    assert names == ["resnet50", "vgg16", "apple", "zebra", "colour", "shape"]


@pytest.mark.parametrize(
    ("present", "untrained", "pair"),
    [
        ("colour shape", "", "colour shape"),
        ("apple colour shape", "", "apple colour"),
        (f"apple colour {LITE}", "", "efficientnet_lite2 efficientnet_lite0"),
        (f"apple colour resnet50 {LITE}", "", "resnet50 efficientnet_lite2"),
        (f"apple colour resnet50 {LITE} vgg16", "", "resnet50 vgg16"),
        (
            f"colour resnet50 {LITE} vgg16",
            "resnet50 vgg16",
            "efficientnet_lite2 efficientnet_lite0",
        ),
        ("colour resnet50 shape vgg16", "vgg16", "resnet50 colour"),
    ],
)
def test_a_page_starts_with_the_best_pair(
    tmp_path: Path, present: str, untrained: str, pair: str
) -> None:
    for name in present.split():
        weights = "untrained (random, seed 0)" if name in untrained.split() else "trained"
        onnx_files.write(tmp_path, name, metadata=onnx_files.Metadata(name, "", weights, ""))
    best = by_preference(Zoo(tmp_path, cache=9).ready())
    assert [model.name for model in best][:2] == pair.split()


def test_a_folder_that_is_not_there_is_an_empty_zoo(tmp_path: Path) -> None:
    assert Zoo(tmp_path / "nowhere", cache=3).models() == []


def test_the_app_never_imports_tensorflow() -> None:
    """What the app and the command line import must stay small; export runs in a child."""
    program = (
        "import sys, app, searcher.__main__\n"
        "heavy = {'tensorflow', 'keras', 'tf2onnx', 'onnx'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, env=env, cwd=ROOT)
