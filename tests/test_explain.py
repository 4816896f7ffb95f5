"""Heat maps and robustness, on pictures with a known difference."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.errors import ModelNotReady, NotFound
from searcher.images.pictures import Picture
from searcher.images.resizing import Fit
from searcher.library.core import Library
from searcher.metrics.occlusion import GRID, explain, hide
from searcher.metrics.robustness import CHANGES, survival
from searcher.models.embedder import Embedder
from searcher.search.query import UploadedQuery
from tests import onnx_files
from tests.pictures import encode, folder, paint

GREY = (128, 128, 128)


def with_spot(row: int, column: int, colour: tuple[int, int, int]) -> Picture:
    """A grey picture with one coloured cell of the 7 x 7 grid."""
    side = 40
    image = Image.new("RGB", (GRID * side, GRID * side), GREY)
    image.paste(colour, (column * side, row * side, (column + 1) * side, (row + 1) * side))
    return Picture(image, *image.size)


def test_the_shared_part_is_what_counts(baselines: Path) -> None:
    embedder = Embedder(baselines / "colour.onnx")
    query, hit = with_spot(1, 2, (220, 30, 30)), with_spot(1, 2, (220, 30, 30))
    explanation = explain(embedder, query, hit)
    assert explanation.similarity == pytest.approx(1, abs=1e-3)
    assert explanation.query is not None
    for heat in (explanation.query, explanation.hit):
        assert heat.shape == (GRID, GRID)
        assert np.unravel_index(heat.argmax(), heat.shape) == (1, 2)
        other_cells = np.delete(heat.ravel(), 1 * GRID + 2)
        assert heat.max() > 5 * np.abs(other_cells).max()


def test_cells_are_the_pictures_where_a_model_sees_its_centre_alone(tmp_path: Path) -> None:
    """Of a picture three times as wide as high, a crop has the middle third of the columns."""
    metadata = onnx_files.Metadata("Net", "", "", "", Fit("crop", 42, "box"))
    onnx_files.write(tmp_path, "net", side=42, metadata=metadata)
    image = Image.new("RGB", (126, 42), GREY)
    image.paste((220, 30, 30), (54, 12, 72, 18))  # row 2, column 3, which is wholly in the crop
    picture = Picture(image, *image.size)
    found = explain(Embedder(tmp_path / "net.onnx"), picture, picture)
    assert found.query is not None
    assert np.unravel_index(found.query.argmax(), found.query.shape) == (2, 3)
    outside = np.delete(found.query, [2, 3, 4], axis=1)
    assert np.abs(outside).max() < 1e-6 < found.query.max()  # but for rounding: a batch's, by CPU


def test_losses_are_the_similarity_without_that_part(baselines: Path) -> None:
    embedder = Embedder(baselines / "shape.onnx")
    query, hit = (Picture(paint(seed, (96, 96)), 96, 96) for seed in (1, 2))
    shares: list[float] = []
    explanation = explain(embedder, query, hit, shares.append)
    assert explanation.query is not None
    first, second = np.asarray(query.pixels), np.asarray(hit.pixels)
    full_vectors = embedder.embed(np.stack([first, second]))
    assert explanation.similarity == pytest.approx(
        float(full_vectors[0] @ full_vectors[1]), abs=1e-5
    )
    for row, column in ((0, 0), (3, 5), (6, 6)):
        without = embedder.embed(hide(first, row, column)[None])[0]
        expected = full_vectors[0] @ full_vectors[1] - without @ full_vectors[1]
        assert explanation.query[row, column] == pytest.approx(float(expected), abs=1e-4)
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (2 * GRID, 1)


def test_hiding_changes_one_cell_only() -> None:
    image = np.asarray(paint(3, (70, 70)))
    hidden = hide(image, 2, 4)
    differences = (hidden != image).any(axis=2)
    assert differences[20:30, 40:50].mean() > 0.9
    differences[20:30, 40:50] = False
    assert not differences.any()
    assert np.ptp(hidden[20:30, 40:50].reshape(-1, 3), axis=0).max() == 0


def test_changes_change_what_they_say() -> None:
    image = paint(5, (200, 100))
    variants = {name: change(image) for name, change in CHANGES.items()}
    assert len(variants) == 6
    assert variants["turned by 90°"].size == (100, 200)
    assert variants["cropped to 70%"].size == (140, 70)
    crop = np.asarray(variants["cropped to 70%"], int) - np.asarray(image.crop((30, 15, 170, 85)))
    assert np.abs(crop).mean() < 12
    grey = np.asarray(variants["greyscale"])
    assert (grey[..., 0] == grey[..., 2]).all()
    for name, result in variants.items():
        assert result.mode == "RGB"
        assert name == "turned by 90°" or not np.array_equal(np.asarray(result), np.asarray(image))


def test_survival_counts_what_is_still_found() -> None:
    rankings = iter([[[1, 2, 3, 4]], *([[[1, 2, 9, 8]]] * len(CHANGES))])
    shares: list[float] = []
    shares_by_change = survival(
        Picture(paint(1), 320, 240), lambda picture: next(rankings), shares.append
    )
    assert shares_by_change == {name: [0.5] for name in CHANGES}
    assert shares[-1] == 1


def test_colours_survive_mirroring_but_not_greyscale(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 40})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", paths[0].read_bytes())
    shares_by_change = library.robustness(query, ["colour", "shape"], 10)
    colour = {name: shares[0] for name, shares in shares_by_change.items()}
    shape = {name: shares[1] for name, shares in shares_by_change.items()}
    assert colour["greyscale"] < shape["greyscale"]
    assert colour["JPEG quality 20"] > 0.5


def test_a_library_explains_its_hits(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", paths[0].read_bytes())
    hit = library.search(query, "colour", 2).hits[1]
    explanation = library.explain(query, library.stored_query(hit.record.id), "colour")
    # The hit is read from its thumbnail, so its vector differs a little from the stored one.
    assert explanation.similarity == pytest.approx(hit.similarity, abs=0.02)
    with pytest.raises(NotFound, match="not in the library"):
        library.explain(query, library.stored_query(4711), "colour")
    with pytest.raises(ModelNotReady):
        library.explain(query, library.stored_query(hit.record.id), "nothing")


def test_a_stored_picture_is_a_query_without_inference(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    uploaded = library.search(UploadedQuery("x", paths[3].read_bytes()), "shape", 12)
    (copy,) = uploaded.own_copies
    stored = library.search(library.stored_query(copy.record.id, "x"), "shape", 12)
    assert stored.ids == uploaded.ids
    assert stored.own_copies[0].distance < 1e-3
    assert stored.timings_ms["decode"] < uploaded.timings_ms["decode"]
    assert stored.timings_ms["embed"] == 0 < uploaded.timings_ms["embed"]
    with pytest.raises(NotFound, match="not in the library any more"):
        library.search(library.stored_query(4711, "That picture"), "shape", 5)
    library.vectors.delete(library.registry.get("shape").collection, [copy.record.id])
    with pytest.raises(ModelNotReady, match="not indexed by Shape"):
        library.search(library.stored_query(copy.record.id), "shape", 5)
    assert library.search(UploadedQuery("x", encode(paint(99))), "shape", 1).hits
