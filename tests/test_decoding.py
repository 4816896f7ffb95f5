"""What is too large to decode is refused, and decoding in strips changes no pixel."""

import io
import struct
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from searcher.errors import BadImage
from searcher.images.decoding import HELD_PIXELS
from searcher.images.depths import STRIP_PIXELS
from searcher.images.pictures import THUMBNAIL_SIZE, Picture, model_input, open_picture
from searcher.memory import limit_decoding
from tests.pictures import encode, paint, png_bomb


@pytest.fixture
def small_budget() -> Iterator[None]:
    limit_decoding(100)
    try:
        yield
    finally:
        limit_decoding(1500)


def test_what_is_above_the_budget_is_refused_with_the_limit(small_budget: None) -> None:
    with pytest.raises(BadImage, match=r"^cat\.png takes \d+ MB .* MEMORY_MB allows 100\.$"):
        open_picture(png_bomb(7000, 8, 4), "cat.png")
    assert open_picture(encode(paint(1))).width == 320


def test_a_tiff_with_a_huge_tile_is_refused_before_it_is_decoded() -> None:
    tags = {256: 100, 257: 100, 258: 8, 259: 5, 262: 1, 277: 1}  # size, bits, LZW, grey, samples
    tags |= {322: 60_000, 323: 60_000, 324: 8, 325: 64}  # a tile's size, where it is
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    data = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(100)
    with pytest.raises(BadImage, match=r"takes \d{4} MB of memory to decode"):
        open_picture(data)


def test_megabytes_of_exif_are_not_joined_and_the_picture_still_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(paint(2), exif=exif)
    surplus = b"\xff\xe1\xff\xff" + b"Exif\0\0" + bytes(65_527)
    first = data.index(b"\xff\xe1")
    end = first + 2 + int.from_bytes(data[first + 2 : first + 4], "big")
    picture = open_picture(data[:end] + surplus * 1600 + data[end:])
    assert picture.pixels.tobytes() == open_picture(data).pixels.tobytes()
    assert (picture.width, picture.height) == (240, 320)


def full_size(image: Image.Image) -> Image.Image:
    """What the picture was converted to at full size, all at once."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image, np.float64)
        high = values.max()
        if image.mode != "I":
            high = next(white for white in (1, 255, 1023, 65535) if high <= white)
        return Image.fromarray(np.rint(values / high * 255).astype(np.uint8))
    rgba = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def ramp(kind: npt.DTypeLike, top: float, size: tuple[int, int]) -> Image.Image:
    values = np.asarray(paint(3, size).convert("L"), np.float64) / 255 * top
    return Image.fromarray(values.astype(kind))


ORDINARY = (1700, 1300)  # more than one strip
MODES = {
    "1": ("PNG", lambda size: paint(3, size).convert("1")),
    "L": ("PNG", lambda size: paint(3, size).convert("L")),
    "LA": ("PNG", lambda size: see_through("LA", size)),
    "P": ("GIF", lambda size: paint(3, size).quantize(64)),
    "P, a clear colour": ("PNG", lambda size: paint(3, size).quantize(8)),
    "RGB": ("BMP", lambda size: paint(3, size)),
    "RGBA": ("PNG", lambda size: see_through("RGBA", size)),
    "CMYK": ("TIFF", lambda size: paint(3, size).convert("CMYK")),
    "I;16": ("PNG", lambda size: ramp(np.uint16, 65535, size)),
    "I;16B": ("TIFF", lambda size: ramp(np.dtype(">u2"), 65535, size)),
    "I": ("TIFF", lambda size: ramp(np.int32, 100_000, size)),
    "F, to 1": ("TIFF", lambda size: ramp(np.float32, 1, size)),
    "F, to 255": ("TIFF", lambda size: ramp(np.float32, 255, size)),
    "F, to 999": ("TIFF", lambda size: ramp(np.float32, 999, size)),
}


def see_through(mode: str, size: tuple[int, int]) -> Image.Image:
    image = paint(3, size).convert(mode)
    image.putalpha(paint(4, size).convert("L"))
    return image


@pytest.mark.parametrize("mode", MODES)
def test_strips_give_the_pixels_of_the_whole(mode: str) -> None:
    format, make = MODES[mode]
    assert ORDINARY[0] * ORDINARY[1] > STRIP_PIXELS
    options = {"transparency": 3} if "clear" in mode else {}
    data = encode(make(ORDINARY), format, **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(full_size(image).convert("RGB"), np.int16)
    got = np.asarray(open_picture(data).pixels, np.int16)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1


@pytest.mark.numbers
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16"])
def test_what_is_halved_gives_models_the_same_input(mode: str) -> None:
    """Within a grey level; at the hard edges of shapes a half row at the border counts more."""
    size = (5999, 4801)
    assert size[0] * size[1] > HELD_PIXELS
    format, make = MODES[mode]
    data = encode(make(size), format, **({"compress_level": 1} if format == "PNG" else {}))
    picture = open_picture(data)
    assert picture.pixels.size == (3000, 2401)
    assert (picture.width, picture.height) == size
    with Image.open(io.BytesIO(data)) as image:
        full = Picture(full_size(image).convert("RGB"), *size)
    for side in (224, THUMBNAIL_SIZE):
        pair = [model_input(one, side, side).astype(np.int16) for one in (picture, full)]
        difference = np.abs(pair[0] - pair[1])
        assert difference.mean() < 0.2
        assert np.percentile(difference, 99) <= 1


@pytest.mark.parametrize("size", [(1281, 961), (4032, 3024), (3001, 301)])
def test_photographs_keep_all_pixels(size: tuple[int, int]) -> None:
    """Models see small differences: JPEGs decoded at half their size give other vectors."""
    data = encode(paint(8, size), quality=92)
    with Image.open(io.BytesIO(data)) as image:
        assert open_picture(data).pixels.tobytes() == image.convert("RGB").tobytes()


def test_a_region_of_a_large_picture_keeps_its_pixels() -> None:
    image = paint(5, (4800, 4000))
    region = (0.5, 0.5, 0.6, 0.6)
    picture = open_picture(encode(image, "BMP"), side=6400, box=region)
    assert picture.pixels.size == (480, 400)
    expected = np.asarray(image.crop((2400, 2000, 2880, 2400)), np.int16)
    assert np.abs(np.asarray(picture.pixels, np.int16) - expected).max() <= 1


def test_threads_that_decode_leave_other_warnings_alone() -> None:
    odd = Image.new("P", (64, 64))
    odd.info["transparency"] = b"\0" * 256  # of which Pillow warns when it is converted
    files = [encode(paint(number)) for number in range(24)] + [encode(odd, "PNG")] * 8
    open_picture(files[0])
    before = list(warnings.filters)
    for _ in range(30):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(open_picture, files))
        assert list(warnings.filters) == before
    with pytest.warns(UserWarning, match="seen"):
        warnings.warn("it is seen", UserWarning, stacklevel=1)


def test_oddities_of_pictures_are_not_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    out = io.BytesIO()
    # More pixels than Pillow likes.
    Image.new("1", (10_000, 9_000)).save(out, "PNG")
    assert open_picture(out.getvalue()).width == 10_000
    assert not recwarn.list
