"""BMP (Windows, versions 3 to 5): the profile in the header, and numbers that no pixel needs."""

import io
import struct

from searcher.images.containers.picture_file import ColourTags, PictureFile

PROFILE_EMBEDDED = 0x4D424544  # "MBED"
V4_SIZE, V5_SIZE = 108, 124


def read_bmp(data: bytes) -> PictureFile:
    """Clear what no pixel needs: the file's size, resolution, and colour endpoints."""
    colour = ColourTags()
    (size,) = struct.unpack_from("<I", data, 14)
    head = bytearray(data[: 14 + min(size, V5_SIZE)])
    head[2:10] = bytes(8)
    if size >= 40:
        head[38:46] = bytes(8)  # pixels a metre
        head[50:54] = bytes(4)  # important colours
    if size >= V5_SIZE and len(head) == 14 + V5_SIZE:
        (kind,) = struct.unpack_from("<I", head, 14 + 56)
        start, length = struct.unpack_from("<II", head, 14 + 112)
        if kind == PROFILE_EMBEDDED:
            colour = ColourTags(icc=data[14 + start : 14 + start + length])
    if size >= V4_SIZE:
        head[14 + 56 :] = bytes(len(head) - 14 - 56)
    return PictureFile(io.BytesIO(bytes(head) + data[len(head) :]), colour=colour)
