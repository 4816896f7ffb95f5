"""The end record of a .zip archive (APPNOTE.TXT of PKWARE, 4.3.16): where its table of contents is.

An archive's comment, which follows the record, may contain what looks like another one.
"""

import io
import os
import struct
from pathlib import Path
from typing import IO, NamedTuple

SIGNATURE = b"PK\x05\x06"
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_BYTES = 20
COMMENT_BYTES = 2**16


class ZipEnd(NamedTuple):
    """An end record.

    Attributes:
        position: Where it begins.
        disk: Number of the part of the archive that it is in.
        table_bytes: Size of the table of contents, which precedes it.
        follows_table: Whether there is such a table.
        reaches_end: Whether the comment, by its length, ends where the file does.
        is_last: Whether nothing behind it looks like an end record; zipfile takes the last.
    """

    position: int
    disk: int
    table_bytes: int
    follows_table: bool
    reaches_end: bool
    is_last: bool


class Trimmed(io.FileIO):
    """An archive that ends with its end record, without a comment."""

    def __init__(self, path: Path, end: ZipEnd) -> None:
        """Open the archive."""
        super().__init__(path)
        self._end = end.position + END.size

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position."""
        if whence == io.SEEK_END:
            offset, whence = offset + self._end, io.SEEK_SET
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes."""
        start = self.tell()
        left = max(0, self._end - start)
        data = super().read(left if size is None or size < 0 else min(size, left)) or b""
        length = max(0, start + len(data) - self._end + 2)  # bytes of the comment's length in it
        return data[: len(data) - length] + bytes(min(length, len(data)))


def find_end(file: IO[bytes]) -> ZipEnd | None:
    """Return the end record that counts; None if there is none.

    It is the first that follows a table and whose comment reaches the file's end. Where bytes were
    appended to the file, it is the last that follows a table, one with entries if possible.
    """
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - COMMENT_BYTES - END.size)
    file.seek(start)
    tail = file.read()
    found: list[ZipEnd] = []
    place = tail.find(SIGNATURE)
    while 0 <= place <= len(tail) - END.size:
        following = tail.find(SIGNATURE, place + 1)
        found.append(_read(file, tail, place, start, following < 0))
        place = following
    sound = [end for end in found if end.follows_table]
    whole = [end for end in sound if end.reaches_end]
    with_entries = [end for end in sound if end.table_bytes]
    return next(iter(whole[:1] + with_entries[-1:] + sound[-1:] + found[-1:]), None)


def _read(file: IO[bytes], tail: bytes, place: int, start: int, is_last: bool) -> ZipEnd:
    _, disk, _, _, count, table_bytes, _, comment_bytes = END.unpack_from(tail, place)
    position = table_end = start + place
    file.seek(max(0, position - LOCATOR_BYTES - END64.size))
    record = file.read(END64.size)
    if record[:4] == b"PK\x06\x06" and len(record) == END64.size:
        table_end -= LOCATOR_BYTES + END64.size
        count, table_bytes = END64.unpack(record)[7:9]
    follows_table = not count and not table_bytes
    if 0 < table_bytes <= table_end:
        file.seek(table_end - table_bytes)
        follows_table = file.read(4) == b"PK\x01\x02"
    reaches_end = place + END.size + comment_bytes == len(tail)
    return ZipEnd(position, disk, table_bytes, follows_table, reaches_end, is_last)
