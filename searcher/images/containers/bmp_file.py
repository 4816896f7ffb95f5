"""BMP (Windows, versions 3 to 5): the profile in the header, and numbers that no pixel needs."""

import io
import struct

from searcher.images.containers.bmp_pixels import (
    BLUE_GREEN_RED_ALPHA,
    RUN_LENGTHS,
    Layout,
    header,
    plain_masked,
    plain_runs,
)
from searcher.images.containers.picture_file import ColourTags, PictureFile

PROFILE_EMBEDDED = 0x4D424544  # "MBED"
V3_SIZE, V4_SIZE, V5_SIZE = 40, 108, 124
MASKS, MASKS_WITH_ALPHA = 3, 6  # compressions
MASKS_SIZE = 56  # of a header that has four masks
# Masks that Pillow reads.
COMMON_MASKS = frozenset(
    {(0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0), (0xFF0000, 0xFF00, 0xFF, 0)}
    | {BLUE_GREEN_RED_ALPHA, (0, 0, 0, 0)}
)
MAX_CONVERTED = 27_000_000  # pixels: 108 MB, which are held while no memory is asked for


def read_bmp(data: bytes) -> PictureFile:
    """Clear what no pixel needs: the file's size, resolution, and colour endpoints.

    Raises:
        CutOff: The file has masks or run lengths, and ends before its pixels do.
    """
    colour = ColourTags()
    (size,) = struct.unpack_from("<I", data, 14)
    head = bytearray(data[: 14 + min(size, V5_SIZE)])
    head[2:10] = bytes(8)
    if size >= V3_SIZE:
        head[38:46] = bytes(8)  # pixels a metre
        head[50:54] = bytes(4)  # important colours
    if size >= V5_SIZE and len(head) == 14 + V5_SIZE:
        (kind,) = struct.unpack_from("<I", head, 14 + 56)
        start, length = struct.unpack_from("<II", head, 14 + 112)
        if kind == PROFILE_EMBEDDED:
            colour = ColourTags(icc=data[14 + start : 14 + start + length])
    if size >= V4_SIZE:
        head[14 + 56 :] = bytes(len(head) - 14 - 56)
    plain = _plain(data, size) if size >= V3_SIZE and len(data) >= 54 else b""
    return PictureFile(io.BytesIO(plain or bytes(head) + data[len(head) :]), colour=colour)


def _plain(data: bytes, size: int) -> bytes:
    """Return a file whose pixels Pillow lacks as one without compression; b"" for others."""
    (start,) = struct.unpack_from("<I", data, 10)
    width, signed, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    height = abs(signed)
    if not 0 < width * height <= MAX_CONVERTED or start < 14 + size:
        return b""
    layout = Layout(width, height, signed < 0, bits, start)
    if RUN_LENGTHS.get(compression) == bits:
        palette = data[14 + size : start][:1024]
        head = header(layout._replace(bits=8), 54 + 1024)
        return b"".join([head, palette.ljust(1024, b"\0"), plain_runs(data, layout)])
    if compression not in (MASKS, MASKS_WITH_ALPHA) or bits not in (16, 32) or len(data) < 70:
        return b""
    masks = struct.unpack_from("<4I", data, 54)
    if size < MASKS_SIZE and compression == MASKS:
        masks = (*masks[:3], 0)  # what follows are pixels
    if masks in COMMON_MASKS:
        return b""
    head = header(layout._replace(bits=32), 122, BLUE_GREEN_RED_ALPHA)
    return b"".join([head, plain_masked(data, layout, masks)])
