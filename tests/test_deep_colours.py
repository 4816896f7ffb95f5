"""Pictures with 16 bits a sample keep them until they are in sRGB, whatever space they are in."""

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pillow_heif import from_bytes

from searcher.images.containers.picture_file import ColourTags
from searcher.images.deep_colours import deep_conversion
from tests.picture_files import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    Pixels,
    decoded,
    deep_png,
    parametric,
    profile,
    table_profile,
    tiff,
)
from tests.pictures import encode, paint

pytestmark = pytest.mark.pixels

PICTURE = np.asarray(paint(5, (80, 60)))
REC_709 = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))
SPACES = {
    "Adobe RGB": (2.2, ADOBE_RGB),
    "Display P3": (2.2, DISPLAY_P3),
    "ProPhoto": (1.8, PROPHOTO),
    "linear": (1.0, REC_709),
}


def light_of(pixels: Pixels) -> npt.NDArray[np.float64]:
    values = pixels.astype(np.float64) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def stored(name: str, pixels: Pixels = PICTURE) -> tuple[npt.NDArray[np.uint16], bytes]:
    """The samples that mean the same colours in a space, and its profile."""
    gamma, columns = SPACES[name]
    to_own = np.linalg.solve(np.array(columns).T, np.array(REC_709).T)
    exponent = round(gamma * 256) / 256  # as the profile has it
    own = np.clip(light_of(pixels) @ to_own.T, 0, 1) ** (1 / exponent)
    return (own * 65535).round().astype(np.uint16), profile(b"RGB ", gamma, columns)


def with_profile(icc: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"p\0\0" + zlib.compress(icc)


def opaque(samples: Pixels) -> npt.NDArray[np.uint16]:
    return np.dstack([samples, np.full(samples.shape[:2], 65535)]).astype(np.uint16)


@pytest.mark.parametrize("name", SPACES)
def test_no_colour_loses_a_level_in_any_layout(name: str) -> None:
    samples, icc = stored(name)
    shown = decoded(deep_png(samples, 2, with_profile(icc)))
    assert np.abs(shown - PICTURE).max() <= 1
    assert np.abs(shown - PICTURE).mean() < 0.05
    layouts = (
        deep_png(samples, 2, with_profile(icc), interlaced=True),
        deep_png(opaque(samples), 6, with_profile(icc)),
        tiff(samples, 2, icc=icc),
        tiff(samples, 2, ">", icc=icc),
        tiff(samples, 2, icc=icc, t284=[2]),
        tiff(opaque(samples), 2, icc=icc, t338=[2]),
        tiff(opaque(samples), 2, ">", icc=icc, t284=[2], t338=[2]),
        tiff((samples / 65535).astype(np.float32), 2, icc=icc),
    )
    for data in layouts:
        assert (decoded(data) == shown).all()


def test_hidden_colours_lie_on_white() -> None:
    samples, icc = stored("ProPhoto")
    clear = opaque(samples)
    clear[:30, :, 3] = 0
    expected = PICTURE.copy()
    expected[:30] = 255
    for data in (
        deep_png(clear, 6, with_profile(icc)),
        deep_png(clear, 6, with_profile(icc), interlaced=True),
        tiff(clear, 2, icc=icc, t338=[2]),
    ):
        assert np.abs(decoded(data) - expected).max() <= 1


@pytest.mark.parametrize("interlaced", [False, True])
def test_one_colour_may_be_clear(interlaced: bool) -> None:
    samples, icc = stored("ProPhoto")
    key = samples[9, 9]
    assert (key >> 8 != key & 255).all()
    chunks = with_profile(icc), (b"tRNS", struct.pack(">3H", *key.tolist()))
    expected = PICTURE.copy()
    expected[(samples == key).all(-1)] = 255
    shown = decoded(deep_png(samples, 2, *chunks, interlaced=interlaced))
    assert np.abs(shown - expected).max() <= 1


def test_fewer_bits_in_sixteen_are_found_there_too() -> None:
    samples, icc = stored("ProPhoto")
    twelve = (samples >> 4).astype(np.uint16)
    twelve[0, 0] = 4095
    for data in (deep_png(twelve, 2, with_profile(icc)), tiff(twelve, 2, icc=icc, t284=[2])):
        assert np.abs(decoded(data)[1:] - PICTURE[1:]).mean() < 0.2
    dark, icc = stored("ProPhoto", PICTURE // 16)
    for data in (deep_png(dark, 2, with_profile(icc), (b"sBIT", b"\x10" * 3)),):
        assert np.abs(decoded(data) - PICTURE // 16).max() <= 1


NUMBERS = {
    "linear": ("linear", [(b"cICP", bytes([1, 8, 0, 1]))]),
    "gAMA": ("linear", [(b"gAMA", struct.pack(">I", 100_000))]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_png_may_name_its_space_by_numbers(name: str) -> None:
    space, chunks = NUMBERS[name]
    shown = decoded(deep_png(stored(space)[0], 2, *chunks))
    assert np.abs(shown - PICTURE).max() <= 1
    assert np.abs(shown - PICTURE).mean() < 0.05


def test_greys_keep_every_level() -> None:
    greys = np.arange(256, dtype=np.uint8)[None].repeat(8, 0)
    samples = (light_of(greys) * 65535).round().astype(np.uint16)
    for icc in (profile(b"GRAY", 1.0), profile(b"RGB ", 1.0, REC_709)):
        for data in (
            deep_png(samples, 0, with_profile(icc)),
            deep_png(opaque(samples), 4, with_profile(icc)),
            deep_png(opaque(samples), 4, with_profile(icc), interlaced=True),
            tiff(samples, 1, icc=icc),
            tiff(opaque(samples), 1, icc=icc, t338=[2]),
            tiff((samples / 65535).astype(np.float32), 1, icc=icc),
        ):
            assert (decoded(data) == greys[..., None]).all()


def test_dark_greys_of_eight_bits_are_calculated_one_by_one() -> None:
    """What LittleCMS precalculates for greys in linear light is off by 10 levels."""
    greys = np.arange(256, dtype=np.uint8)[None]
    expected = np.where(greys / 255 <= 0.0031308, 12.92 * greys / 255, 0)
    expected = np.maximum(expected, 1.055 * (greys / 255) ** (1 / 2.4) - 0.055) * 255
    data = encode(Image.fromarray(greys), "PNG", icc_profile=profile(b"GRAY", 1.0))
    assert np.abs(decoded(data)[..., 0] - expected).max() <= 1


# Each kind of parametric curve, in which black may have some light.
PARAMETERS = (
    (2.3,),
    (2.4, 0.95, 0.05),
    (2.4, 0.95, 0.03, 0.01),
    (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081),
    (2.4, 0.9, 0.05, 0.05, 0.04, 0.002, 0.0027),
)


@pytest.mark.parametrize("kind", range(5))
def test_parametric_curves_are_those_of_littlecms(kind: int) -> None:
    icc = parametric(profile(b"RGB ", 2.2, PROPHOTO), kind, *PARAMETERS[kind])
    grey = parametric(profile(b"GRAY", 2.2), kind, *PARAMETERS[kind])
    # Which is compared with LittleCMS before it is used.
    assert deep_conversion(ColourTags(icc=icc), is_grey=False)
    assert deep_conversion(ColourTags(icc=grey), is_grey=True)
    ramp = np.linspace(0, 65535, 4096).astype(np.uint16).reshape(1, -1, 1).repeat(3, -1)
    levels = decoded(deep_png(ramp, 2, with_profile(icc)))[0, :, 1]
    assert set(np.diff(levels)) == {0, 1}


def test_what_a_table_means_is_left_to_littlecms() -> None:
    icc = table_profile()
    assert deep_conversion(ColourTags(icc=icc), is_grey=False) is None
    samples = PICTURE[..., ::-1].astype(np.uint16) * np.uint16(257)
    for data in (deep_png(samples, 2, with_profile(icc)), tiff(samples, 2, icc=icc)):
        assert np.abs(decoded(data) - PICTURE).mean() < 3


@pytest.mark.parametrize("mode", ["RGB;16", "RGBA;16"])
def test_heic_keeps_ten_bits(mode: str) -> None:
    samples, icc = stored("linear")
    samples = opaque(samples) if mode == "RGBA;16" else samples
    heif = from_bytes(mode, (80, 60), samples.tobytes())
    out = io.BytesIO()
    heif.save(out, quality=-1, chroma=444, matrix_coefficients=0, icc_profile=icc)
    shown = decoded(out.getvalue())
    # A step of ten bits in linear light is three levels in the dark, and one of eight bits 13.
    assert np.abs(shown - PICTURE).max() <= 3
    assert np.abs(shown - PICTURE).mean() < 0.3


def test_a_damaged_profile_decides_over_no_pixel() -> None:
    """It is left out, or LittleCMS makes the same of it."""
    samples, icc = stored("ProPhoto")
    generator = np.random.default_rng(1)
    for _ in range(60):
        damaged = bytearray(icc)
        for place in generator.integers(128, len(icc), 2):
            damaged[place] = generator.integers(0, 256)
        eight = Image.fromarray((samples >> 8).astype(np.uint8))
        by_eight = decoded(encode(eight, "PNG", icc_profile=bytes(damaged)))
        shown = decoded(deep_png(samples, 2, with_profile(bytes(damaged))))
        assert np.abs(shown - by_eight).mean() < 4
