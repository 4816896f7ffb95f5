"""JPEGs that end before their end marker: those with a whole picture are in."""

import itertools
import re

import pytest

from searcher.errors import BadImage
from searcher.images.pictures import open_picture
from tests.picture_files import apart, decoded
from tests.pictures import encode, paint
from tests.test_progressive_jpegs import joined

pytestmark = pytest.mark.pixels

PICTURE = paint(3, (96, 64))
JPEGS = {
    "baseline": encode(PICTURE),
    "progressive": encode(PICTURE, progressive=True),
    "restarts": encode(PICTURE, restart_marker_blocks=3),
    "grey": encode(PICTURE.convert("L")),
}


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_without_end_is_in_and_one_that_lacks_pixels_is_not(name: str) -> None:
    data = JPEGS[name]
    for tail in (b"", b"\xff", bytes(999)):
        assert (decoded(data[:-2] + tail) == decoded(data)).all()
    for cut in (4, 12, len(data) // 3):
        for tail in (b"", bytes(999)):
            with pytest.raises(BadImage, match="cut off"):
                open_picture(data[:-cut] + tail)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_progressive_jpeg_that_ends_between_two_scans_shows_the_whole_picture(mode: str) -> None:
    """As viewers do, with fewer details; one that ends within a scan is refused."""
    image = PICTURE.convert(mode)
    data = encode(image, progressive=True, quality=90)
    scans = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    ends = [match.start() for match in re.finditer(rb"\xff[\xc4\xda\xd9]", data)]
    apart_by = []
    for scan, following in itertools.pairwise([*scans, len(data) - 2]):
        end = min(place for place in ends if place > scan)
        apart_by += [apart(data[:cut], image) for cut in {end, end + 3, following}]
        if end - scan > 60:  # others hold next to nothing
            with pytest.raises(BadImage, match="cut off"):
                open_picture(data[: end - 4])
    assert apart(data, image) <= apart_by[-1] < 4 < 10 < apart_by[0] < 20


def test_a_jpeg_without_one_of_its_colours_is_refused() -> None:
    planes = PICTURE.convert("YCbCr").split()
    data = joined([*planes], [(1, 1)] * 3, low=0)
    third = data.index(b"\xff\xda\0\x08\1\3")
    with pytest.raises(BadImage, match="cut off"):
        open_picture(data[:third])
