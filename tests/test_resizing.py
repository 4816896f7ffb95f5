"""Pictures are fitted into a model's input as Pillow, and so transformers, would do it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from searcher.errors import BrokenModel
from searcher.images.pictures import Picture
from searcher.images.resizing import RESAMPLES, STRETCH, Fit, resized, visible_part
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from searcher.search.query import UploadedQuery
from tests import onnx_files
from tests.parameters import MakeSettings
from tests.pictures import encode, paint

SIZES = [(200, 100), (100, 200), (131, 97), (97, 131), (60, 60), (20, 31)]


def by_pillow(image: Image.Image, side: int, short: int, resample: Image.Resampling) -> np.ndarray:
    """The same by other calls of Pillow: resize keeping proportions, then cut out by a box."""
    width, height = image.size
    if width <= height:
        size = (short, int(short * height / width))
    else:
        size = (int(short * width / height), short)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    cut = image.resize(size, resample).crop((left, top, left + side, top + side))
    return np.asarray(cut)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("resample", RESAMPLES)
def test_a_crop_is_pillows(size: tuple[int, int], resample: str) -> None:
    image = paint(3, size)
    for short in (64, 73):
        made = resized(image, 64, 64, Fit("crop", short, resample))
        assert np.array_equal(made, by_pillow(image, 64, short, RESAMPLES[resample]))


@pytest.mark.parametrize("resample", RESAMPLES)
def test_a_stretched_picture_is_pillows(resample: str) -> None:
    image = paint(4, (610, 437))
    made = resized(image, 40, 56, Fit("stretch", 0, resample))
    assert np.array_equal(made, np.asarray(image.resize((56, 40), RESAMPLES[resample])))


def test_version_1_reduces_by_whole_factors_first() -> None:
    image = paint(4, (610, 437))
    expected = image.resize((56, 40), Image.Resampling.BILINEAR, reducing_gap=3.0)
    assert np.array_equal(resized(image, 40, 56), np.asarray(expected))
    assert Fit.from_metadata({}) == STRETCH != Fit()


def test_without_a_size_the_short_side_fills_the_input() -> None:
    image = paint(5, (120, 80))
    made = resized(image, 64, 64, Fit("crop"))
    assert np.abs(made - np.asarray(ImageOps.fit(image, (64, 64))).astype(int)).mean() < 8
    assert np.array_equal(made, resized(image, 64, 64, Fit("crop", 64)))


def test_a_crop_larger_than_the_picture_lies_on_black() -> None:
    made = resized(Image.new("RGB", (50, 50), "white"), 64, 64, Fit("crop", 40))
    assert made[12:52, 12:52].min() == 255
    assert made[:12].max() == made[52:].max() == made[:, :12].max() == made[:, 52:].max() == 0


@pytest.mark.parametrize(
    "entries",
    [
        {"fit": "pad"},
        {"resample": "hamming"},
        {"resize": "-1"},
        {"resize": "256.5"},
        {"resize": "100000"},
        {"fit": "crop", "centre": "left"},
    ],
)
def test_what_the_contract_does_not_have_breaks_a_model(
    tmp_path: Path, entries: dict[str, str]
) -> None:
    path = tmp_path / "net.onnx"
    model = onnx_files.mean_colour()
    onnx_files.onnx.helper.set_model_props(model, entries)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(BrokenModel, match="contract: its `fit`, `resize`, `resample` or `centre`"):
        Embedder(path)


@pytest.mark.parametrize(
    ("fit", "part"),
    [
        (Fit("crop", 43, "bicubic"), (5, 5)),  # half of 11, half of 11
        (Fit("crop", 43, "bicubic", "round"), (6, 6)),
        (Fit("stretch", 43, "bicubic", "round"), (6, 6)),
        (Fit("stretch", 43, "bicubic"), (5, 5)),
    ],
)
def test_the_centre_is_where_the_libraries_take_it(fit: Fit, part: tuple[int, int]) -> None:
    image = paint(3, (86, 86))
    left, top = part
    whole = np.asarray(image.resize((43, 43), Image.Resampling.BICUBIC))
    assert np.array_equal(resized(image, 32, 32, fit), whole[top : top + 32, left : left + 32])
    assert visible_part(image.size, 32, 32, fit)[:2] == (left / 43, top / 43)
    assert Fit.from_metadata(fit.metadata()) == fit


def test_a_file_of_version_1_is_stretched(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "net")
    embedder = Embedder(tmp_path / "net.onnx")
    assert (embedder.fit, embedder.metadata["format_version"]) == (STRETCH, "1")


def test_models_that_crop_see_the_centre_when_indexing_and_searching(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    """The ends of a wide picture are red and blue, its centre is green: a crop sees green alone."""
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste(Image.new("RGB", (100, 100), "lime"), (100, 0))
    wide.paste(Image.new("RGB", (100, 100), "blue"), (200, 0))
    settings = make_settings()
    metadata = onnx_files.Metadata("Net", "", "", "", Fit("crop", 8, "box"))
    onnx_files.write(settings.models_dir, "crops", metadata=metadata)
    onnx_files.write(settings.models_dir, "stretches")
    collections = {m.name: m.collection.name for m in ModelRegistry(settings.models_dir, 9).ready()}
    assert collections["crops"].split("_")[1] != collections["stretches"].split("_")[1]
    _, embedder = ModelRegistry(settings.models_dir, 9).load("crops")
    assert embedder.metadata["format_version"] == "2"
    vector = embedder.embed_picture(Picture(wide, *wide.size))
    assert np.allclose(vector, [0, 1, 0], atol=1e-3)

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "wide.png").write_bytes(encode(wide, "PNG"))
    (tmp_path / "in" / "green.png").write_bytes(encode(Image.new("RGB", (50, 50), "lime"), "PNG"))
    library = Library(settings)
    library.add([tmp_path / "in"])
    query = UploadedQuery("green", (tmp_path / "in" / "green.png").read_bytes())
    distances = {
        name: max(hit.distance for hit in library.search(query, name, 2).hits)
        for name in ("crops", "stretches")
    }
    assert distances["crops"] < 0.01 < 0.5 < distances["stretches"]
    library.close()
