"""Reading .tar archives, also those compressed by gzip, bzip2, xz or lzma."""

import contextlib
import copy
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from searcher.errors import BadSource
from searcher.images.archive_names import member_names
from searcher.images.decompression import STEP, unpack
from searcher.images.members import Member
from searcher.images.signatures import is_tar_header

MAX_FILES = 500_000
HEADER_BYTES = 2**20  # of the names and attributes of one file
# A compressed archive is unpacked once, into a temporary file of at most so many bytes, or so many
# times its own size: pictures hardly shrink.
UNPACKED_BYTES = 4 * 2**30
UNPACKED_RATIO = 4


class TarArchive:
    """An open archive. Safe to use from several threads.

    Attributes:
        members: Its files and links.
        is_cut_off: Whether its end is missing; the files that are whole are members.
    """

    def __init__(self, path: Path, kind: str, name: str) -> None:
        """List the members.

        Args:
            path: The archive.
            kind: "tar", or how it is compressed; see `decompression.unpack`.
            name: What messages call it.

        Raises:
            BadSource: It can't be read.
        """
        self.is_cut_off = False
        if kind == "tar":
            self._file: IO[bytes] = path.open("rb")
        else:
            self._file = self._unpacked(path, kind, name)
        infos = self._infos(name)
        raw = [info.name.encode("utf-8", "surrogateescape") for info in infos]
        names = member_names(raw)
        self.members = [
            Member(
                known.path,
                info.size if info.isreg() else 0,
                known.leads_out,
                is_link=info.issym() or info.islnk(),
                is_device=info.isdev(),
            )
            for info, known in zip(infos, names, strict=True)
        ]
        self._places = {
            known.path: (info.offset_data, _runs(info), info.size)
            for info, known in zip(infos, names, strict=True)
            if info.isreg() and not known.leads_out
        }

    def has(self, path: str) -> bool:
        """Whether there is a member of that path."""
        return path in self._places

    def read(self, path: str, size: int, name: str) -> bytes:
        """Return at most `size` bytes of a member, from its beginning. Raises OSError, KeyError."""
        start, runs, length = self._places[path]
        if runs == [(0, length)]:
            return self._read(start, min(length, size))
        result = bytearray(min(length, size))
        for offset, run in runs:
            part = self._read(start, min(run, max(0, size - offset)))
            result[offset : offset + len(part)] = part
            start += run
        return bytes(result)

    def _read(self, start: int, size: int) -> bytes:
        """Return some bytes of the archive; fewer at its end."""
        end = start + size
        parts = []
        while start < end and (part := os.pread(self._file.fileno(), end - start, start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def _unpacked(self, path: Path, kind: str, name: str) -> IO[bytes]:
        limit = max(UNPACKED_BYTES, UNPACKED_RATIO * path.stat().st_size)
        # Closed, and so deleted, with this object.
        file = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115
        try:
            with path.open("rb") as source:
                self.is_cut_off = not unpack(kind, source, file, limit)
        except OverflowError as error:
            file.close()
            raise BadSource("archive.too_large", name=name, gb=limit // 2**30) from error
        except OSError as error:
            file.close()
            raise BadSource("archive.no_room", name=name) from error
        return file

    def _infos(self, name: str) -> list[tarfile.TarInfo]:
        """Return the files, links and devices; of archives joined to one those of all.

        A hard link is a file of its own, with the content of the one that it leads to.
        """
        infos: list[tarfile.TarInfo] = []
        files: dict[str, tarfile.TarInfo] = {}
        start = 0
        while start >= 0:
            for info in self._archive(start, name):
                if info.islnk() and (target := files.get(info.linkname)):
                    linked = copy.copy(target)
                    linked.name = info.name
                    info = linked
                if info.isreg():
                    files[info.name] = info
                if info.isreg() or info.issym() or info.islnk() or info.isdev():
                    infos.append(info)
                if len(infos) > MAX_FILES:
                    raise BadSource("archive.too_many_files", name=name)
            start = -1 if self.is_cut_off else self._next_header(self._end)
        return infos

    def _archive(self, start: int, name: str) -> Iterator[tarfile.TarInfo]:
        """Yield what an archive has that begins at a position, and note where it ends."""
        size = os.fstat(self._file.fileno()).st_size
        self._file.seek(start)
        try:
            headers = _Headers(self._file)
            tar = tarfile.TarFile(fileobj=headers, encoding="utf-8", tarinfo=_Info)
        except Exception as error:
            if self.is_cut_off:
                raise BadSource("archive.nothing_whole", name=name) from error
            raise BadSource("archive.not_readable", name=name) from error
        position = -1
        info = None
        with contextlib.suppress(Exception):  # tarfile raises whatever it likes on damaged data
            info = tar.next()
            while info is not None and tar.offset > position:
                position = tar.offset
                cast(Any, tar).members.clear()  # or memory would grow with all that is no picture
                stored = sum(run for _, run in _runs(info))
                if info.isreg() and info.offset_data + stored > size:
                    break
                info.pax_headers = {}
                yield info
                info = tar.next()
        self._end = tar.offset
        end = os.pread(self._file.fileno(), tarfile.BLOCKSIZE, tar.offset)
        self.is_cut_off |= info is not None or end != bytes(tarfile.BLOCKSIZE)

    def _next_header(self, position: int) -> int:
        """Return where a header follows the zeros behind an archive; -1 if there is none."""
        while part := os.pread(self._file.fileno(), STEP, position):
            if part != bytes(len(part)):
                zeros = len(part) - len(part.lstrip(b"\0"))
                position += zeros // tarfile.BLOCKSIZE * tarfile.BLOCKSIZE
                block = os.pread(self._file.fileno(), tarfile.BLOCKSIZE, position)
                return position if is_tar_header(block) else -1
            position += len(part)
        return -1


class _Info(tarfile.TarInfo):
    """A member whose name is its own: GNU's headers have times where POSIX' have its beginning."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Info":
        info = super().frombuf(buf, encoding, errors)
        if buf[257:265] == tarfile.GNU_MAGIC and (info.isreg() or info.islnk()):
            info.name = bytes(buf[:100]).partition(b"\0")[0].decode(encoding, errors)
        return info


def _runs(info: tarfile.TarInfo) -> list[tuple[int, int]]:
    """Return where the bytes of a member that are stored belong, and how many; others are zero."""
    sparse = cast("list[tuple[int, int]] | None", info.sparse)
    return [(0, info.size)] if sparse is None else sparse


class _Headers(io.RawIOBase):
    """A file of which only headers of a sensible size are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= HEADER_BYTES:
            raise tarfile.ReadError("header too large")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
