"""BMPs with masks of any bits, and with run lengths: compared with the same picture, plain."""

import struct

import numpy as np
import pytest
from PIL import Image

from searcher.errors import BadImage
from searcher.images.pictures import open_picture
from tests.picture_files import apart, decoded
from tests.pictures import paint

pytestmark = pytest.mark.pixels

PICTURE = paint(5, (81, 60))
RGB = np.asarray(PICTURE)


def file(size: int, bits: int, compression: int, extra: bytes, pixels: bytes) -> bytes:
    """A BMP of 81 x 60 pixels with a header of some size, and what stands behind its 40 bytes."""
    extra = extra.ljust(size - 40, b"\0")
    head = struct.pack("<IiiHHIIiiII", size, 81, 60, 1, bits, compression, *[0] * 5)
    start = 14 + 40 + len(extra)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + head + extra + pixels


def masked(bits: int, *widths: int, size: int = 108, alpha: float = 1) -> bytes:
    """A BMP whose red, green, blue and alpha have so many bits, from the highest on."""
    values, masks, place = np.zeros(RGB.shape[:2], np.uint32), [], bits
    planes = [*np.moveaxis(RGB, -1, 0), np.full(RGB.shape[:2], round(255 * alpha))]
    for plane, width in zip(planes, widths, strict=False):
        place -= width
        masks.append(((1 << width) - 1) << place)
        values |= (plane * (((1 << width) - 1) / 255)).round().astype(np.uint32) << place
    rows = values[::-1].astype(f"<u{bits // 8}").view(np.uint8).reshape(60, -1)
    body = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()
    extra = struct.pack(f"<{len(masks)}I", *masks)
    return file(size, bits, 3 if len(masks) < 4 or size > 40 else 6, extra, body)


@pytest.mark.parametrize(
    ("widths", "bits"),
    [((10, 10, 10), 32), ((8, 8, 8), 32), ((11, 11, 10), 32), ((4, 4, 4), 16), ((3, 3, 2), 16)],
)
def test_masks_may_have_any_bits(widths: tuple[int, ...], bits: int) -> None:
    most = 1 if min(widths) >= 8 else 100 >> min(widths)
    for size in (40, 108, 124):
        assert apart(masked(bits, *widths, size=size), PICTURE) < most


@pytest.mark.parametrize(("widths", "bits"), [((4, 4, 4, 4), 16), ((10, 10, 10, 2), 32)])
@pytest.mark.parametrize("size", [40, 108])
def test_masks_may_have_alpha(widths: tuple[int, ...], bits: int, size: int) -> None:
    white = Image.new("RGB", PICTURE.size, "white")
    alpha = round(2 / 3 * ((1 << widths[3]) - 1)) / ((1 << widths[3]) - 1)
    expected = Image.blend(white, PICTURE, alpha)
    assert apart(masked(bits, *widths, size=size, alpha=alpha), expected) < 6


def test_masked_pixels_that_are_cut_off_are_missing() -> None:
    with pytest.raises(BadImage, match="cut off"):
        open_picture(masked(32, 10, 10, 10)[:-5])


PALETTE = bytes([0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0])  # black, red, blue


@pytest.mark.parametrize("bits", [4, 8])
def test_run_lengths_may_leave_pixels_out(bits: int) -> None:
    """What is left out has the first colour; the picture may end before its last row."""
    one, two = (1, 2) if bits == 8 else (0x11, 0x22)
    runs = [9, one, 0, 2, 3, 1, 4, two, 0, 0]  # nine red, then four blue from column 12 of row 1
    runs += [0, 3, *([1, 2, 1, 0] if bits == 8 else [0x12, 0x10]), 0, 1]
    expected = np.zeros((60, 81, 3), np.uint8)
    expected[59, :9] = 255, 0, 0
    expected[58, 12:16] = 0, 0, 255
    expected[57, :3] = (255, 0, 0), (0, 0, 255), (255, 0, 0)
    data = file(40, bits, 1 if bits == 8 else 2, PALETTE.ljust(4 << bits, b"\0"), bytes(runs))
    assert (decoded(data) == expected).all()
    with pytest.raises(BadImage, match="cut off"):
        open_picture(data[:-2])
