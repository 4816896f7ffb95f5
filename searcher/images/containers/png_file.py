"""PNG (W3C, third edition): the chunks that pixels are decoded from, without the others."""

import contextlib
import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from searcher.images.containers.exif import orientation_of, readable
from searcher.images.containers.picture_file import (
    UNWRITTEN,
    ColourTags,
    CutOff,
    NotRead,
    PictureFile,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NAMES = re.compile(
    rb"IDAT|IEND|PLTE|tRNS|IHDR|iCCP|eXIf|[if]TXt|pHYs|tIME|gAMA|cHRM|sRGB|cICP|bKGD|sBIT"
)
NAME = re.compile(rb"[A-Za-z]{4}")
KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP"})
NUMBERS = frozenset({b"cICP", b"gAMA", b"cHRM", b"sRGB", b"sBIT"})
MAX_TEXT = 2**24  # bytes of an unpacked profile or text
MAX_SEARCHES = 100  # for the next chunk behind a wrong length
RAW_PROFILE = re.compile(rb"Raw profile type (?:exif|APP1|xmp)\0")
XMP = b"XML:com.adobe.xmp\0"
PALETTE = 3  # a colour type
CLEAR_BYTES = {0: (2,), 2: (6,)}  # of a clear colour, by colour type
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
ZLIB_HEADER_BYTES = 2  # before the compressed rows


class Header(NamedTuple):
    """The chunk IHDR (11.2.1), without the methods of compression and filtering."""

    width: int
    height: int
    bits: int
    kind: int
    is_interlaced: int

    @classmethod
    def of(cls, data: bytes) -> "Header":
        """Return that of a file as `read_png` writes it."""
        width, height, bits, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
        return cls(width, height, bits, kind, interlaced)

    def row_bytes(self, width: int) -> int:
        """Return the bytes of a row of so many pixels, without its filter."""
        return -(-width * self.bits * CHANNELS[self.kind] // 8)


class _Chunks:
    """What is kept of a file's chunks; later ones of a kind that comes once do not count."""

    def __init__(self) -> None:
        self.once: dict[bytes, memoryview] = {}
        self.pixels: list[memoryview] = []
        self.exif = b""
        self.xmp = b""

    def take(self, name: bytes, body: memoryview, is_whole: bool) -> None:
        """Keep a chunk. Its checksum decides where only it can tell that a number is wrong."""
        if name == b"IDAT":
            self.pixels.append(body)
        elif name in KEPT or (is_whole and name in NUMBERS):
            self.once.setdefault(name, body)
        elif name == b"eXIf":
            self.exif = readable(self.exif, bytes(body))
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            with contextlib.suppress(ValueError, IndexError, zlib.error):
                self._take_text(name, bytes(body[:MAX_TEXT]))

    def _take_text(self, name: bytes, body: bytes) -> None:
        if name == b"iTXt" and body.startswith(XMP):
            is_packed, rest = body[len(XMP)], body[len(XMP) + 2 :].split(b"\0", 2)[2]
            self.xmp = self.xmp or (_unpack(rest) if is_packed else rest)
        elif RAW_PROFILE.match(body):
            text = body.split(b"\0", 1)[1]
            text = _unpack(text[1:]) if name == b"zTXt" else text
            # ImageMagick: a line with the kind, one with the size, then hexadecimal digits.
            profile = bytes.fromhex(text.split(b"\n", 3)[3].decode("ascii"))
            if b"type xmp" in body[:24]:
                self.xmp = self.xmp or profile
            else:
                self.exif = readable(self.exif, profile)


def read_png(data: bytes) -> PictureFile:
    """Drop all that no pixel needs, and write right lengths and checksums.

    Raises:
        CutOff: The file has no header, no pixels, or no palette where it needs one, or its end was
            never written.
        NotRead: It is of the variant in which Xcode packs pictures into apps.
    """
    if data[12:16] == b"CgBI":
        raise NotRead("PNG")
    chunks = _Chunks()
    for name, body, is_whole in _walk(data):
        chunks.take(name, body, is_whole)
        if name == b"IEND":
            break
    else:
        # Compressed rows end in a checksum.
        if chunks.pixels and chunks.pixels[-1][-len(UNWRITTEN) :] == UNWRITTEN:
            raise CutOff
    header = chunks.once.get(b"IHDR", memoryview(b""))
    if len(header) != 13 or not chunks.pixels:
        raise CutOff("no pixels")
    kind = header[9]
    kept: list[tuple[bytes, list[memoryview]]] = [(b"IHDR", [header])]
    palette = chunks.once.get(b"PLTE", memoryview(b""))
    colours = min(len(palette) // 3, 256) if kind == PALETTE else 0
    if colours:
        kept.append((b"PLTE", [palette[: 3 * colours]]))
    elif kind == PALETTE:
        raise CutOff("no palette")
    clear = chunks.once.get(b"tRNS", memoryview(b""))
    if len(clear) in (range(1, colours + 1) if colours else CLEAR_BYTES.get(kind, ())):
        kept.append((b"tRNS", [clear]))  # as in libpng, which leaves out what has another size
    pieces: list[bytes | memoryview] = [SIGNATURE]
    for name, bodies in [*kept, (b"IDAT", chunks.pixels), (b"IEND", [])]:
        checksum = zlib.crc32(name)
        # Pillow does not check those of pixels; computing them takes a twentieth of decoding.
        for body in bodies if name != b"IDAT" else []:
            checksum = zlib.crc32(body, checksum)
        size = struct.pack(">I", sum(map(len, bodies)))
        pieces += [size, name, *bodies, struct.pack(">I", checksum)]
    return PictureFile(
        io.BytesIO(b"".join(pieces)),
        orientation_of(chunks.exif, chunks.xmp),
        _colour(chunks.once),
        # Samples of fewer bits are scaled to all; only 16 tell that a dark picture is dark.
        16 if min(chunks.once.get(b"sBIT") or b"\0") >= 16 else 0,
    )


def rows_place(data: bytes) -> slice:
    """Return where the compressed rows lie in a file as `read_png` writes it."""
    start = data.index(b"IDAT") + 4
    return slice(start, start + int.from_bytes(data[start - 8 : start - 4]))


def _walk(data: bytes) -> Iterator[tuple[bytes, memoryview, bool]]:
    """Yield each chunk's name and body, and whether its checksum is right.

    A wrong length is told by the checksum, and by what is no chunk behind it; the next chunk is
    then searched for.
    """
    view = memoryview(data)
    position, searches = len(SIGNATURE), 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        name, end = data[position + 4 : position + 8], position + 8 + size
        is_pixels = name == b"IDAT"
        is_last = end <= len(data) <= end + 4
        is_followed = is_last or bool(NAME.fullmatch(data[end + 8 : end + 12]))
        is_whole = (is_pixels and is_followed) or _checks(view, position, end)
        if not is_whole and not is_followed:
            following, searches = _next_chunk(view, position + 8), searches + 1
            if searches <= MAX_SEARCHES and following:
                end = following - 4
            end = min(end, len(data))
        yield name, view[position + 8 : end], is_whole
        position = end + 4


def _checks(view: memoryview, position: int, end: int) -> bool:
    return view[end : end + 4] == struct.pack(">I", zlib.crc32(view[position + 4 : end]))


def _next_chunk(view: memoryview, start: int) -> int:
    """Return where the next chunk begins whose checksum is right; 0 if there is none."""
    for count, match in enumerate(NAMES.finditer(view, start + 4)):
        position = match.start() - 4
        size = int.from_bytes(view[position : position + 4], "big")
        if _checks(view, position, position + 8 + size):
            return position
        if count >= MAX_SEARCHES:
            break
    return 0


def _colour(once: dict[bytes, memoryview]) -> ColourTags:
    """Return what counts of the colour chunks: the first of cICP, iCCP, sRGB, and the others."""
    if b"cICP" in once and len(once[b"cICP"]) == 4:
        primaries, transfer, _, is_full = once[b"cICP"]
        return ColourTags(primaries=primaries, transfer=transfer, is_narrow=not is_full)
    with contextlib.suppress(ValueError, zlib.error):
        packed = bytes(once.get(b"iCCP", b"")).partition(b"\0")[2]
        return ColourTags(icc=_unpack(packed[1:]))
    if b"sRGB" in once or b"gAMA" not in once or len(once[b"gAMA"]) != 4:
        return ColourTags()
    value = int.from_bytes(once[b"gAMA"], "big")
    points = once.get(b"cHRM", memoryview(b""))
    chromaticities = struct.unpack(">8I", points) if len(points) == 32 else ()
    return ColourTags(
        gamma=100_000 / value if value else 0.0,
        chromaticities=tuple(number / 100_000 for number in chromaticities),
    )


def _unpack(packed: bytes) -> bytes:
    """Unpack a whole zlib stream, whose own checksum must be right."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, MAX_TEXT)
    if not unpacker.eof:
        raise ValueError("cut off, or too long")
    return text
