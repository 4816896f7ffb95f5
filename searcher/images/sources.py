"""Where pictures come from: single files, folders and .zip archives."""

import errno
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from searcher.errors import BadImage, BadSource
from searcher.images.pictures import MAX_BYTES, SUFFIXES
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason

MAX_NAME = 255


@dataclass(frozen=True)
class Source:
    """One file that may be a picture.

    `path` is absolute; a member of an archive has the archive's path as its parent, as if the
    archive were a folder. `refusal` is why it must not even be looked at, None if it may. `title`
    and `folder` stand in for the file's and the folder's names, for files that we named ourselves.
    `stands_for` is the id of a picture whose original is gone and whose thumbnail this is.
    `content` are the file's bytes, where whoever wrote it just now still has them.
    """

    path: str
    refusal: Message | None = None
    title: str = ""
    folder: str = ""
    stands_for: int = 0
    content: bytes = field(default=b"", repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file's own name, with what can't be shown replaced."""
        return printable(self.title or os.path.basename(self.path))

    @property
    def label(self) -> str:
        """The name of the folder (or archive) that the file lies in."""
        folder = os.path.basename(os.path.dirname(self.path)).removesuffix(".zip")
        return printable(self.folder or folder)

    def exists(self) -> bool:
        """Whether the file, or the archive it lies in, is there."""
        return os.path.exists(self.path) or any(map(os.path.isfile, Path(self.path).parents))

    def read(self) -> bytes:
        """Return the file's bytes. Raises BadImage where they can't be had."""
        if self.refusal:
            raise BadImage.of(self.refusal)
        if self.content:
            return self.content
        try:
            status = os.stat(self.path)
        except OSError as error:
            # Names in an archive may be longer than any file's.
            if isinstance(error, NotADirectoryError) or error.errno == errno.ENAMETOOLONG:
                return self._read_member()
            raise BadImage("file.unreadable", name=self.name, reason=os_reason(error)) from error
        # A FIFO would block for ever and a device may never end: neither is opened.
        if not stat.S_ISREG(status.st_mode):
            raise BadImage("file.not_regular", name=self.name)
        if status.st_size > MAX_BYTES:
            raise BadImage("file.too_large", name=self.name, mb=MAX_BYTES // 2**20)
        try:
            return Path(self.path).read_bytes()
        except OSError as error:
            raise BadImage("file.unreadable", name=self.name, reason=os_reason(error)) from error

    def _read_member(self) -> bytes:
        archive = next(p for p in Path(self.path).parents if p.is_file() or p == p.parent)
        member = str(PurePosixPath(Path(self.path).relative_to(archive)))
        try:
            return _read_limited(_opened(archive, archive.stat().st_mtime_ns), member, self.name)
        except BadImage:
            raise
        except Exception as error:  # zipfile raises whatever it likes on damaged data
            raise BadImage("archive.member_unreadable", name=self.name) from error


def find_sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Yield the picture files in files, folders (recursively, sorted) and archives.

    A file named directly is yielded whatever its name; in folders and archives, hidden files and
    those without the name of a picture are passed over. What has the name of one but must not be
    read is yielded all the same, with the reason.
    Raises BadSource where a path does not exist or an archive can't be opened.
    """
    for given in paths:
        path = Path(os.path.abspath(given))
        if path.is_dir():
            yield from _in_folder(path)
        elif not os.path.lexists(path):
            raise BadSource("source.missing", name=printable(str(given)))
        elif path.suffix.lower() == ".zip" and path.is_file():
            yield from _in_archive(path)
        else:
            yield Source(str(path))


def _in_folder(folder: Path) -> Iterator[Source]:
    closed: list[OSError] = []
    inside = os.path.realpath(folder)
    # os.walk does not follow links to folders, so a link can't lead round in a circle.
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_picture_name(name):
                path = os.path.join(parent, name)
                out = os.path.islink(path) and not _is_within(os.path.realpath(path), inside)
                refusal = message("source.leads_out", name=printable(name)) if out else None
                yield Source(path, refusal)
    for error in closed:
        name = printable(os.path.basename(error.filename))
        yield Source(
            error.filename,
            message("source.folder_unreadable", name=name, reason=os_reason(error)),
        )


def _is_within(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def _in_archive(archive: Path) -> Iterator[Source]:
    try:
        members = _opened(archive, archive.stat().st_mtime_ns).infolist()
    except Exception as error:  # as above
        raise BadSource("archive.not_zip", name=printable(archive.name)) from error
    names = {member.filename for member in members}
    for name in sorted(name for name in names if not name.endswith("/")):
        parts = PurePosixPath(name).parts
        if "__MACOSX" in parts or not parts:
            continue
        # An absolute or ../ name would make a path outside the archive's own.
        if name != "/".join(parts) or ".." in parts or name.startswith("/") or "\0" in name:
            refusal = message("archive.member_leads_out", name=printable(parts[-1]))
            yield Source(str(archive / parts[-1]), refusal)
        elif is_picture_name(parts[-1]):
            yield Source(str(archive / name))
        elif name.lower().endswith(".zip"):
            refusal = message("archive.nested", name=printable(parts[-1]))
            yield Source(str(archive / name), refusal)


@lru_cache(maxsize=2)
def _opened(archive: Path, modified_ns: int) -> zipfile.ZipFile:
    """Keep an archive open: reading its table again for every member takes quadratic time."""
    return zipfile.ZipFile(archive)


def _read_limited(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """Read a member, stopping at MAX_BYTES: the size in the archive's table may be a lie."""
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise BadImage("archive.member_damaged", name=name) from error
    if len(data) > MAX_BYTES:
        raise BadImage("file.too_large", name=name, mb=MAX_BYTES // 2**20)
    return data


def is_picture_name(name: str) -> bool:
    """Whether a file in a folder or archive is taken for a picture; hidden ones are not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def printable(text: str) -> str:
    """Replace undecodable bytes and control characters, so that any name can be shown and kept.

    Names in an archive may have 65,535 characters; what no file could be called is cut.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "�" for c in clean[:MAX_NAME])
