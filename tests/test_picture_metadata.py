"""Metadata never decides whether pixels count: damaged wherever, the pixels are the same."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from searcher.errors import BadImage
from searcher.images.pictures import open_picture
from tests.picture_files import chunk, damaged_by, decoded, tiff, with_chunks
from tests.pictures import encode, paint

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Make="a"/></x:xmpmeta>'
COMMENT = b"a comment of some words"
PICTURE = paint(3, (96, 64))


def exif(orientation: int = 0) -> Image.Exif:
    block = Image.Exif()
    block[0x010F] = "A maker with a name"
    block[0x0131] = "Some software"
    if orientation:
        block[0x0112] = orientation
    return block


def png_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", COMMENT.decode())
    info.add_text("packed", "x" * 500, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


EXIF = exif().tobytes()
INNER = EXIF.removeprefix(b"Exif\0\0")
# Each file, and the parts of it that are no pixels, by what they contain.
FILES: dict[str, tuple[bytes, list[bytes]]] = {
    "JPEG": (
        encode(PICTURE, exif=EXIF, icc_profile=SRGB, comment=COMMENT, xmp=XMP),
        [INNER, SRGB, COMMENT, XMP, b"http://ns.adobe.com/xap/1.0/", b"ICC_PROFILE"],
    ),
    "progressive JPEG": (
        encode(PICTURE, exif=EXIF, icc_profile=SRGB, progressive=True),
        [INNER, SRGB, b"JFIF\0\1\1\0\0\1\0\1\0\0"],
    ),
    "PNG": (
        encode(PICTURE, "PNG", exif=EXIF, pnginfo=png_text(), icc_profile=SRGB),
        [INNER, COMMENT, XMP, zlib.compress(SRGB), b"iCCPICC Profile"],
    ),
    "WebP": (
        encode(PICTURE, "WEBP", exif=EXIF, xmp=XMP, icc_profile=SRGB),
        [INNER, XMP, SRGB],
    ),
    "GIF": (
        encode(PICTURE, "GIF", comment=COMMENT, save_all=True, append_images=[paint(4, (96, 64))]),
        [COMMENT],
    ),
    "TIFF": (
        encode(PICTURE, "TIFF", exif=exif(), icc_profile=SRGB, description=COMMENT.decode()),
        [b"A maker with a name", SRGB, COMMENT],
    ),
    "TIFF of 16 bits": (tiff(np.asarray(PICTURE, np.uint16) * 255, 2, icc=SRGB), [SRGB]),
    "BMP": (encode(PICTURE, "BMP", dpi=(72, 72)), [struct.pack("<ii", 2835, 2835)]),
    "HEIC": (encode(PICTURE, "HEIF", exif=EXIF, xmp=XMP, icc_profile=SRGB), [INNER, XMP, SRGB]),
    "AVIF": (encode(PICTURE, "AVIF", exif=EXIF, xmp=XMP, icc_profile=SRGB), [INNER, XMP, SRGB]),
}
PARTS = [(name, number) for name, (_, parts) in FILES.items() for number in range(len(parts))]


@pytest.mark.parametrize(("name", "number"), PARTS)
@settings(max_examples=12, deadline=None)
@example(start=0.9375, share=0.0, filler=b"\xff")  # the curve of a profile
@example(start=0.908, share=0.0, filler=b"\xff")
@example(start=0.9375, share=0.0, filler=b"\x7f\x01\x80")  # its parts meet in the middle
@given(
    start=st.floats(0, 1),
    share=st.floats(0, 1),
    filler=st.sampled_from([b"\0", b"\xff", b"\xff\xd9", b"II*\0\x08\0", b"\x7f\x01\x80"]),
)
def test_what_is_no_pixel_may_be_anything(
    name: str, number: int, start: float, share: float, filler: bytes
) -> None:
    data, parts = FILES[name]
    damaged = damaged_by(data, parts[number], start, share, filler)
    assert (decoded(damaged) == decoded(data)).all()


def with_exif(block: bytes, format: str = "JPEG") -> bytes:
    return encode(PICTURE, format, exif=b"Exif\0\0" + block)


def odd_exif(*entries: tuple[int, int, int, bytes], extra: bytes = b"") -> bytes:
    """EXIF data that is read, but can't be written back by Pillow."""
    packed = b"".join(struct.pack("<HHL", *entry[:3]) + entry[3] for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + packed + bytes(4) + extra


TURNED = (0x0112, 3, 1, b"\6\0\0\0")
TURNED_FILES = {
    "a rational below zero": with_exif(
        odd_exif(TURNED, (0x011A, 10, 1, struct.pack("<L", 50)), extra=struct.pack("<ll", -1, 0))
    ),
    "an artist that is a number": with_exif(odd_exif(TURNED, (0x013B, 11, 1, b"\0\0\xc0?"))),
    "entries that are cut off": with_exif(odd_exif(TURNED, TURNED)[:-10]),
    "PNG": with_exif(odd_exif(TURNED), "PNG"),
    "WebP": with_exif(odd_exif(TURNED), "WEBP"),
    "EXIF behind junk": with_exif(odd_exif(TURNED)).replace(
        b"\xff\xe1", b"\xff\xe1\0\x0aExif\0\0xx\xff\xe1", 1
    ),
    "EXIF behind junk in PNG": with_chunks(
        encode(PICTURE, "PNG"), (b"eXIf", b"junk"), (b"eXIf", odd_exif(TURNED))
    ),
    "a long": with_exif(odd_exif((0x0112, 4, 1, b"\6\0\0\0"))),
    "XMP alone": encode(PICTURE, xmp=XMP.replace(b'Make="a"', b'Orientation="6"')),
    "XMP in PNG": with_chunks(
        encode(PICTURE, "PNG"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>6</tiff:Orientation>"),
    ),
    "a text of ImageMagick": with_chunks(
        encode(PICTURE, "PNG"),
        (
            b"tEXt",
            b"Raw profile type exif\0\nexif\n      32\n" + odd_exif(TURNED).hex().encode() + b"\n",
        ),
    ),
}


@pytest.mark.parametrize("name", TURNED_FILES)
def test_the_orientation_is_read_where_it_can_be(name: str) -> None:
    plain = open_picture(TURNED_FILES[name])
    assert (plain.width, plain.height) == (64, 96)


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_properties_turn_a_picture_once_whatever_exif_says(format: str) -> None:
    data = encode(PICTURE, format, exif=exif(6).tobytes())
    assert b"irot" in data
    assert open_picture(data).pixels.size == (64, 96)


PNG = encode(PICTURE, "PNG")
END = PNG.index(b"IEND") - 4
PIXELS = PNG.index(b"IDAT")
TEXT = chunk(b"tEXt", b"abcd" * 9)
TEXTED = with_chunks(PNG, (b"tEXt", b"abcd" * 9))
HARMLESS = {
    "checksum of the header": PNG[:29] + bytes(4) + PNG[33:],
    "checksum of pixels": PNG[: END - 4] + bytes(4) + PNG[END:],
    "checksum of a text": TEXTED.replace(TEXT, TEXT[:-4] + bytes(4)),
    "a length of a text too long": TEXTED.replace(TEXT, b"\0\1" + TEXT[2:]),
    "a length of a text too short": TEXTED.replace(TEXT, b"\0\0\0\3" + TEXT[4:]),
    "length of pixels": PNG[: PIXELS - 4] + b"\0\0\0\7" + PNG[PIXELS:],
    "an unknown vital chunk": with_chunks(PNG, (b"ABCD", b"x")),
    "a clear colour of another size": with_chunks(PNG, (b"tRNS", b"\0")),
    "no end": PNG[:END],
    "half an end": PNG[: END + 6],
}


def test_the_palette_of_a_png_may_be_too_long_but_not_missing() -> None:
    few = PICTURE.quantize(256)
    data = encode(few, "PNG")
    body = bytes(few.getpalette() or ())
    assert len(body) == 768
    palette = chunk(b"PLTE", body)
    longer = data.replace(palette, chunk(b"PLTE", body + bytes(100)) + chunk(b"tRNS", bytes(300)))
    assert (decoded(longer) == decoded(data)).all()
    with pytest.raises(BadImage, match="cut off"):
        open_picture(data.replace(palette, b""))


@pytest.mark.parametrize("name", HARMLESS)
def test_chunks_and_checksums_of_a_png_may_be_wrong(name: str) -> None:
    assert HARMLESS[name] != PNG
    assert (decoded(HARMLESS[name]) == decoded(PNG)).all()


CUT = ["PNG", "WEBP", "GIF", "BMP", "HEIF", "AVIF", "JPEG2000"]
CUT += ["TIFF", "TIFF tiff_lzw", "TIFF jpeg"]


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_what_lacks_pixels_is_refused_for_that(name: str, share: float) -> None:
    format, *compression = name.split()
    options = {"compression": compression[0]} if compression else {}
    data = encode(PICTURE, format, **options)
    with pytest.raises(BadImage, match="damaged or cut off"):
        open_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.6, 0.95])
def test_space_for_pixels_that_were_never_written_is_not_a_picture(name: str, share: float) -> None:
    """As a download leaves it that was broken off, and had reserved the space for the file."""
    noise = np.random.default_rng(5).integers(0, 256, (60, 80, 3), np.uint8)
    data = encode(Image.fromarray(noise).resize((240, 180), Image.Resampling.BICUBIC), name)
    written = int(len(data) * share)
    with pytest.raises(BadImage, match="damaged or cut off"):
        open_picture(data[:written] + bytes(len(data) - written))
    assert (decoded(data + bytes(5000)) == decoded(data)).all()  # a file system's last block


def test_the_picture_and_not_its_thumbnail_is_found_behind_a_wrong_length() -> None:
    """The thumbnail in the EXIF block is a JPEG too."""
    block = odd_exif(TURNED) + encode(paint(9, (32, 24)))
    data = with_exif(block)
    place = data.index(b"\xff\xe1") + 2
    for wrong in (struct.pack(">H", 40), b"\xff\xff"):
        damaged = data[:place] + wrong + data[place + 2 :]
        assert open_picture(damaged).pixels.size in ((96, 64), (64, 96))


def test_pixels_that_say_bmp_without_alpha_are_not_clear() -> None:
    image = PICTURE.convert("RGBA")
    image.putalpha(0)
    out = io.BytesIO()
    image.save(out, "BMP")
    assert (decoded(out.getvalue()) == np.asarray(PICTURE)).all()
