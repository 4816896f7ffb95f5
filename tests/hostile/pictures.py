"""Pictures in a folder. A row's value is the content of a file of its name."""

import zlib

import numpy as np
from PIL import Image, PngImagePlugin

from tests.hostile.row import ACCEPTED, Row
from tests.picture_files import PROPHOTO, chunk, deep_png, profile, tiff
from tests.pictures import encode, paint, png_bomb

SIXTEEN_BITS = np.arange(4096, dtype=np.uint16).reshape(64, 64)
HALF_A_PROFILE = zlib.compress(profile(b"RGB ", 1.8, PROPHOTO)[:300])
FLOATS = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)


def with_text(size: int) -> bytes:
    """A PNG with a compressed text of some size."""
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "x" * size, zip=True)
    return encode(paint(20), "PNG", pnginfo=info)


def with_exif(data: bytes) -> bytes:
    """A JPEG with some EXIF."""
    return encode(paint(21), exif=b"Exif\0\0" + data)


PNG = encode(paint(24), "PNG")
XCODE = PNG[:8] + chunk(b"CgBI", bytes(4))
WEB_TIFF = tiff(np.dstack([SIXTEEN_BITS >> 8] * 3).astype(np.uint8), 2, t259=[50001])
UNKNOWN = "is not a picture"
CUT = "damaged or cut off"
ROWS = (
    Row("empty.jpg", b"", "is empty", "there is nothing to decode"),
    Row("text.jpg", b"not a picture", UNKNOWN, "content decides, not the name"),
    Row("cut.jpg", encode(paint(1))[:1500], CUT, "part of the pixels is missing"),
    Row("cut.png", encode(paint(2), "PNG")[:1500], CUT, "part of the pixels is missing"),
    Row("bomb.png", png_bomb(25_000), "megapixels", "a few bytes that unpack to gigabytes"),
    Row(
        "drawing.jpg",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "the format SVG",
        "SVG has scripts",
    ),
    Row(
        "paper.png", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "the format PDF", "PDF has pages, not pixels"
    ),
    Row("page.jpg", b"<!doctype html><script>alert(1)</script>", UNKNOWN, "a page, not a picture"),
    Row("script.gif", b"GIF89a/*<script>*/=1;", CUT, "a script that begins like a GIF"),
    Row("one-pixel.png", encode(Image.new("RGB", (1, 1), "red"), "PNG"), ACCEPTED, "it has pixels"),
    Row(
        "line.png", encode(Image.new("RGB", (1, 10_000), "red"), "PNG"), ACCEPTED, "any proportions"
    ),
    Row("cmyk.jpg", encode(paint(3).convert("CMYK")), ACCEPTED, "converted to RGB"),
    Row("sixteen.png", encode(Image.fromarray(SIXTEEN_BITS), "PNG"), ACCEPTED, "scaled to 8 bits"),
    Row(
        "sixteen-half-a-profile.png",
        deep_png(np.dstack([SIXTEEN_BITS] * 3), 2, (b"iCCP", b"p\0\0" + HALF_A_PROFILE)),
        ACCEPTED,
        "no profile, so it is sRGB",
    ),
    Row("palette.png", encode(paint(4).quantize(64), "PNG", transparency=3), ACCEPTED, "as RGB"),
    Row("grey-alpha.png", encode(paint(5).convert("LA"), "PNG"), ACCEPTED, "on a background"),
    Row("float.tiff", encode(Image.fromarray(FLOATS), "TIFF"), ACCEPTED, "scaled to 8 bits"),
    Row(
        "pages.tiff",
        encode(paint(6), "TIFF", save_all=True, append_images=[paint(7)]),
        ACCEPTED,
        "its first page",
    ),
    Row(
        "moving.gif",
        encode(paint(8), "GIF", save_all=True, append_images=[paint(9)]),
        ACCEPTED,
        "its first frame",
    ),
    Row(
        "moving.webp",
        encode(paint(10), "WEBP", save_all=True, append_images=[paint(11)]),
        ACCEPTED,
        "its first frame",
    ),
    Row("photo.heic", encode(paint(12), "HEIF"), ACCEPTED, "telephones make these"),
    Row("photo.avif", encode(paint(13), "AVIF"), ACCEPTED, "the web has these"),
    Row(
        "trailing.jpg",
        encode(paint(14)) + b"PK\x03\x04<?php" * 1000,
        ACCEPTED,
        "what follows a picture is dropped",
    ),
    Row("xl.jpg", b"\xff\x0a" + bytes(9), "the format JPEG XL", "named, as it is not read"),
    Row("map.jpg", b"P6\n# by hand\n2 2\n255\n" + bytes(12), "the format PNM", "named"),
    Row("app.png", XCODE + PNG[8:], "variant of PNG", "as Xcode packs it, which no other reads"),
    Row("web.tiff", WEB_TIFF, "variant of TIFF", "compressed as WebP, which libtiff lacks here"),
    Row("no-end.jpg", encode(paint(23))[:-2], ACCEPTED, "all pixels are there"),
    Row("checksum.png", PNG[:29] + bytes(4) + PNG[33:], ACCEPTED, "the pixels' own sum is right"),
    Row(
        "junk-exif.webp",
        encode(paint(25), "WEBP", exif=b"x" * 50),
        ACCEPTED,
        "metadata never decides",
    ),
    Row("broken-exif.jpg", with_exif(b"II*\0" + b"\xff" * 6), ACCEPTED, "metadata never decides"),
    Row(
        "wrong-exif.jpg",
        with_exif(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0"),
        ACCEPTED,
        "there is no orientation 99, so it is not rotated",
    ),
    Row("profile.jpg", encode(paint(15), icc_profile=bytes(4_000_000)), ACCEPTED, "no profile"),
    Row("ünïcödé 日本.jpg", encode(paint(16)), ACCEPTED, "any letters"),
    Row("x" * 240 + ".jpg", encode(paint(17)), ACCEPTED, "as long as file systems allow"),
    Row("new\nline\t.jpg", encode(paint(18)), ACCEPTED, "shown without control characters"),
    Row("quote'\"<b>.jpg", encode(paint(19)), ACCEPTED, "escaped where it is shown"),
    Row("-rf #1?%25.jpg", encode(paint(22)), ACCEPTED, "no option, fragment or escape"),
    Row("caf\udce9.jpg", encode(paint(30)), ACCEPTED, "a name in Latin-1, kept byte by byte"),
)
