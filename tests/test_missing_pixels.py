"""Files that are whole to their last byte, and lack pixels nevertheless."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageChops

from searcher.errors import BadImage
from searcher.images import opening
from searcher.images.pictures import open_picture
from tests.picture_files import ADAM7, chunk, decoded, profile, tiff
from tests.pictures import encode, paint

pytestmark = pytest.mark.pixels

PICTURE = paint(31, (96, 80))
PIXELS = np.asarray(PICTURE)
WIDTH, HEIGHT = PICTURE.size


def rows_of(pixels: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def png(stream: bytes, *chunks: bytes, is_interlaced: bool = False, bits: int = 8) -> bytes:
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, 2, 0, 0, is_interlaced)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", stream), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def interlaced(passes: int) -> bytes:
    rows = [rows_of(PIXELS[y::dy, x::dx]) for y, x, dy, dx in ADAM7[:passes]]
    return png(zlib.compress(b"".join(rows)), is_interlaced=True)


STREAM = zlib.compress(rows_of(PIXELS))
DEEP = (PIXELS.astype(np.uint16) * 257).astype(">u2")
PROFILE = chunk(b"iCCP", b"p\0\0" + zlib.compress(profile(b"RGB ", 1.8, [(0.6, 0.3, 0.1)] * 3)))


def short_jpeg(share: float, restart_marker_rows: int = 0) -> bytes:
    data = encode(PICTURE, quality=90, restart_marker_rows=restart_marker_rows)
    return data[: int(share * len(data))] + b"\xff\xd9"


def half_a_scan() -> bytes:
    """A progressive JPEG that ends within its first scan, of the means of blocks."""
    data = encode(PICTURE, quality=90, progressive=True)
    return data[: data.index(b"\xff\xda") + 60] + b"\xff\xd9"


def tall_jpeg() -> bytes:
    data = encode(PICTURE)
    height = data.index(b"\xff\xc0") + 5
    return data[:height] + struct.pack(">H", 2 * HEIGHT) + data[height + 2 :]


def tiles(lost: slice) -> bytes:
    """A JPEG 2000 of nine tiles, of which some are lost."""
    data = encode(PICTURE, "JPEG2000", tile_size=(32, 32), no_jp2=True)
    head, *parts = data.removesuffix(b"\xff\xd9").split(b"\xff\x90\0\x0a")
    del parts[lost]
    return b"\xff\x90\0\x0a".join([head, *parts]) + b"\xff\xd9"


def strips(lost: int | None = None) -> bytes:
    data = tiff(PIXELS, 2, t278=[20])
    if lost is None:
        return data
    places = struct.pack("<4I", *(len(data) - n * 20 * 3 * WIDTH for n in (4, 3, 2, 1)))
    start = data.index(places) + 4 * lost
    return data[:start] + bytes(4) + data[start + 4 :]


PAGE = PICTURE.convert("1")
EMPTY = Image.new("1", PICTURE.size, 1)
FAX: dict[str, tuple[str, dict[str, int]]] = {
    "T.4": ("group3", {}),
    "T.4 in two dimensions": ("group3", {"t292": 1}),
    "T.4 in whole bytes": ("group3", {"t292": 4}),
    "T.6": ("group4", {}),
    "T.6, lowest bit first": ("group4", {"t266": 2}),
}


def tall_strip(image: Image.Image, compression: str, **tags: int) -> bytes:
    """A TIFF of one strip that says that it is twice as high."""
    info = {278: HEIGHT} | {int(name[1:]): value for name, value in tags.items()}
    data = encode(image, "TIFF", compression=compression, tiffinfo=info)
    for tag in (257, 278):
        old = struct.pack("<HHII", tag, 3, 1, HEIGHT)
        assert data.count(old) == 1
        data = data.replace(old, struct.pack("<HHII", tag, 3, 1, 2 * HEIGHT))
    return data


LACKING = {
    "PNG, half its rows": png(zlib.compress(rows_of(PIXELS[: HEIGHT // 2]))),
    "PNG, all rows but one": png(zlib.compress(rows_of(PIXELS[:-1]))),
    "PNG, rows by halves": png(zlib.compress(rows_of(DEEP[:-1])), bits=16),
    "PNG with a profile": png(zlib.compress(rows_of(DEEP[:-1])), PROFILE, bits=16),
    "PNG, the last pass": interlaced(6),
    "PNG, all passes but one": interlaced(1),
    "JPEG, half its scan": short_jpeg(0.5),
    "JPEG, its last blocks": short_jpeg(0.95),
    "JPEG, and more behind it": short_jpeg(0.7) + bytes(9),
    "JPEG with restarts": short_jpeg(0.7, restart_marker_rows=1),
    "JPEG, progressive": half_a_scan(),
    "JPEG, twice as high": tall_jpeg(),
    "JPEG 2000, its last tile": tiles(slice(8, 9)),
    "JPEG 2000, a tile between": tiles(slice(3, 4)),
    "TIFF, a strip": strips(2),
    "TIFF, half a JPEG": tall_strip(PICTURE, "jpeg"),
} | {
    f"TIFF, half a fax, {name}": tall_strip(PAGE, kind, **tags)
    for name, (kind, tags) in FAX.items()
}


@pytest.mark.parametrize("name", LACKING)
def test_what_ends_too_early_is_refused(name: str) -> None:
    """Decoders fill the rest with black or grey."""
    with pytest.raises(BadImage, match="damaged or cut off"):
        open_picture(LACKING[name])


@pytest.mark.parametrize("is_large", [False, True])
def test_a_checksum_around_all_rows_decides_nothing(
    is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_large:  # then it is decoded by its rows
        monkeypatch.setattr(opening, "MAX_PIXELS", 1)
    for stream in (STREAM[:-4] + bytes(4), b"\0\0" + STREAM[2:], STREAM + b"more", STREAM[:-3]):
        assert (decoded(png(stream)) == PIXELS).all()
    assert (decoded(png(zlib.compress(rows_of(DEEP))[:-4] + bytes(4), bits=16)) == PIXELS).all()


def test_what_is_black_or_grey_to_its_end_is_whole() -> None:
    for colour in ("black", (128, 128, 128)):
        image = PICTURE.copy()
        image.paste(colour, (0, 30, WIDTH, HEIGHT))
        assert (decoded(encode(image, "PNG")) == np.asarray(image)).all()
        assert (decoded(interlaced(7)) == PIXELS).all()
        data = encode(image, quality=95)
        assert np.abs(decoded(data) - np.asarray(image))[50:].max() < 3
    clear = Image.new("RGBA", (40, 30))
    assert (decoded(encode(clear, "PNG")) == 255).all()
    assert (decoded(tiles(slice(0))) - PIXELS).max() == 0
    assert (decoded(strips()) == PIXELS).all()


@pytest.mark.parametrize("is_large", [False, True])
def test_a_fax_with_all_rows_is_whole(is_large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without marks of its end, or with zeros behind it."""
    if is_large:
        monkeypatch.setattr(opening, "MAX_PIXELS", 1)
    for kind, tags in FAX.values():
        for image in (PAGE, EMPTY, ImageChops.invert(EMPTY)):
            for rows in (HEIGHT, 9):
                info = {278: rows} | {int(name[1:]): value for name, value in tags.items()}
                data = encode(image, "TIFF", compression=kind, tiffinfo=info)
                assert (decoded(data) == np.asarray(image.convert("RGB"))).all(), (kind, tags)
