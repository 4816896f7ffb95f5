"""Opening pictures, preparing them for models, thumbnails and ids."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from searcher.errors import BadImage
from searcher.images.pictures import (
    ICON_SIDE,
    THUMBNAIL_SIZE,
    identify,
    model_input,
    open_picture,
    reencode,
    thumbnail,
)
from tests.pictures import encode, paint

# What each orientation tag asks of a viewer, undone: how a camera would have stored the picture.
STORED = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


def difference(a: Image.Image, b: Image.Image) -> float:
    """Mean absolute difference of two pictures in grey levels, 0 to 255."""
    assert a.size == b.size
    pair = [np.asarray(image, dtype=np.float32) for image in (a, b)]
    return float(np.abs(pair[0] - pair[1]).mean())


def png_header(width: int, height: int) -> bytes:
    """The start of a PNG that claims a size, followed by almost no data."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    chunks += [(b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_every_format_opens(format: str) -> None:
    original = paint(3)
    options = {"lossless": True} if format == "WEBP" else {}
    picture = open_picture(encode(original, format, **options))
    assert picture.pixels.mode == "RGB"
    assert (picture.width, picture.height) == original.size
    assert difference(picture.pixels, original) < 12


@pytest.mark.parametrize("size", [(640, 480), (170, 900), (2500, 1250), (200, 100)])
def test_icons_are_small_and_look_like_the_picture(size: tuple[int, int]) -> None:
    picture = open_picture(encode(paint(3, size), "PNG"))
    assert picture.icon.size == tuple(min(ICON_SIDE, max(size)) * n // max(size) for n in size)
    for side in (96, ICON_SIDE):
        icon = Image.open(io.BytesIO(reencode(picture, side, quality=90)))
        assert max(icon.size) == min(side, max(size))
        exact = picture.pixels.resize(icon.size, Image.Resampling.BICUBIC)
        assert difference(icon, exact) < 6


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF"])
def test_of_several_frames_the_first_counts(format: str) -> None:
    first, second = paint(1), paint(2)
    data = encode(first, format, save_all=True, append_images=[second])
    pixels = open_picture(data).pixels
    assert difference(pixels, first) < difference(pixels, second) / 2


@pytest.mark.parametrize("orientation", STORED)
def test_pictures_stand_upright(orientation: int) -> None:
    upright = paint(5, (300, 200))
    stored = upright
    for turn in STORED[orientation]:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(encode(stored, quality=95, exif=exif))
    assert (picture.width, picture.height) == upright.size
    assert difference(picture.pixels, upright) < 8


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "PNG"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("YCbCr", "JPEG"),
        ("I", "TIFF"),
        ("F", "TIFF"),
    ],
)
def test_every_colour_mode_becomes_rgb(mode: str, format: str) -> None:
    image = paint(6)
    picture = open_picture(encode(image.convert(mode), format))
    assert picture.pixels.mode == "RGB"
    if mode == "1":
        assert set(np.unique(np.asarray(picture.pixels))) == {0, 255}
    elif mode in ("L", "LA", "I", "F"):
        assert difference(picture.pixels.convert("L"), image.convert("L")) < 2
    else:
        assert difference(picture.pixels, image.convert(mode).convert("RGB")) < 10


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(16, 0)
    grey = np.asarray(open_picture(encode(Image.fromarray(ramp), "PNG")).pixels)[0, :, 0]
    assert np.abs(grey.astype(int) - np.arange(256)).max() <= 1


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert open_picture(encode(clear, "PNG")).pixels.getpixel((5, 5)) == (255, 255, 255)


def test_large_jpegs_are_decoded_at_reduced_size() -> None:
    picture = open_picture(encode(Image.new("RGB", (8000, 6000))))
    assert (picture.width, picture.height) == (8000, 6000)
    assert picture.pixels.size == (4000, 3000)


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_odd_sizes_work(size: tuple[int, int]) -> None:
    picture = open_picture(encode(Image.new("RGB", size, "teal"), "PNG"))
    assert model_input(picture, 64, 64).shape == (64, 64, 3)
    with Image.open(io.BytesIO(thumbnail(picture))) as small:
        assert small.format == "JPEG"
        assert max(small.size) <= THUMBNAIL_SIZE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"just some text", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format SVG, which is not read"),
        (b"%PDF-1.7\n", "format PDF, which is not read"),
        (encode(paint(1))[:2000], "damaged or cut off"),
        (encode(paint(1), "PNG")[:2000], "damaged or cut off"),
        (png_header(50_000, 50_000), "megapixels"),
        (png_header(9_000, 9_000), "damaged or cut off"),
    ],
    ids=["empty", "text", "svg", "pdf", "cut jpeg", "cut png", "bomb", "large"],
)
def test_bad_input_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadImage, match=words) as raised:
        open_picture(data, "cat.jpg")
    assert str(raised.value).startswith("cat.jpg ")
    assert str(raised.value).endswith(".")


def test_garbage_after_the_picture_does_no_harm() -> None:
    assert open_picture(encode(paint(1)) + b"garbage" * 100).pixels.size == (320, 240)


def test_thumbnails_carry_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    data = encode(paint(1), exif=exif, comment=b"secret words", icc_profile=b"secret colours")
    assert data.count(b"secret") == 3
    assert b"secret" not in thumbnail(open_picture(data))


def test_ids_are_positive_63_bit_numbers_of_the_content() -> None:
    number, digest = identify(b"hello")
    # BLAKE2b-128 of "hello", also given by: printf hello | b2sum -l 128
    assert digest == "46fb7408d4f285228f4af516ea25851b"
    assert number == 0x46FB7408D4F28522
    assert identify(b"hello") != identify(b"hallo")
    assert all(0 < identify(bytes([i]))[0] < 2**63 for i in range(256))


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"]))
def test_damaged_files_open_or_are_refused(data: st.DataObject, format: str) -> None:
    """Whatever is flipped, the outcome is a picture or a BadImage, nothing else."""
    damaged = bytearray(encode(paint(4, (64, 48)), format))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = open_picture(bytes(damaged))
    except BadImage:
        return
    assert picture.pixels.mode == "RGB"
    assert model_input(picture, 32, 32).shape == (32, 32, 3)
