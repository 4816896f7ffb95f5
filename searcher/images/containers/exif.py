"""Read the orientation and the colour space from EXIF and XMP, however damaged the rest is."""

import re
import struct
from typing import NamedTuple

ORIENTATION, EXIF_IFD = 0x0112, 0x8769
COLOUR_SPACE, INTEROPERABILITY_IFD, INTEROPERABILITY_INDEX = 0xA001, 0xA005, 0x0001
ADOBE_RGB = 2  # of the tag ColorSpace, which many cameras write; DCF 2.0 writes the index "R03"
ITEM_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
XMP_ORIENTATION = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])\s*[\"'<]")
MAX_XMP_BYTES = 2**20


class Entry(NamedTuple):
    """An entry of a TIFF directory: type, number of items, and the four bytes of value or place."""

    type: int
    items: int
    value: bytes


class Directory(NamedTuple):
    """A directory of a TIFF structure: byte order for `struct`, and entries by tag."""

    order: str
    entries: dict[int, Entry]

    def number(self, tag: int) -> int:
        """Return the first item of an entry of whole numbers; 0 without one."""
        entry = self.entries.get(tag)
        code = {1: "B", 3: "H", 4: "I", 13: "I"}.get(entry.type, "") if entry else ""
        if not entry or not code or not entry.items:
            return 0
        return int(struct.unpack_from(self.order + code, entry.value)[0])


def byte_order(tiff: bytes) -> str:
    """Return "<" or ">" for `struct`; "" for what is no TIFF structure."""
    return {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]), "")


def read_directory(tiff: bytes, order: str, offset: int) -> Directory:
    """Read a directory as far as it goes; what is cut off is left out."""
    entries: dict[int, Entry] = {}
    if 0 < offset <= len(tiff) - 2:
        (count,) = struct.unpack_from(order + "H", tiff, offset)
        for place in range(offset + 2, min(offset + 2 + 12 * count, len(tiff) - 11), 12):
            tag, type_, items = struct.unpack_from(order + "HHI", tiff, place)
            entries.setdefault(tag, Entry(type_, items, tiff[place + 8 : place + 12]))
    return Directory(order, entries)


def read_exif(data: bytes) -> Directory:
    """Return the first directory of EXIF data, with or without its "Exif" prefix; maybe empty."""
    tiff = data.removeprefix(b"Exif\0\0")
    order = byte_order(tiff)
    if not order or len(tiff) < 8:
        return Directory("<", {})
    return read_directory(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])


def readable(exif: bytes, other: bytes) -> bytes:
    """Return EXIF data, or other data of the same file where its directory can't be read."""
    return exif if read_exif(exif).entries else other


def orientation_of(exif: bytes = b"", xmp: bytes = b"") -> int:
    """Return the orientation, 1 to 8, that EXIF says, else XMP; 1 where it can't be read."""
    number = read_exif(exif).number(ORIENTATION)
    if 1 <= number <= 8:
        return number
    # UTF-16 becomes ASCII without its zeros.
    match = XMP_ORIENTATION.search(xmp[:MAX_XMP_BYTES].replace(b"\0", b""))
    return int(match[1]) if match else 1


def is_adobe_rgb(exif: bytes) -> bool:
    """Whether a camera says that the values are those of Adobe RGB (1998)."""
    first = read_exif(exif)
    tiff = exif.removeprefix(b"Exif\0\0")
    inner = read_directory(tiff, first.order, first.number(EXIF_IFD))
    if inner.number(COLOUR_SPACE) == ADOBE_RGB:
        return True
    index = read_directory(tiff, first.order, inner.number(INTEROPERABILITY_IFD))
    entry = index.entries.get(INTEROPERABILITY_INDEX)
    return bool(entry and entry.value.startswith(b"R03"))
