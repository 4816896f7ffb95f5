"""TIFF samples of any number of bits, and in layouts that Pillow lacks or takes for others."""

import struct
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from tests.picture_files import Pixels, apart, tiff
from tests.pictures import paint

pytestmark = pytest.mark.pixels

PICTURE = paint(5, (80, 60))
GREYS = PICTURE.convert("L")
FEW = PICTURE.quantize(64)
RGB, GREY, INKS = (np.asarray(image) for image in (PICTURE, GREYS, PICTURE.convert("CMYK")))


def packed(samples: Pixels, bits: int) -> bytes:
    """A TIFF of samples [H, W, C], 0 to 255, with so many bits; each row begins with a new byte."""
    values = (samples.astype(np.float64) * (((1 << bits) - 1) / 255)).round().astype(">u2")
    single = np.unpackbits(values.view(np.uint8).reshape(*samples.shape, 2), axis=-1)
    rows = np.packbits(single[..., 16 - bits :].reshape(len(samples), -1), axis=1)
    width, channels = samples.shape[1:]
    each = [bits] * channels
    kind = 1 if channels < 3 else 2
    return tiff(rows, kind, t256=[width], t258=each, t277=[channels], t339=[1] * channels)


@pytest.mark.parametrize("bits", [2, 4, 6, 10, 12, 14])
def test_samples_may_have_any_number_of_bits(bits: int) -> None:
    for samples, image in ((RGB[:, :77], PICTURE), (GREY[:, :77, None], GREYS)):
        assert apart(packed(samples, bits), image.crop((0, 0, 77, 60))) < max(1, 100 >> bits)


def in_palette(factor: int) -> bytes:
    """A TIFF of 64 colours whose values are multiplied."""
    colours = np.zeros((3, 256), np.uint32)
    colours[:, :64] = np.array(FEW.getpalette()).reshape(-1, 3)[:64].T * factor
    data = tiff(np.asarray(FEW), 3, t320=colours.ravel().tolist())
    as_shorts = colours.astype("<u2").tobytes()
    typed = data.replace(struct.pack("<HHI", 320, 4, 768), struct.pack("<HHI", 320, 3, 768))
    return typed.replace(colours.tobytes(), as_shorts.ljust(colours.nbytes, b"\0"))


def without(data: bytes, tag: int) -> bytes:
    """A TIFF of which a tag has a number that nobody knows."""
    place = data.index(struct.pack("<HHI", tag, 4, 1))
    return data[:place] + struct.pack("<H", 65_000) + data[place + 2 :]


def lab() -> npt.NDArray[np.uint8]:
    """L, and a and b with their signs, of the picture."""
    srgb, target = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    image = ImageCms.profileToProfile(PICTURE, srgb, target, outputMode="LAB")
    assert image is not None
    return np.asarray(image, np.uint8)


LAB, SIGNS = lab(), np.array([0, 128, 128], np.uint8)
OPAQUE = np.full(GREY.shape, 255, np.uint8)
LAYOUTS = {
    "grey and alpha, in planes": (
        tiff(np.dstack([GREY, OPAQUE]), 1, t284=[2], t338=[2]),
        GREYS,
    ),
    "inks of 16 bits, in planes": (tiff(INKS * np.uint16(257), 5, t284=[2]), PICTURE),
    "inks and alpha": (tiff(np.dstack([INKS, OPAQUE]), 5, t338=[2]), PICTURE),
    "LAB": (tiff(LAB, 8), PICTURE),
    "LAB of the ICC": (tiff(LAB ^ SIGNS, 9), PICTURE),
    "LAB of 16 bits": (tiff(LAB * np.uint16(257), 8), PICTURE),
    "LAB of 16 bits of the ICC, in planes": (
        tiff((LAB ^ SIGNS) * np.uint16(256), 9, t284=[2]),
        PICTURE,
    ),
    "samples without a format": (tiff(RGB, 2, t339=[4] * 3), PICTURE),
    "colours that nothing says are RGB": (without(tiff(RGB, 2), 262), PICTURE),
    "a palette of 8 bits": (in_palette(1), FEW),
    "a palette of 16 bits": (in_palette(257), FEW),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_shows_the_same_picture(name: str) -> None:
    data, image = LAYOUTS[name]
    assert apart(data, image) < (2 if name.startswith("LAB") else 0.5)


@pytest.mark.parametrize("factor", [1, 2**4 + 2**-4, 257, 2**24 + 2**16 + 2**8 + 1])
def test_whole_numbers_of_32_bits_are_not_stretched(factor: float) -> None:
    """White is all bits, or 8, 12 or 16 of them."""
    soft = np.clip(RGB, 20, 230).astype(np.float64)
    expected = Image.fromarray(soft.astype(np.uint8))
    for samples, image in ((soft, expected), (soft[..., 1], expected.getchannel("G"))):
        stored = (samples * factor).round().astype(np.uint32)
        kind = 1 if samples.ndim == 2 else 2
        assert apart(tiff(stored, kind), image) < 0.5
        assert apart(tiff(stored, kind, ">"), image) < 0.5


@pytest.mark.parametrize(("kind", "top"), [("i2", 32767), ("i4", 65535), ("i4", 2**31 - 1)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_sign_stretches_nothing(kind: str, top: int, order: Literal["<", ">"]) -> None:
    """0 is black; with as many negative values it is the middle. A part looks as in the whole."""
    levels = (RGB[..., 1] / 255 * top).round()
    levels[0, 0] = top  # the brightest
    image = Image.fromarray((levels / top * 255).round().astype(np.uint8))
    middle = 2 * levels - top
    for values, white in [(levels, top), (middle, top), (levels * 4095 // top, 4095)]:
        for photometric in (0, 1):
            stored = values.astype(kind)
            shown = image.point(lambda level: 255 - level) if not photometric else image
            assert apart(tiff(stored, photometric, order), shown) < 0.6, (white, photometric)
    few = levels.copy()
    few[5:9, 5:9] = -top // 5
    shown = image.copy()
    shown.paste(0, (5, 5, 9, 9))
    assert apart(tiff(few.astype(kind), 1, order), shown) < 0.6
    half = levels // 2 if top != 65535 else levels * 0.7
    expected = Image.fromarray((half / top * 255).round().astype(np.uint8))
    assert apart(tiff(half.astype(kind), 1, order), expected) < 0.6


def test_signs_of_8_bits_do_not_count() -> None:
    """As in libtiff, Pillow and ImageMagick."""
    for samples, kind in ((RGB, 2), (RGB[..., 1], 1)):
        for planar in (1, 2):
            data = tiff(samples.view(np.int8), kind, t284=[planar])
            assert apart(data, Image.fromarray(samples)) == 0
