"""Formats are told by content; what is not read is named; size counts by what it costs."""

import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from searcher.errors import BadImage
from searcher.images import depths, opening, tiff_strips
from searcher.images.pictures import open_picture
from searcher.memory import limit_decoding
from tests.picture_files import PROPHOTO, apart, decoded, deep_png, profile, tiff, tiff_pages
from tests.pictures import encode, paint, png_bomb

pytestmark = pytest.mark.pixels

PICTURE = paint(5, (480, 360))
UPRIGHT = PICTURE.transpose(Image.Transpose.ROTATE_270)
PREVIEW = encode(PICTURE, quality=95)
SMALL = encode(PICTURE.resize((160, 120)))


def raw(start: bytes, *entries: tuple[int, int]) -> bytes:
    """A camera's raw file: a directory, a thumbnail, the sensor's data, and a preview."""
    tags = [(254, 1), (256, 160), (257, 120), (259, 7), (262, 6), (273, 400), (274, 6)]
    tags += [(279, len(SMALL)), *entries]
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags))
    head = start + struct.pack("<IH", 8, len(tags)) + directory + bytes(4)
    sensor = b"\xff\xd8\xff\xc3" + np.random.default_rng(1).bytes(9000)
    return head.ljust(400, b"\0") + SMALL + sensor + PREVIEW + sensor


CMT1 = b"CMT1II*\0" + struct.pack("<IHHHII", 8, 1, 274, 3, 1, 6) + bytes(4)
RAWS = {
    "DNG": raw(b"II*\0", (50706, 0x401)),
    "NEF": raw(b"II*\0", (330, 300)),
    "ORF": raw(b"IIRO"),
    "RW2": raw(b"IIU\0"),
    "CR3": struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"crx ", 1, b"crx ", b"isom") + CMT1 + PREVIEW,
}


@pytest.mark.parametrize("name", RAWS)
def test_the_largest_preview_of_a_raw_file_is_shown_upright(name: str) -> None:
    assert apart(RAWS[name], UPRIGHT) < 2


def test_fuji_has_its_own_mark() -> None:
    assert apart(b"FUJIFILMCCD-RAW 0201" + bytes(99) + PREVIEW + bytes(9), PICTURE) < 2


def test_a_raw_file_without_preview_says_so() -> None:
    with pytest.raises(BadImage, match="raw file without a preview"):
        open_picture(RAWS["DNG"].replace(PREVIEW, b""))


def test_jpeg_2000_is_read() -> None:
    for options in ({}, {"no_jp2": True}):
        data = encode(PICTURE, "JPEG2000", **options)
        assert apart(data, PICTURE) < 1
        assert (decoded(data[:-2]) == decoded(data)).all()  # without an end marker
        with pytest.raises(BadImage, match="cut off"):
            open_picture(data[:-3])


NOT_READ = {
    "JPEG XL": b"\xff\x0a" + bytes(50),
    "SVG": b"<?xml version='1.0'?>\n<!-- drawn --><svg xmlns='http://www.w3.org/2000/svg'/>",
    "PDF": b"%PDF-1.7\n",
    "Photoshop": b"8BPS\0\1",
    "OpenEXR": b"\x76\x2f\x31\x01" + bytes(9),
    "MP4": b"\0\0\0\x18ftypmp42" + bytes(12),
    "QuickTime": b"\0\0\0\x14ftypqt  " + bytes(8),
    "JPEG-LS": b"\xff\xd8\xff\xf7" + bytes(9),
    "OS/2 bitmap array": b"BA" + struct.pack("<IIHH", 40, 0, 640, 480) + b"BM" + bytes(40),
    "XWD": struct.pack(">25I", 104, 7, 2, 24, 96, 64, *[0] * 19),
    "PICT": bytes(514) + struct.pack(">4H", 0, 0, 64, 96) + b"\0\x11\x02\xff\x0c\0",
}
PHOTOMETRIC = struct.pack("<HHI", 262, 3, 1)
VARIANTS = {
    "BMP": b"BM" + struct.pack("<3I3I2H6I", 0, 0, 54, 40, 1, 1, 1, 24, 5, *[0] * 5),
    "JPEG": PREVIEW.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc3\0\x11\x08"),
    "TIFF": encode(PICTURE, "TIFF").replace(PHOTOMETRIC + b"\2", PHOTOMETRIC + b"\x0a"),
}


@pytest.mark.parametrize("format", NOT_READ)
def test_formats_that_are_not_read_are_named(format: str) -> None:
    with pytest.raises(BadImage, match=rf"cat\.jpg has the format {format}, which is not read"):
        open_picture(NOT_READ[format], "cat.jpg")


@pytest.mark.parametrize("format", VARIANTS)
def test_variants_that_are_not_read_are_named(format: str) -> None:
    with pytest.raises(BadImage, match=rf"cat\.jpg has a variant of {format} that is not read"):
        open_picture(VARIANTS[format], "cat.jpg")


def test_jpegs_are_judged_by_what_they_take_at_a_smaller_scale() -> None:
    """By its header this one has more pixels than Pillow opens."""
    limit_decoding(300)
    try:
        data = encode(Image.new("L", (14_000, 13_500), 128), quality=30)
        picture = open_picture(data)
        assert (picture.width, picture.height) == (14_000, 13_500)
        assert picture.pixels.getpixel((99, 99)) == (128, 128, 128)
        arithmetic = data.replace(b"\xff\xc0", b"\xff\xca")
        with pytest.raises(BadImage, match=r"takes \d+ MB .* MEMORY_MB allows 300"):
            open_picture(arithmetic)
    finally:
        limit_decoding(1500)


def test_the_limit_is_the_true_one() -> None:
    frame = PREVIEW.index(b"\xff\xc0") + 5
    huge = PREVIEW[:frame] + struct.pack(">HH", 40_000, 40_000) + PREVIEW[frame + 4 :]
    interlaced = png_bomb(9000, interlaced=True)
    for data, megapixels in [(huge, 500), (png_bomb(30_000), 500), (interlaced, 64)]:
        with pytest.raises(BadImage, match=f"more than {megapixels} megapixels"):
            open_picture(data)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_rows_and_strips_have_no_limit_in_the_decoder(format: str) -> None:
    image = Image.new("1", (9000, 8000), 1)
    options = {"compression": "group4", "tiffinfo": {278: 64}} if format == "TIFF" else {}
    picture = open_picture(encode(image, format, **options))
    assert (picture.width, picture.height) == (9000, 8000)
    assert picture.pixels.getextrema() == ((255, 255),) * 3


ICC = profile(b"RGB ", 1.8, PROPHOTO)


def samples(channels: list[int], factor: int = 251) -> npt.NDArray[np.uint16]:
    return np.asarray(PICTURE)[..., channels].astype(np.uint16) * np.uint16(factor)


def deep(kind: int, *channels: int) -> bytes:
    return deep_png(samples([*channels]), kind)


def wide(kind: int, *channels: int) -> bytes:
    return deep_png(samples([*channels]), kind, (b"iCCP", b"p\0\0" + zlib.compress(ICC)))


def strips(mode: str, compression: str = "raw") -> bytes:
    rows = 16 if compression == "jpeg" else 7
    return encode(PICTURE.convert(mode), "TIFF", compression=compression, tiffinfo={278: rows})


def clear(mode: str) -> bytes:
    image = PICTURE.convert(mode)
    image.putalpha(paint(4, PICTURE.size).convert("L"))
    return encode(image, "PNG")


BY_STRIPS = {
    "PNG of 1 bit": encode(PICTURE.convert("1"), "PNG"),
    "PNG of 2 bits": encode(PICTURE.quantize(4), "PNG"),
    "PNG, grey": encode(PICTURE.convert("L"), "PNG"),
    "PNG, grey and alpha": clear("LA"),
    "PNG, palette": encode(PICTURE.quantize(99), "PNG"),
    "PNG, palette with a clear colour": encode(PICTURE.quantize(99), "PNG", transparency=5),
    "PNG, RGB": encode(PICTURE, "PNG"),
    "PNG, RGB with a clear colour": encode(PICTURE, "PNG", transparency=(9, 9, 9)),
    "PNG, RGB and alpha": clear("RGBA"),
    "PNG of 16 bits, grey": deep(0, 0),
    "PNG of 16 bits, grey and alpha": deep(4, 0, 1),
    "PNG of 16 bits, RGB": deep(2, 0, 1, 2),
    "PNG of 16 bits, RGB and alpha": deep(6, 0, 1, 2, 0),
    "PNG of 12 bits in 16": deep_png(samples([0, 1, 2], 16), 2),
    "PNG of 12 bits in 16, grey and alpha": deep_png(samples([0, 1], 16), 4),
    "PNG of 16 bits, grey with a profile": wide(0, 0),
    "PNG of 16 bits, grey and alpha with a profile": wide(4, 0, 1),
    "PNG of 16 bits, RGB with a profile": wide(2, 0, 1, 2),
    "PNG of 16 bits, RGB and alpha with a profile": wide(6, 0, 1, 2, 0),
    "TIFF of 16 bits": tiff(samples([0, 1, 2]), 2, t278=[7]),
    "TIFF of 12 bits in 16": tiff(samples([0, 1, 2], 16), 2, ">", t278=[7]),
    "TIFF of 16 bits with a profile": tiff(samples([0, 1, 2]), 2, icc=ICC, t278=[7]),
    "TIFF": strips("RGB"),
    "TIFF, LZW": strips("RGB", "tiff_lzw"),
    "TIFF, JPEG": strips("RGB", "jpeg"),
    "TIFF, fax": strips("1", "group4"),
    "TIFF, palette": strips("P"),
    "TIFF, inks": strips("CMYK"),
    "TIFF, alpha": strips("RGBA"),
    "TIFF, floats": strips("F"),
}


@pytest.mark.parametrize("name", BY_STRIPS)
@pytest.mark.parametrize("factor", [1, 3])
def test_strips_are_the_whole(name: str, factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = BY_STRIPS[name]
    monkeypatch.setattr(opening, "reduction", lambda size, side: factor)
    whole = decoded(data)
    monkeypatch.setattr(opening, "MAX_PIXELS", 1)
    for module in (depths, tiff_strips):
        monkeypatch.setattr(module, "STRIP_PIXELS", 5000)
    monkeypatch.setattr(opening, "_whole", None)  # which holds all pixels
    assert (decoded(data) == whole).all()


@pytest.mark.parametrize("colours", [16, 256])
def test_what_the_first_frame_of_a_gif_leaves_is_clear(colours: int) -> None:
    """As in browsers, which leave out the colour of the background."""
    few = PICTURE.quantize(colours)
    data = bytearray(encode(few, "GIF"))
    data[6:10] = struct.pack("<HH", 600, 400)
    frame = data.index(b"," + bytes(4) + struct.pack("<HH", *few.size)) + 1
    data[frame : frame + 4] = struct.pack("<HH", 100, 30)
    expected = Image.new("RGB", (600, 400), "white")
    expected.paste(few.convert("RGB"), (100, 30))
    assert apart(bytes(data), expected) == 0


@pytest.mark.parametrize("tags", [{254: 1}, {254: 4}, {254: 5}, {255: 2}], ids=str)
def test_a_tiff_shows_the_page_that_is_no_thumbnail_or_mask(tags: dict[int, int]) -> None:
    """Tags 254 and 255 of TIFF 6.0, the kind of a page."""
    small = PICTURE.resize((48, 36)), tags
    for big in (False, True):
        for pages in ([small, (PICTURE, {})], [(PICTURE, {}), small], [(PICTURE, tags), small]):
            assert apart(tiff_pages(*pages, big=big), PICTURE) == 0
    damaged = tiff_pages(small, (PICTURE, {}))
    link = struct.unpack_from("<H", damaged, 8)[0] * 12 + 10
    loop = damaged[:link] + damaged[4:8] + damaged[link + 4 :]
    assert open_picture(loop).pixels.size == (48, 36)


def test_a_tiff_with_fewer_strips_than_its_height_takes_is_cut_off() -> None:
    height = struct.pack("<HHI", 257, 4, 1) + struct.pack("<I", 360)
    data = encode(PICTURE, "TIFF", tiffinfo={278: 60})
    assert data.count(height) == 1
    with pytest.raises(BadImage, match="cut off"):
        open_picture(data.replace(height, height[:8] + struct.pack("<I", 720)))


def test_a_cut_off_file_is_so_by_strips_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_PIXELS", 1)
    for name in ("PNG, RGB", "TIFF, LZW"):
        data = BY_STRIPS[name]
        with pytest.raises(BadImage, match="cut off"):
            open_picture(data[: len(data) // 2])
