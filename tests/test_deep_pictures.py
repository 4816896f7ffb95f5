"""Pictures of more than eight bits a sample, and odd samples: visible, and dark where they are."""

import io
import zlib
from collections.abc import Callable, Iterable
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from searcher.images.pictures import open_picture, thumbnail
from tests.picture_files import Pixels, apart, bmp, decoded, deep_png, tiff
from tests.pictures import encode, paint

pytestmark = pytest.mark.pixels

PICTURE = paint(5, (80, 60))
RGB = np.asarray(PICTURE).astype(np.float64)
GREY = np.asarray(PICTURE.convert("L")).astype(np.float64)


GREYS = Image.fromarray(GREY.astype(np.uint8))


def scaled(samples: Pixels, white: int) -> npt.NDArray[np.uint16]:
    """The samples with some white, which the brightest of them is."""
    values = samples.astype(np.float64)
    return (values / values.max() * white).round().astype(np.uint16)


def in_eight(samples: Pixels) -> Image.Image:
    values = samples.astype(np.float64)
    return Image.fromarray((values / values.max() * 255).round().astype(np.uint8))


def with_opaque(samples: Pixels, white: int) -> Pixels:
    return np.dstack([samples, np.full(samples.shape[:2], white, samples.dtype)])


Write = Callable[[Pixels, int], bytes]
WRITERS: dict[str, tuple[Pixels, Write]] = {
    "grey PNG": (GREY, lambda s, white: deep_png(s, 0)),
    "grey and alpha PNG": (GREY, lambda s, white: deep_png(with_opaque(s, white), 4)),
    "RGB PNG": (RGB, lambda s, white: deep_png(s, 2)),
    "RGB and alpha PNG": (RGB, lambda s, white: deep_png(with_opaque(s, white), 6)),
    "grey TIFF": (GREY, lambda s, white: tiff(s, 1)),
    "grey TIFF, big-endian": (GREY, lambda s, white: tiff(s, 1, ">")),
    "RGB TIFF": (RGB, lambda s, white: tiff(s, 2)),
    "RGB TIFF, big-endian": (RGB, lambda s, white: tiff(s, 2, ">")),
    "RGB TIFF in planes": (RGB, lambda s, white: tiff(s, 2, t284=[2])),
    "RGB TIFF in planes, big-endian": (RGB, lambda s, white: tiff(s, 2, ">", t284=[2])),
    "grey and alpha TIFF": (GREY, lambda s, white: tiff(with_opaque(s, white), 1, t338=[2])),
    "grey JPEG 2000": (GREY, lambda s, white: encode(Image.fromarray(s), "JPEG2000")),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_fewer_bits_in_sixteen_are_visible(name: str, bits: int) -> None:
    samples, write = WRITERS[name]
    white = (1 << bits) - 1
    data = write(scaled(samples, white), white)
    assert apart(data, in_eight(samples)) < 1
    with Image.open(io.BytesIO(thumbnail(open_picture(data)))) as small:
        assert np.asarray(small).max() >= 250


def test_white_may_be_zero_there() -> None:
    assert apart(tiff(65535 - scaled(GREY, 65535), 0), in_eight(GREY)) < 1


@pytest.mark.parametrize("name", WRITERS)
def test_a_dark_picture_of_sixteen_bits_stays_dark(name: str) -> None:
    samples, write = WRITERS[name]
    assert decoded(write(scaled(samples, 9000), 65535)).max() in (34, 35)


STAYS_DARK = {
    "says that all bits count": deep_png(scaled(GREY, 4000), 0, (b"sBIT", b"\x10")),
    "eight bits, each byte twice": deep_png((scaled(GREY, 15) * 257).astype(np.uint16), 0),
    "eight bits, shifted": deep_png((scaled(RGB, 15) * 256).astype(np.uint16), 2),
    "TIFF that says its largest value": tiff(scaled(GREY, 4000), 1, t281=[65535]),
}


@pytest.mark.parametrize("name", STAYS_DARK)
def test_what_says_that_it_is_dark_is(name: str) -> None:
    assert decoded(STAYS_DARK[name]).max() <= 16


def test_a_tiff_may_say_how_many_bits_count() -> None:
    assert decoded(tiff(scaled(GREY, 1500), 1, t281=[4095])).max() in (93, 94)
    packed = scaled(GREY, 1500)
    pairs = packed.reshape(-1, 2).astype(np.uint32)
    joined = pairs[:, 0] << 12 | pairs[:, 1]
    body = np.stack([joined >> 16, joined >> 8 & 255, joined & 255], -1).astype(np.uint8)
    data = tiff(body.reshape(60, -1), 1, t256=[80], t258=[12])
    assert decoded(data).max() in (93, 94)


BEYOND, BEYOND_RGB = (
    image.point(lambda level: max(0, min(255, 255 * (level / 128 - 0.5))))
    for image in (GREYS, PICTURE)
)
FLOATS = {
    "grey": (tiff((GREY / 255).astype(np.float32), 1), GREYS),
    "grey, big-endian": (tiff((GREY / 255).astype(np.float32), 1, ">"), GREYS),
    "grey of 16 bits": (tiff((GREY / 255).astype(np.float16), 1), GREYS),
    "grey of 64 bits": (tiff(GREY / 255, 1), GREYS),
    "RGB": (tiff((RGB / 255).astype(np.float32), 2), PICTURE),
    "RGB in planes": (tiff((RGB / 255).astype(np.float32), 2, ">", t284=[2]), PICTURE),
    "RGB to 255": (tiff(RGB.astype(np.float32), 2), PICTURE),
    "RGB to 65535": (tiff((RGB * 257.0).astype(np.float32), 2), PICTURE),
    "dark": (tiff((GREY / 2550).astype(np.float32), 1), GREYS.point(lambda level: level / 10)),
    "beyond black and white": (tiff((GREY / 128 - 0.5).astype(np.float32), 1), BEYOND),
    "beyond them, RGB": (tiff((RGB / 128 - 0.5).astype(np.float32), 2), BEYOND_RGB),
    "beyond them, 64 bits": (tiff(GREY / 128 - 0.5, 1), BEYOND),
}


@pytest.mark.parametrize("name", FLOATS)
def test_floats_are_scaled(name: str) -> None:
    assert apart(*FLOATS[name]) < 1


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_does_not_darken_the_rest(odd: float) -> None:
    values = (GREY / 255).astype(np.float32)
    values[0, 0] = odd
    assert apart(tiff(values, 1), GREYS) < 1
    assert decoded(tiff(values, 1))[0, 0].max() == (255 if odd == np.inf else 0)


def test_deflated_differences_are_summed() -> None:
    """Predictors 2 and 3 of TIFF, which Pillow writes for no floats."""
    values = np.round(RGB * 257).astype(np.uint16)
    steps = np.diff(values, axis=1, prepend=np.zeros((60, 1, 3), np.uint16))
    assert apart(tiff(steps.astype(np.uint16), 2, t284=[2], t317=[2]), PICTURE) < 1
    floats = (RGB / 255).astype(">f4").view(np.uint8).reshape(60, -1, 4)
    planes = floats.transpose(0, 2, 1).reshape(60, -1, 3)
    bytes_ = np.diff(planes.astype(np.int16), axis=1, prepend=0).astype(np.uint8).reshape(60, -1)
    data = tiff(bytes_, 2, t256=[80], t258=[32] * 3, t277=[3], t317=[3], t339=[3] * 3)
    assert apart(data, PICTURE) < 1


def tiles(samples: Pixels, order: Literal["<", ">"] = "<", predictor: int = 1) -> bytes:
    """A deflated TIFF in tiles of 32 x 16 pixels [H, W, 3], each plane on its own."""
    padded = np.pad(samples, ((0, 4), (0, 16), (0, 0)), "edge")
    parts = []
    for top, left in product(range(0, 64, 16), range(0, 96, 32)):
        tile = padded[top : top + 16, left : left + 32].transpose(2, 0, 1)
        if predictor == 2:
            tile = np.diff(tile, axis=-1, prepend=np.zeros_like(tile[..., :1]))
        parts.append(tile.astype(samples.dtype.newbyteorder(order)))
    packed = [zlib.compress(part[n].tobytes()) for n in range(3) for part in parts]

    def head(places: Iterable[int]) -> bytes:
        tags = {"t259": [8], "t284": [2], "t317": [predictor], "t322": [32], "t323": [16]}
        sizes = map(len, packed)
        file = tiff(samples, 2, order, b"", **tags, t324=places, t325=sizes)
        return file[: -samples.nbytes]

    start = len(head([0] * 36))
    return head(np.cumsum([start, *map(len, packed)])[:-1]) + b"".join(packed)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiles_of_deep_planes(order: Literal["<", ">"]) -> None:
    """In which Pillow takes 16 bits for 8, and which it does not read as floats."""
    deep = np.round(RGB * 257).astype(np.uint16)
    for data in (tiles(deep, order), tiles(deep, order, 2), tiles((RGB / 255).astype("f4"), order)):
        assert apart(data, PICTURE) < 1


def test_floats_that_libtiff_unpacks_are_in_its_order() -> None:
    greys = (GREY / 255).astype(np.float32)
    packed = zlib.compress(greys.astype(">f4").tobytes())
    data = tiff(greys, 1, ">", t259=[8], t279=[len(packed)])[: -greys.nbytes] + packed
    assert apart(data, GREYS) < 1


FOUR = np.dstack([RGB, GREY]).astype(np.uint8)
CLEAR = np.dstack([RGB // 2, np.full(GREY.shape, 128)]).astype(np.uint8)
HALF = Image.fromarray(np.clip((RGB + 255) / 2, 0, 255).astype(np.uint8))
ODD = {
    "premultiplied": (tiff(CLEAR, 2, t338=[1]), HALF),
    "premultiplied, 16 bits": (tiff(CLEAR * np.uint16(257), 2, t338=[1]), HALF),
    "premultiplied, in planes": (tiff(CLEAR * np.uint16(257), 2, t284=[2], t338=[1]), HALF),
    "premultiplied, floats": (tiff((CLEAR / 255).astype(np.float32), 2, t338=[1]), HALF),
    "one pixel wide, in planes": (
        tiff(RGB[:, :1].astype(np.uint16) * 257, 2, t284=[2]),
        PICTURE.crop((0, 0, 1, 60)),
    ),
    "a channel without meaning": (tiff(FOUR, 2, t338=[0]), PICTURE),
    "planes of eight bits": (tiff(RGB.astype(np.uint8), 2, t284=[2]), PICTURE),
    "BMP, the first row first": (bmp(PICTURE, 24, up=-1), PICTURE),
    "BMP of 16 bits": (bmp(PICTURE, 16), PICTURE.point(lambda v: (v >> 3) * 255 // 31)),
    "BMP of 32 bits": (bmp(PICTURE, 32), PICTURE),
    "BMP with masks, and alpha never set": (
        bmp(PICTURE, 32, masks=bytes.fromhex("0000ff0000ff0000ff000000000000ff")),
        PICTURE,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_layouts_show_the_same_picture(name: str) -> None:
    assert apart(*ODD[name]) < 1.5
