"""Boxes of HEIF files that say more than they contain: reading them ends at once."""

import struct
from typing import Any

import pytest

from searcher.images.containers import heif_file
from searcher.images.containers.boxes import number
from searcher.images.containers.picture_file import UNWRITTEN, CutOff


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def heif(part: bytes, pixels: bytes = b"") -> bytes:
    """A file with a box of metadata, and bytes of pixels behind it."""
    meta = box(b"meta", bytes(4) + part)
    return box(b"ftyp", b"heic" + bytes(4)) + meta + box(b"mdat", pixels)


def locations(count: int, extents: int, sizes: int = 0, numbers: bytes = b"") -> bytes:
    """An ItemLocation box of some items with the same extents, whose numbers have `sizes` bits."""
    head = bytes(4) + bytes([sizes, 0]) + struct.pack(">H", count)
    items = (struct.pack(">HHH", item, 0, extents) + numbers for item in range(count))
    return box(b"iloc", head + b"".join(items))


ENDLESS = {
    "extents without numbers": locations(2000, 65535),
    "extents behind the end": locations(2000, 65535, 0x44),
    "tiles behind the end": box(
        b"iref", bytes(4) + box(b"dimg", struct.pack(">HH", 1, 65535)) * 2000
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_counts_are_limited_by_the_bytes_of_their_box(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = ENDLESS[name]
    calls = iter(range(2 * len(part)))  # each reads a number

    def read(*place: Any) -> int:
        next(calls)
        return number(*place)

    monkeypatch.setattr(heif_file, "number", read)
    heif_file.read_heif(heif(part))


def test_pixels_that_overlap_are_not_searched_again_and_again() -> None:
    whole = struct.pack(">II", 0, 2**31)
    heif_file.read_heif(heif(locations(1, 1000, 0x44, whole * 1000), UNWRITTEN))
    with pytest.raises(CutOff):
        heif_file.read_heif(heif(locations(1, 1, 0x44, whole), UNWRITTEN))
