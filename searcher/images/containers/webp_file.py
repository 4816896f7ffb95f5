"""WebP (RFC 9649): the chunks that pixels are decoded from, without the others."""

import io
import re
import struct
from collections.abc import Iterator

from searcher.images.containers.exif import orientation_of
from searcher.images.containers.picture_file import UNWRITTEN, ColourTags, CutOff, PictureFile

PIXELS = (b"VP8 ", b"VP8L")
NAMES = (b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", *PIXELS)
NAME = re.compile(b"|".join(NAMES))
ALPHA, ANIMATION = 0x10, 0x02  # flags of VP8X
MAX_SEARCHES = 100
LOSSY_START, LOSSLESS_START = b"\x9d\x01\x2a", 0x2F


def read_webp(data: bytes) -> PictureFile:
    """Drop all that no pixel needs, and write right lengths and flags.

    Raises:
        CutOff: The file has no pixels, or part of them was never written.
    """
    first: dict[bytes, memoryview] = {}
    frames: list[memoryview] = []
    for name, body in _walk(data, 12):
        if name == b"ANMF":
            frames.append(body)
        else:
            first.setdefault(name, body)
    pixels = [(name, first[name]) for name in PIXELS if name in first][:1]
    if pixels:
        # In the lossless form a plain area may be zeros.
        if pixels[0][0] == b"VP8 " and UNWRITTEN in bytes(pixels[0][1]):
            raise CutOff
        kept = pixels
        if pixels[0][0] == b"VP8 " and b"ALPH" in first:
            width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", pixels[0][1], 6))
            kept = [(b"VP8X", _extended(ALPHA, width, height)), (b"ALPH", first[b"ALPH"]), *pixels]
    elif frames and b"VP8X" in first:
        canvas = bytes(first[b"VP8X"][4:10])
        flags = bytes([ANIMATION | ALPHA, 0, 0, 0])
        kept = [(b"VP8X", memoryview(flags + canvas))]
        # Colour of the background, which viewers leave clear, and the number of repetitions.
        kept += [(b"ANIM", memoryview(bytes(6))), (b"ANMF", frames[0])]
    else:
        raise CutOff("no pixels")
    pieces: list[bytes | memoryview] = [b"WEBP"]
    for name, body in kept:
        pieces += [name, struct.pack("<I", len(body)), body, bytes(len(body) % 2)]
    size = struct.pack("<I", sum(map(len, pieces)))
    exif, xmp = (bytes(first.get(name, b"")) for name in (b"EXIF", b"XMP "))
    return PictureFile(
        io.BytesIO(b"".join([b"RIFF", size, *pieces])),
        orientation_of(exif, xmp),
        ColourTags(icc=bytes(first.get(b"ICCP", b""))),
    )


def _extended(flags: int, width: int, height: int) -> memoryview:
    sizes = b"".join((n - 1).to_bytes(3, "little") for n in (width, height))
    return memoryview(bytes([flags, 0, 0, 0]) + sizes)


def _walk(data: bytes, position: int) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk's name and body; behind a wrong length the next known name is found."""
    view, searches = memoryview(data), 0
    while position + 8 <= len(data):
        name = data[position : position + 4]
        end = position + 8 + int.from_bytes(data[position + 4 : position + 8], "little")
        behind = end + end % 2
        is_followed = behind >= len(data) or data[behind : behind + 4] in NAMES
        if (end > len(data) or not is_followed) and searches < MAX_SEARCHES:
            searches += 1
            match = _next_name(data, position + 8)
            # Further frames are no reason to look into the pixels for a name.
            end = behind = match if match else min(end, len(data))
            if not match and name not in PIXELS:
                behind = end
        yield name, view[position + 8 : min(end, len(data))]
        position = behind


def _next_name(data: bytes, start: int) -> int:
    """Return where the next chunk begins that can be one; 0 if there is none."""
    for count, match in enumerate(NAME.finditer(data, start)):
        place = match.start()
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if match[0] == b"VP8 " and data[place + 11 : place + 14] != LOSSY_START:
            continue
        if match[0] == b"VP8L" and data[place + 8 : place + 9] != bytes([LOSSLESS_START]):
            continue
        if place + 8 + size <= len(data) or match[0] in PIXELS:
            return place
        if count >= MAX_SEARCHES:
            break
    return 0
