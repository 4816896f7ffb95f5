"""The pictures of reports: a budget of bytes, and logos of which only the pixels are left."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from searcher.errors import BadImage, NotFound
from searcher.images.pictures import Picture, open_picture
from searcher.presentation.report_pictures import (
    LOGO_BYTES,
    LOGO_SIZE,
    SIDES,
    Thumbnails,
    encode_all,
    encode_logo,
)
from searcher.ui.components.report_form import read_logo

COUNT = 12


def noise(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """A picture that no format can make small."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def encoded(budget: int) -> Thumbnails:
    sources = {
        f"p{number}": lambda number=number: Picture(noise(number), 320, 240)
        for number in range(COUNT)
    }
    return encode_all(sources, budget)


def size(thumbnails: Thumbnails) -> int:
    return sum(len(thumbnail.url) for thumbnail in thumbnails.by_ref.values())


def test_many_pictures_are_smaller_and_then_fewer() -> None:
    roomy, small, tiny = (encoded(budget) for budget in (10_000_000, 400_000, 30_000))
    assert (roomy.side, len(roomy.by_ref), roomy.are_small) == (SIDES[0], COUNT, False)
    assert SIDES[-1] < small.side < SIDES[0]
    assert len(small.by_ref) == COUNT
    assert size(small) <= 400_000
    assert tiny.side == SIDES[-1]
    assert 0 < len(tiny.by_ref) == COUNT - tiny.left_out < COUNT
    assert size(tiny) <= 30_000
    assert "p0" in tiny.by_ref  # the first are the most important


def test_pictures_that_are_gone_are_counted() -> None:
    def gone() -> Picture:
        raise NotFound("picture.gone")

    found = encode_all({"p1": gone, "p2": lambda: Picture(noise(1), 320, 240)})
    assert (list(found.by_ref), found.missing) == (["p2"], 1)
    assert encode_all({}) == Thumbnails()


def data_url(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def test_only_the_pixels_of_a_logo_are_left() -> None:
    out = io.BytesIO()
    told = PngInfo()
    told.add_text("Comment", "secret")
    noise(1, 900, 900).save(out, "PNG", pnginfo=told)
    given = read_logo(data_url(out.getvalue() + b"<script>secret</script>"))
    assert given
    url = encode_logo(open_picture(*given).pixels)
    data = base64.b64decode(url.partition(",")[2])
    assert b"secret" not in data
    assert len(data) < 2 * LOGO_BYTES
    with Image.open(io.BytesIO(data)) as image:
        assert image.width <= LOGO_SIZE[0] and image.height <= LOGO_SIZE[1]


@pytest.mark.parametrize(
    "url",
    [
        data_url(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "svg+xml"),
        data_url(b"<script>alert(1)</script>"),
        "data:text/html;base64,PGI+",
        "data:image/png;base64,***",
        "javascript:alert(1)",
        "https://example.org/logo.png",
        "/etc/passwd",
    ],
)
def test_what_is_no_picture_is_no_logo(url: str) -> None:
    with pytest.raises(BadImage):
        given = read_logo(url)
        assert given
        open_picture(*given)
