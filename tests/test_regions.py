"""Searching with a region of a picture."""

from pathlib import Path

import pytest
from PIL import Image

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box, crop, open_picture
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from searcher.ui.requests.arguments import read_box
from tests.pictures import encode, paint, save

LEFT_HALF: Box = (0.0, 0.0, 0.5, 1.0)
RIGHT: Box = (0.5, 0.0, 1.0, 1.0)


def side_by_side(left: int, right: int) -> bytes:
    both = Image.new("RGB", (640, 240))
    both.paste(paint(left), (0, 0))
    both.paste(paint(right), (320, 0))
    return encode(both, quality=95)


def test_the_region_decides_what_is_found(library: Library, tmp_path: Path) -> None:
    for seed in range(6):
        save(tmp_path / "x" / f"{seed}.jpg", seed)
    library.add([tmp_path / "x"])
    data = side_by_side(2, 4)
    for model in ("colour", "shape"):
        for box, name in ((LEFT_HALF, "2.jpg"), (RIGHT, "4.jpg")):
            first = library.search(UploadedQuery("q", data, box=box), model, 1).hits[0]
            assert first.record.name == name
            assert first.distance < 0.2


def test_a_region_of_a_picture_of_the_library(library: Library, tmp_path: Path) -> None:
    for seed in range(6):
        save(tmp_path / "x" / f"{seed}.jpg", seed)
    (tmp_path / "x" / "both.jpg").write_bytes(side_by_side(2, 4))
    library.add([tmp_path / "x"])
    ((both,), _) = library.browse("both", 0)
    copies = library.search(library.stored_query(both.id, "q"), "colour", 2).own_copies
    assert [copy.record.name for copy in copies] == ["both.jpg"]
    part = library.search(library.stored_query(both.id, "q", box=RIGHT), "colour", 2).hits
    assert part[0].record.name == "4.jpg"
    first, second = library.rank(
        library.stored_query(both.id, "q", box=RIGHT), ["colour", "shape"], 1
    )
    assert [r.hits[0].record.name for r in (first, second)] == ["4.jpg", "4.jpg"]


def test_a_small_region_is_decoded_with_its_pixels() -> None:
    large = encode(paint(1, (3200, 2400)))
    region = UploadedQuery("q", large, box=(0.4, 0.4, 0.6, 0.6)).picture
    assert max(region.pixels.size) >= 600
    assert (region.width, region.height) == (640, 480)


@pytest.mark.parametrize(
    "box", [(0.5, 0.5, 0.5, 0.9), (0.9, 0.1, 0.2, 0.8), (2.0, 2.0, 3.0, 3.0), (0.0, 0.0, 1.0, 0.0)]
)
def test_a_region_without_size_gets_a_sentence(box: Box) -> None:
    with pytest.raises(InvalidRequest, match="too small"):
        crop(open_picture(encode(paint(1))), box)


def test_what_a_browser_sends_is_put_inside_the_picture() -> None:
    assert read_box([-1, 0.25, "0.5", 7]) == (0.0, 0.25, 0.5, 1.0)
    for nonsense in (None, [], [1, 2, 3], ["a", 0, 1, 1], {"box": 1}, [0, 0, 1, None]):
        with pytest.raises(InvalidRequest):
            read_box(nonsense)


def test_not_a_number_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        crop(open_picture(encode(paint(1))), read_box([0, 0, float("nan"), 1]))
