"""Reading .zip archives: their table of contents, and one member at a time."""

import copy
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from searcher.errors import BadImage, BadSource
from searcher.images.archive_names import member_names
from searcher.images.encoding_detection import is_utf8
from searcher.images.members import Member
from searcher.images.zip_ends import Trimmed, ZipEnd, find_end

TABLE_BYTES = 64 * 2**20  # of the table of contents, which is read whole: half a million files
ENCRYPTED, UTF8 = 0x0001, 0x0800  # bits of a member's flags
# APPNOTE.TXT of PKWARE, 4.4.5
METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 94: "MP3", 95: "XZ"}
METHODS |= {96: "JPEG", 97: "WavPack", 98: "PPMd"}
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
AES = 99
UNICODE_PATH = 0x7075  # of Info-ZIP, in a member's extra field
LOCAL = struct.Struct("<4s5H3L2H")
ENTRY_BYTES = 46  # of the table, before a name


class ZipArchive:
    """An open archive. Safe to use from several threads."""

    is_cut_off = False  # then it could not be opened

    def __init__(self, path: Path, name: str) -> None:
        """Read the table of contents.

        Args:
            path: The archive.
            name: What messages call it.

        Raises:
            BadSource: It can't be read.
        """
        end = _checked_end(path, name)
        try:
            self._file = _open(path, end)
        except Exception as error:  # zipfile raises whatever it likes on damaged data
            raise BadSource("archive.not_zip", name=name) from error
        infos = self._file.infolist()
        names = member_names([_stored_name(info) for info in infos])
        self.members = [
            Member(known.path, info.file_size, known.leads_out, _is_link(info))
            for info, known in zip(infos, names, strict=True)
            if not info.filename.endswith(("/", "\\"))
        ]
        pairs = zip(infos, names, strict=True)
        by_path = {known.path: info for info, known in pairs if not known.leads_out}
        # Earlier versions used the names that zipfile gives.
        self._infos = {info.filename: info for info in infos} | by_path

    def has(self, path: str) -> bool:
        """Whether there is a member of that path."""
        return path in self._infos

    def read(self, path: str, size: int, name: str) -> bytes:
        """Return at most `size` bytes of a member, from its beginning.

        Args:
            path: The member's path.
            size: The size in the table may be false.
            name: What messages call the member.

        Raises:
            BadImage: The member is encrypted, or compressed in a way that can't be read.
            Exception: Whatever zipfile raises where it is damaged.
        """
        info = self._infos[path]
        if info.compress_type == AES or info.flag_bits & ENCRYPTED:
            raise BadImage("archive.member_encrypted", name=name)
        if info.compress_type not in READABLE:
            method = METHODS.get(info.compress_type, f"method {info.compress_type}")
            raise BadImage("archive.member_method", name=name, method=method)
        with self._file.open(self._as_local(info)) as stream:
            return stream.read(size)

    def _as_local(self, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
        """Return an entry with the name that precedes the data, which some programs encode apart.

        zipfile refuses to read a file whose two names differ.
        """
        with open(str(self._file.filename), "rb") as file:
            file.seek(info.header_offset)
            header = LOCAL.unpack(file.read(LOCAL.size))
            name = file.read(header[9])
        is_marked = header[2] & UTF8 and not isinstance(self._file.fp, _Unmarked)
        local = copy.copy(info)
        local.orig_filename = name.decode("utf-8" if is_marked else "cp437")
        return local


class _Unmarked(Trimmed):
    """An archive without marks of UTF-8: in its table where they are false, else everywhere."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = bytearray(super().read(size))
        if len(data) == LOCAL.size and data[:4] == b"PK\x03\x04":
            data[7] &= ~(UTF8 >> 8) & 0xFF
        position = 0
        while data[position : position + 4] == b"PK\x01\x02":
            flags = int.from_bytes(data[position + 8 : position + 10], "little")
            lengths = struct.unpack_from("<3H", data, position + 28)
            start = position + ENTRY_BYTES
            if flags & UTF8 and not is_utf8(bytes(data[start : start + lengths[0]])):
                struct.pack_into("<H", data, position + 8, flags & ~UTF8)
            position = start + sum(lengths)
        return bytes(data)


def _open(path: Path, end: ZipEnd) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path if end.is_last else Trimmed(path, end))
    except UnicodeDecodeError:
        return zipfile.ZipFile(_Unmarked(path, end))


def _checked_end(path: Path, name: str) -> ZipEnd:
    """Return the end record of an archive whose table of contents is not too large.

    Raises:
        BadSource: It has none, is one of several parts, or has too many files.
    """
    with path.open("rb") as file:
        end = find_end(file)
        file.seek(0)
        beginning = file.read(2)
    if end is None and beginning == b"PK":
        raise BadSource("archive.cut_off", name=name)
    if end is None:
        raise BadSource("archive.not_zip", name=name)
    if end.disk not in (0, 0xFFFF):
        raise BadSource("archive.in_parts", name=name)
    if end.table_bytes > TABLE_BYTES:
        raise BadSource("archive.too_many_files", name=name)
    return end


def _stored_name(info: zipfile.ZipInfo) -> str | bytes:
    """Return a member's name, as bytes where its encoding is not known."""
    if info.flag_bits & UTF8:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    return _unicode_path(info.extra, raw) or raw


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in Info-ZIP's field, which counts while the other is as it was; else ""."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        field = extra[position + 4 : position + 4 + length]
        is_name = kind == UNICODE_PATH and field[:1] == b"\x01" and len(field) > 5
        if is_name and int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
        position += 4 + length
    return ""


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)
