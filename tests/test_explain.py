"""Heat maps and robustness: they must find what was put there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.embedding import Embedder
from searcher.errors import BadImage, ModelNotReady
from searcher.explain import GRID, explain, hide
from searcher.images import Picture
from searcher.library import Library
from searcher.resizing import Fit
from searcher.robustness import CHANGES, survival
from searcher.search import Query
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
    found = explain(embedder, query, hit)
    assert found.similarity == pytest.approx(1, abs=1e-3)
    for heat in (found.query, found.hit):
        assert heat.shape == (GRID, GRID)
        assert np.unravel_index(heat.argmax(), heat.shape) == (1, 2)
        others = np.delete(heat.ravel(), 1 * GRID + 2)
        assert heat.max() > 5 * np.abs(others).max()


def test_cells_are_the_pictures_where_a_model_sees_its_centre_alone(tmp_path: Path) -> None:
    """Of a picture three times as wide as high, a crop has the middle third of the columns."""
    metadata = onnx_files.Metadata("Net", "", "", "", Fit("crop", 42, "box"))
    onnx_files.write(tmp_path, "net", side=42, metadata=metadata)
    image = Image.new("RGB", (126, 42), GREY)
    image.paste((220, 30, 30), (54, 12, 72, 18))  # row 2, column 3, which is wholly in the crop
    picture = Picture(image, *image.size)
    found = explain(Embedder(tmp_path / "net.onnx"), picture, picture)
    assert np.unravel_index(found.query.argmax(), found.query.shape) == (2, 3)
    outside = np.delete(found.query, [2, 3, 4], axis=1)
    assert np.abs(outside).max() == 0


def test_losses_are_the_similarity_without_that_part(baselines: Path) -> None:
    embedder = Embedder(baselines / "shape.onnx")
    pictures = [Picture(paint(seed, (96, 96)), 96, 96) for seed in (1, 2)]
    shares: list[float] = []
    found = explain(embedder, *pictures, shares.append)
    first, second = (np.asarray(p.pixels) for p in pictures)
    whole = embedder.embed(np.stack([first, second]))
    assert found.similarity == pytest.approx(float(whole[0] @ whole[1]), abs=1e-5)
    for row, column in ((0, 0), (3, 5), (6, 6)):
        without = embedder.embed(hide(first, row, column)[None])[0]
        expected = whole[0] @ whole[1] - without @ whole[1]
        assert found.query[row, column] == pytest.approx(float(expected), abs=1e-4)
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (2 * GRID, 1)


def test_hiding_changes_one_cell_only() -> None:
    image = np.asarray(paint(3, (70, 70)))
    hidden = hide(image, 2, 4)
    changed = (hidden != image).any(axis=2)
    assert changed[20:30, 40:50].mean() > 0.9
    changed[20:30, 40:50] = False
    assert not changed.any()
    assert np.ptp(hidden[20:30, 40:50].reshape(-1, 3), axis=0).max() == 0


def test_changes_change_what_they_say() -> None:
    image = paint(5, (200, 100))
    changed = {name: change(image) for name, change in CHANGES.items()}
    assert len(changed) == 6
    assert changed["turned by 90°"].size == (100, 200)
    assert changed["cropped to 70%"].size == (140, 70)
    crop = np.asarray(changed["cropped to 70%"], int) - np.asarray(image.crop((30, 15, 170, 85)))
    assert np.abs(crop).mean() < 12
    grey = np.asarray(changed["greyscale"])
    assert (grey[..., 0] == grey[..., 2]).all()
    for name, result in changed.items():
        assert result.mode == "RGB"
        assert name == "turned by 90°" or not np.array_equal(np.asarray(result), np.asarray(image))


def test_survival_counts_what_is_still_found() -> None:
    rankings = iter([[[1, 2, 3, 4]], *([[[1, 2, 9, 8]]] * len(CHANGES))])
    shares: list[float] = []
    found = survival(Picture(paint(1), 320, 240), lambda picture: next(rankings), shares.append)
    assert found == {name: [0.5] for name in CHANGES}
    assert shares[-1] == 1


def test_colours_survive_mirroring_but_not_greyscale(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 40})
    library.add([tmp_path / "in"])
    query = Query("x", paths[0].read_bytes())
    found = library.robustness(query, ["colour", "shape"], 10)
    colour = {name: shares[0] for name, shares in found.items()}
    shape = {name: shares[1] for name, shares in found.items()}
    assert colour["greyscale"] < shape["greyscale"]
    assert colour["JPEG quality 20"] > 0.5


def test_a_library_explains_its_hits(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5})
    library.add([tmp_path / "in"])
    query = Query("x", paths[0].read_bytes())
    hit = library.search(query, "colour", 2).hits[1]
    found = library.explain(query, hit.record.id, "colour")
    # The hit is read from its thumbnail, so its vector differs a little from the stored one.
    assert found.similarity == pytest.approx(hit.similarity, abs=0.02)
    with pytest.raises(BadImage, match="not in the library"):
        library.explain(query, 4711, "colour")
    with pytest.raises(ModelNotReady):
        library.explain(query, hit.record.id, "nothing")


def test_a_stored_picture_is_a_query_without_inference(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    uploaded = library.search(Query("x", paths[3].read_bytes()), "shape", 12)
    stored = library.search(Query("x", picture_id=uploaded.ids[0]), "shape", 12)
    assert stored.ids == uploaded.ids
    assert stored.hits[0].distance < 1e-3
    assert stored.timings_ms["decode"] < 1
    with pytest.raises(ModelNotReady, match="not indexed by Shape"):
        library.search(Query("That picture", picture_id=4711), "shape", 5)
    assert library.search(Query("x", encode(paint(99))), "shape", 1).hits
