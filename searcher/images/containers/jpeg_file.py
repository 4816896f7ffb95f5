"""JPEG (ITU-T T.81): the segments that pixels are decoded from, without the others."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from searcher.images.containers.exif import is_adobe_rgb, orientation_of, readable
from searcher.images.containers.jpeg_scans import EOI, FRAMES, SOS
from searcher.images.containers.picture_file import (
    ColourTags,
    CutOff,
    NotRead,
    PictureFile,
    Spliced,
)

READ_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})  # Huffman and arithmetic, 8 bits
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})  # Huffman, arithmetic, quantisation, DNL, DRI
BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a segment
JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
EXIF, XMP, ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
ADOBE_GAMMA, ADOBE_PRIMARIES = (
    563 / 256,
    (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06),
)
MAX_WALK = 1000  # segments of a candidate, and candidates, where a length is wrong
MAX_COPIED = 2**19  # bytes; larger files are read where they lie
SEGMENT = re.compile(rb"\xff[\xc0-\xcf\xda\xdb\xdd\xe0-\xef\xfe]")


@dataclass
class _Head:
    """What stands before the first scan."""

    kept: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    frame: bytes = b""
    frame_type: int = 0
    exif: bytes = b""
    xmp: bytes = b""
    icc: dict[int, bytes] = field(default_factory=dict)
    scan: int = 0  # where the first scan's segment begins

    def take(self, marker: int, body: bytes) -> None:
        """Keep a segment, or what it says."""
        if marker in FRAMES or marker in TABLES:
            self.kept.append(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body)
            if marker in FRAMES:
                self.frame, self.frame_type = body, marker
        elif marker == 0xE0 and body.startswith(b"JFIF\0"):
            self.kept.append(JFIF)
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            self.kept.append(b"\xff\xee\0\x0e" + body[:12])
        elif marker == 0xE1 and body.startswith(EXIF):
            self.exif = readable(self.exif, body)
        elif marker == 0xE1 and body.startswith(XMP):
            self.xmp = self.xmp or body[len(XMP) :]
        elif marker == 0xE2 and body.startswith(ICC) and len(body) > 14:
            self.icc.setdefault(body[12], body[14:])


def read_jpeg(data: bytes) -> PictureFile:
    """Drop all that no pixel needs.

    Raises:
        CutOff: The file has no scan.
        NotRead: It is lossless, hierarchical, or has more than 8 bits a sample.
    """
    head = _Head()
    position = 2
    while True:
        if data[position : position + 1] != b"\xff":
            position = _next_segment(data, position)
        marker, body, end = _segment(data, position)
        if marker == SOS:
            head.scan = position
            break
        # A length that leads nowhere is a metadata segment's: the decoder's own are vital.
        if not _leads_on(data, end) and marker not in FRAMES | TABLES | BARE:
            end = _next_segment(data, position + 2)
            body = data[position + 4 : end]
        head.take(marker, body)
        position = end
    if head.frame_type not in READ_FRAMES or head.frame[:1] != b"\x08":
        raise NotRead("JPEG")
    icc = b"".join(head.icc[number] for number in sorted(head.icc))
    colour = ColourTags(icc=icc)
    if not icc and is_adobe_rgb(head.exif):
        colour = ColourTags(gamma=ADOBE_GAMMA, chromaticities=ADOBE_PRIMARIES)
    parts = data[head.scan + 4] if head.scan + 4 < len(data) else 0
    start = b"".join(head.kept)
    is_large = len(data) > MAX_COPIED
    return PictureFile(
        Spliced(start, data, head.scan) if is_large else io.BytesIO(start + data[head.scan :]),
        orientation_of(head.exif, head.xmp),
        colour,
        planes=head.frame_type in PROGRESSIVE or parts < head.frame[5],
        has_dc_scans=head.frame_type == 0xC2,
        is_padded=data.endswith(b"\0\0") and not data.rstrip(b"\0").endswith(b"\xff\xd9"),
    )


def _segment(data: bytes, position: int) -> tuple[int, bytes, int]:
    """Return marker, body and end of the segment at or behind a position; 0 for stray bytes."""
    position = data.find(b"\xff", position)
    while 0 <= position < len(data) - 1 and data[position + 1] == 0xFF:
        position += 1
    if not 0 <= position < len(data) - 3 or data[position + 1] == EOI:
        raise CutOff("no scan")
    marker = data[position + 1]
    if marker in BARE or not marker:
        return 0x01, b"", position + 2
    end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return marker, data[position + 4 : end] if marker != SOS else b"", end


def _leads_on(data: bytes, end: int) -> bool:
    return data[end : end + 1] == b"\xff" and data[end + 1 : end + 2] not in (b"", b"\0")


def _next_segment(data: bytes, start: int) -> int:
    """Return where the segments of the largest picture behind `start` begin.

    A thumbnail in the EXIF block is a JPEG too.
    """
    best, largest = -1, 0
    for count, match in enumerate(SEGMENT.finditer(data, start)):
        if count >= MAX_WALK:
            break
        size = max(_sizes_from(data, match.start()), default=0)
        if size > largest:
            best, largest = match.start(), size
    if best < 0:
        raise CutOff("no scan")
    return best


def _sizes_from(data: bytes, position: int) -> Iterator[int]:
    """Yield the pixels of the frame whose header and scan follow in whole segments, if any do."""
    pixels = 0
    for _ in range(MAX_WALK):
        try:
            marker, body, end = _segment(data, position)
        except CutOff:
            return
        if marker == SOS:
            if pixels:
                yield pixels
            return
        if not _leads_on(data, end):
            return
        if marker in FRAMES and len(body) >= 6:
            height, width = struct.unpack_from(">HH", body, 1)
            pixels = height * width
        position = end
