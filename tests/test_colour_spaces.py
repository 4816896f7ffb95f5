"""Pictures have the colours that a viewer shows, whatever space their values are in."""

import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

from searcher.images.pictures import open_picture
from tests.picture_files import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    apart,
    as_stored,
    bmp,
    decoded,
    deep_png,
    half,
    ink_profile,
    profile,
    with_chunks,
)
from tests.pictures import encode, paint

pytestmark = pytest.mark.pixels

# Soft colours: the spaces have the hard ones too, but eight bits of ProPhoto step over greys.
PICTURE = paint(5, (160, 120)).resize((80, 60), Image.Resampling.BICUBIC)
WIDE = {
    "Adobe RGB": profile(b"RGB ", 2.2, ADOBE_RGB),
    "Display P3": profile(b"RGB ", 2.2, DISPLAY_P3),
    "ProPhoto": profile(b"RGB ", 1.8, PROPHOTO),
}
CARRIERS: dict[str, tuple[str, dict[str, object], float]] = {
    "PNG": ("PNG", {}, 1.5),
    "TIFF": ("TIFF", {}, 1.5),
    "TIFF LZW": ("TIFF", {"compression": "tiff_lzw"}, 1.5),
    "WebP": ("WEBP", {"lossless": True}, 1.5),
    "JPEG": ("JPEG", {"quality": 98, "subsampling": 0}, 4),
    "AVIF": ("AVIF", {"quality": 98, "subsampling": "4:4:4"}, 4),
    "HEIC": ("HEIF", {"quality": 98, "chroma": 444}, 4),
}
# White, red, green and blue of Adobe RGB as PNG's cHRM has them.
POINTS = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)


@pytest.mark.parametrize("space", WIDE)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_profile_counts_in_every_format(carrier: str, space: str) -> None:
    format, options, most = CARRIERS[carrier]
    stored = as_stored(PICTURE, WIDE[space])
    assert apart(encode(stored, "PNG"), PICTURE) > 4  # by a reader that knows no profiles
    assert apart(encode(stored, format, icc_profile=WIDE[space], **options), PICTURE) < most


@pytest.mark.parametrize("space", WIDE)
def test_a_profile_counts_in_every_mode(space: str) -> None:
    icc = WIDE[space]
    stored = as_stored(PICTURE, icc)
    few = stored.quantize(255)
    shown = as_stored(PICTURE, icc).quantize(255).convert("RGB")
    expected = Image.fromarray(decoded(encode(shown, "PNG", icc_profile=icc)).astype(np.uint8))
    assert apart(encode(stored.convert("RGBA"), "PNG", icc_profile=icc), PICTURE) < 1.5
    assert apart(encode(few, "PNG", icc_profile=icc), expected) == 0
    clear = bytes([255] * 255)
    assert apart(encode(few, "PNG", icc_profile=icc, transparency=clear), expected) == 0
    assert apart(bmp(stored, 24, icc=icc), PICTURE) < 1.5


def test_jpeg_2000_has_its_profile_in_a_box() -> None:
    for method in (2, 3):
        data = encode(as_stored(PICTURE, WIDE["ProPhoto"]), "JPEG2000", irreversible=False)
        place = data.index(b"colr") - 4
        size = int.from_bytes(data[place : place + 4], "big")
        body = b"colr" + bytes([method, 0, 0]) + WIDE["ProPhoto"]
        longer = (len(body) + 4).to_bytes(4, "big") + body
        header = data.index(b"jp2h") - 4
        total = int.from_bytes(data[header : header + 4], "big") + len(longer) - size
        changed = data[:header] + total.to_bytes(4, "big") + data[header + 4 : place] + longer
        assert apart(changed + data[place + size :], PICTURE) < 1.5


def test_transparency_lies_on_a_white_that_no_profile_changes() -> None:
    clear = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    assert decoded(encode(clear, "PNG", icc_profile=WIDE["ProPhoto"])).min() == 255


def grey_stored(gamma: float) -> Image.Image:
    values = np.asarray(PICTURE.convert("L")) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return Image.fromarray((light ** (1 / gamma) * 255).round().astype(np.uint8))


@pytest.mark.parametrize("gamma", [1.8, 2.6])
def test_greys_have_profiles_too(gamma: float) -> None:
    icc, stored = profile(b"GRAY", gamma), grey_stored(gamma)
    deep = Image.fromarray(np.asarray(stored, np.uint16) * 257)
    grey = PICTURE.convert("L")
    for image, format in [(stored, "PNG"), (stored.convert("LA"), "PNG"), (deep, "PNG")]:
        assert apart(encode(image, format, icc_profile=icc), grey) < 1.5
    assert apart(encode(stored, "TIFF", icc_profile=icc), grey) < 1.5
    # A viewer makes colours of greys first where their profile is one of colours.
    wide = as_stored(PICTURE.convert("L").convert("RGB"), WIDE["ProPhoto"]).convert("L")
    assert apart(encode(wide, "PNG", icc_profile=WIDE["ProPhoto"]), grey) < 1.5


NUMBERS = {
    "gAMA and cHRM": (
        WIDE["Adobe RGB"],
        [(b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *POINTS))],
    ),
    "gAMA": (profile(b"RGB ", 1.8, ()), [(b"gAMA", struct.pack(">I", 55556))]),
    "cICP": (WIDE["Display P3"], [(b"cICP", bytes([12, 4, 0, 1]))]),
    "cICP before gAMA": (
        WIDE["Display P3"],
        [(b"gAMA", struct.pack(">I", 100_000)), (b"cICP", bytes([12, 4, 0, 1]))],
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_png_may_name_its_space_by_numbers(name: str) -> None:
    icc, chunks = NUMBERS[name]
    if name == "gAMA":
        stored = Image.merge("RGB", [grey_stored(1.8)] * 3)
        assert apart(with_chunks(encode(stored, "PNG"), *chunks), PICTURE.convert("L")) < 1.5
    else:
        stored = as_stored(PICTURE, icc)
        assert apart(with_chunks(encode(stored, "PNG"), *chunks), PICTURE) < 1.5


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("grey", [False, True])
def test_a_png_may_have_the_range_of_video(bits: int, grey: bool) -> None:
    """Black is 16 and white 235 of 255 (PNG, third edition, 11.3.2.6)."""
    image = PICTURE.convert("L") if grey else PICTURE
    levels = np.asarray(image) / 255 * 219 + 16
    chunk = (b"cICP", bytes([1, 13, 0, 0]))
    if bits == 16:
        data = deep_png((levels * 256).round().astype(np.uint16), 0 if grey else 2, chunk)
    else:
        stored = Image.fromarray(levels.round().astype(np.uint8))
        data = with_chunks(encode(stored, "PNG"), chunk)
    assert apart(data, image) < 1.5


def test_numbers_of_srgb_change_nothing() -> None:
    plain = encode(PICTURE, "PNG")
    srgb = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    for chunks in (
        [(b"gAMA", struct.pack(">I", 45455)), (b"cHRM", struct.pack(">8I", *srgb))],
        [(b"cICP", bytes([1, 13, 0, 1]))],
        [(b"cICP", bytes([1, 1, 0, 1]))],
        [(b"gAMA", bytes(4))],
        [(b"gAMA", struct.pack(">I", 45455)), (b"cHRM", bytes(32))],
    ):
        assert apart(with_chunks(plain, *chunks), PICTURE) == 0


UNUSABLE = {
    "junk": b"x" * 500,
    "cut off": WIDE["ProPhoto"][:200],
    "of inks": WIDE["ProPhoto"].replace(b"RGB XYZ", b"CMYKXYZ"),
    "of greys": profile(b"GRAY", 1.8),
    "of a link": WIDE["ProPhoto"].replace(b"mntrRGB", b"linkRGB"),
    "without white": WIDE["ProPhoto"].replace(struct.pack(">i", round(0.79767 * 65536)), bytes(4)),
    "large": WIDE["ProPhoto"] + bytes(2**24),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_profile_without_use_is_left_out(name: str) -> None:
    for format in ("PNG", "JPEG") if name != "large" else ("TIFF",):
        data = encode(PICTURE, format, icc_profile=UNUSABLE[name])
        assert (decoded(data) == decoded(encode(PICTURE, format))).all()


# Offsets in the tag and values of single bytes with which LittleCMS changed pixels by 33 to 82.
@pytest.mark.parametrize(
    ("tag", "offset", "value"),
    [
        *((b"para", 13, value) for value in (0x01, 0x03, 0x04)),
        *((b"para", 18, value) for value in (0xBE, 0xC3)),
        *((b"para", 22, value) for value in (0x2C, 0x31)),
        *((b"XYZ ", *rest) for rest in ((78, 0x3C), (82, 0x07), (82, 0x13), (98, 0x0B))),
        *((b"XYZ ", *rest) for rest in ((114, 0x66), (118, 0xB3), (122, 0x1C))),
    ],
)
def test_a_damaged_matrix_or_curve_changes_no_pixel(tag: bytes, offset: int, value: int) -> None:
    sound = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    place = sound.index(tag, 300) + offset
    damaged = sound[:place] + bytes([value]) + sound[place + 1 :]
    assert damaged != sound
    data = encode(PICTURE, icc_profile=damaged)
    assert (decoded(data) == decoded(encode(PICTURE))).all()


def test_srgb_by_any_name_changes_no_pixel() -> None:
    built_in = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(PICTURE, icc_profile=built_in)
    assert (decoded(data) == decoded(encode(PICTURE))).all()


def test_a_camera_says_adobe_rgb_in_exif_alone() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 2
    stored = as_stored(PICTURE, WIDE["Adobe RGB"])
    data = encode(stored, exif=exif, quality=98, subsampling=0)
    assert apart(data, PICTURE) < 2


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("mode", ["LAB", "CMYK", "YCbCr"])
def test_print_and_video_modes_of_tiff(mode: str, compression: str) -> None:
    image = PICTURE.convert(mode) if mode != "LAB" else lab()
    assert apart(encode(image, "TIFF", compression=compression), PICTURE) < 2


@pytest.mark.parametrize(("format", "options"), [("JPEG", {"quality": 98}), ("TIFF", {})])
def test_inks_have_profiles_with_tables(format: str, options: dict[str, object]) -> None:
    inks = PICTURE.convert("CMYK")  # in a JPEG inverted, as Adobe's
    assert apart(encode(inks, format, icc_profile=ink_profile(), **options), half(PICTURE)) < 4


def lab() -> Image.Image:
    srgb, target = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    image = ImageCms.profileToProfile(PICTURE, srgb, target, outputMode="LAB")
    assert image is not None
    return image


def test_threads_convert_alike() -> None:
    stored = [(as_stored(paint(n, (64, 48)), icc), icc) for n in range(8) for icc in WIDE.values()]
    files = [encode(image, "PNG", icc_profile=icc) for image, icc in stored]
    alone = [open_picture(data).pixels.tobytes() for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: open_picture(data).pixels.tobytes(), files))
    assert together == alone
