"""Camera raw files: the largest JPEG in them, which the camera made for viewers."""

import re
import struct

from searcher.images.containers.exif import orientation_of
from searcher.images.containers.picture_file import NotRead

START = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]")
MIN_PIXELS = 320 * 200  # a smaller preview is a thumbnail, which shows too little
MAX_JPEGS = 500
FRAMES = (0xC0, 0xC1, 0xC2)
MAX_SEGMENTS = 200


def preview(data: bytes) -> tuple[bytes, int]:
    """Return the largest JPEG of a raw file, and the orientation that the file says.

    Raises:
        NotRead: There is none of a useful size.
    """
    best, largest = 0, MIN_PIXELS - 1
    for count, match in enumerate(START.finditer(data)):
        pixels = _pixels(data, match.start() + 2)
        if pixels > largest:
            best, largest = match.start(), pixels
        if count >= MAX_JPEGS:
            break
    if not best:
        raise NotRead("RAW")
    return data[best:], _orientation(data)


def _pixels(data: bytes, position: int) -> int:
    """Return the pixels of the JPEG whose segments begin at a position; 0 if it is none."""
    for _ in range(MAX_SEGMENTS):
        if data[position : position + 1] != b"\xff" or position + 9 > len(data):
            return 0
        if data[position + 1] in FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return int(height * width) if data[position + 4] == 8 else 0
        if data[position + 1] == 0xDA:
            return 0
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return 0


def _orientation(data: bytes) -> int:
    # Canon's CR3 has it in a box, others in the first directory of the file itself; RW2 and ORF
    # have TIFF's structure under another mark.
    box = data.find(b"CMT1", 0, 2**16) if data[4:8] == b"ftyp" else -1
    if box >= 0:
        return orientation_of(data[box + 4 : box + 4 + 2**16])
    return orientation_of(data) if data[:2] in (b"II", b"MM") else 1
