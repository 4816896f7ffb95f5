"""Archives of pictures, of whatever format: which files are ones, and reading them."""

import threading
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from searcher.errors import BadImage, BadSource
from searcher.images.file_formats import format_of
from searcher.images.members import Member
from searcher.images.shown_names import printable
from searcher.images.signatures import ARCHIVE_ENDING, TAR_BLOCK, archive_format
from searcher.images.stamps import Stamp
from searcher.images.tar_archives import TarArchive
from searcher.images.zip_archives import ZipArchive

ZIP, UNKNOWN = "zip", "unknown"
TARS = ("tar", "gzip", "bzip2", "xz", "lzma")
TAR_ENDINGS = (".tar", ".cbt")


class Archive(Protocol):
    """An open archive. Safe to use from several threads."""

    @property
    def members(self) -> list[Member]:
        """Its files."""

    @property
    def is_cut_off(self) -> bool:
        """Whether its end is missing, and the members are those that are whole."""

    def has(self, path: str) -> bool:
        """Whether there is a member of that path."""

    def read(self, path: str, size: int, name: str) -> bytes:
        """Return at most `size` bytes of a member; messages call it `name`."""


_opening = threading.Lock()


def is_archive(path: Path) -> bool:
    """Whether a file is an archive, or was meant as one: its content decides, then its ending."""
    return bool(_format(path))


def open_archive(path: Path) -> Archive:
    """Return an archive, which stays open for a while.

    Raises:
        BadSource: It can't be read.
    """
    name = printable(path.name)
    try:
        status = path.stat()
        with _opening:  # or each of several threads would unpack it
            archive = _open(path, Stamp.of(status), name)
    except OSError as error:
        raise BadSource("archive.not_readable", name=name) from error
    if isinstance(archive, BadSource):
        raise archive
    return archive


def read_member(path: Path, member: str, limit: int, name: str) -> bytes:
    """Return the content of a file in an archive.

    Args:
        path: The archive.
        member: The file's path below it.
        limit: Bytes that the file may have.
        name: What messages call the file.

    Raises:
        BadImage: It can't be read, or is too large.
    """
    try:
        data = open_archive(path).read(member, limit + 1, name)
    except BadImage:
        raise
    except (BadSource, KeyError) as error:
        raise BadImage("archive.member_unreadable", name=name) from error
    except Exception as error:  # zipfile raises whatever it likes on damaged data
        raise BadImage("archive.member_damaged", name=name) from error
    if len(data) > limit:
        raise BadImage("file.too_large", name=name, mb=limit // 2**20)
    return data


@lru_cache(maxsize=2)
def _open(path: Path, stamp: Stamp, name: str) -> Archive | BadSource:
    """Open an archive once: reading its table again for every member takes quadratic time.

    Args:
        path: The archive.
        stamp: Its state; another one is opened anew.
        name: What messages call it.
    """
    kind = _format(path)
    try:
        if kind == ZIP:
            return ZipArchive(path, name)
        if kind in TARS:
            return TarArchive(path, kind, name)
    except BadSource as error:
        return error
    if kind in ("", UNKNOWN) and path.suffix.lower() == ".zip":
        return BadSource("archive.not_zip", name=name)
    if kind in ("", UNKNOWN):
        return BadSource("archive.not_readable", name=name)
    return BadSource("archive.format", name=name, format=kind)


def _format(path: Path) -> str:
    """Return the format of an archive, UNKNOWN for what only calls itself one; "" for others."""
    if not path.is_file():  # a FIFO would block for ever
        return ""
    try:
        with path.open("rb") as file:
            beginning = file.read(TAR_BLOCK)
        if kind := archive_format(beginning):
            return kind
        if format_of(beginning):
            return ""
        # An archive without files is nothing but zeros.
        if path.suffix.lower() in TAR_ENDINGS and beginning == bytes(TAR_BLOCK):
            return "tar"
        # A program that unpacks itself has its archive at the end.
        is_zip = zipfile.is_zipfile(path)
    except OSError:
        return ""
    return ZIP if is_zip else UNKNOWN if ARCHIVE_ENDING.search(path.name) else ""
