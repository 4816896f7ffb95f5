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

    Attributes:
        path: An absolute path; a member of an archive has the archive's path as its parent, as if
            the archive were a folder.
        refusal: Why the file must not be read; None if it may.
        title: Replaces the file's name, for files that this program named.
        folder: Replaces the folder's name, for the same files.
        thumbnail_of: The id of the picture whose thumbnail this is, because the original is
            missing; 0 for an original.
        content: The file's bytes where they are in memory already.
        is_labelled: Whether `folder` is the label that the user gives this picture, which replaces
            the label of its record.
    """

    path: str
    refusal: Message | None = None
    title: str = ""
    folder: str = ""
    thumbnail_of: int = 0
    content: bytes = field(default=b"", repr=False, compare=False)
    is_labelled: bool = False

    @property
    def name(self) -> str:
        """The file's name without its folder; characters that can't be shown are replaced."""
        return printable(self.title or os.path.basename(self.path))

    @property
    def label(self) -> str:
        """The name of the folder or archive that contains the file."""
        folder = os.path.basename(os.path.dirname(self.path)).removesuffix(".zip")
        return printable(self.folder or folder)

    def exists(self) -> bool:
        """Whether the file, or the archive that contains it, exists."""
        return os.path.exists(self.path) or any(map(os.path.isfile, Path(self.path).parents))

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            BadImage: The file may not be read, can't be read, or is too large.
        """
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
        archive = next(p for p in Path(self.path).parents if os.path.isfile(p) or p == p.parent)
        member = str(PurePosixPath(Path(self.path).relative_to(archive)))
        try:
            file = _open_archive(archive, archive.stat().st_mtime_ns)
            return _read_limited(file, member, self.name)
        except BadImage:
            raise
        except Exception as error:  # zipfile raises whatever it likes on damaged data
            raise BadImage("archive.member_unreadable", name=self.name) from error


def find_sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Yield the picture files in files, folders (recursively, sorted) and archives.

    A file that is itself among `paths` is yielded whatever its name. In folders and archives,
    hidden files and files without a picture's suffix are skipped. A picture file that must not be
    read is yielded with its `refusal`.

    Raises:
        BadSource: A path does not exist, or an archive can't be opened.
    """
    for entry in paths:
        path = Path(os.path.abspath(entry))
        if path.is_dir():
            yield from _in_folder(path)
        elif not os.path.lexists(path):
            raise BadSource("source.missing", name=printable(str(entry)))
        elif path.suffix.lower() == ".zip" and path.is_file():
            yield from _in_archive(path)
        else:
            yield Source(str(path))


def _in_folder(folder: Path) -> Iterator[Source]:
    failures: list[OSError] = []
    root = os.path.realpath(folder)
    # os.walk does not follow links to folders, so links can't cause an endless loop.
    for parent, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_picture_name(name):
                path = os.path.join(parent, name)
                leads_out = os.path.islink(path) and not _is_within(os.path.realpath(path), root)
                refusal = message("source.leads_out", name=printable(name)) if leads_out else None
                yield Source(path, refusal)
    for error in failures:
        name = printable(os.path.basename(error.filename))
        yield Source(
            error.filename,
            message("source.folder_unreadable", name=name, reason=os_reason(error)),
        )


def _is_within(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def _in_archive(archive: Path) -> Iterator[Source]:
    try:
        members = _open_archive(archive, archive.stat().st_mtime_ns).infolist()
    except Exception as error:  # zipfile raises whatever it likes on damaged data
        raise BadSource("archive.not_zip", name=printable(archive.name)) from error
    names = {member.filename for member in members}
    for name in sorted(name for name in names if not name.endswith("/")):
        parts = PurePosixPath(name).parts
        if "__MACOSX" in parts or not parts:
            continue
        # An absolute or ../ name would make a path outside of the archive's.
        if name != "/".join(parts) or ".." in parts or name.startswith("/") or "\0" in name:
            refusal = message("archive.member_leads_out", name=printable(parts[-1]))
            yield Source(str(archive / parts[-1]), refusal)
        elif is_picture_name(parts[-1]):
            yield Source(str(archive / name))
        elif name.lower().endswith(".zip"):
            refusal = message("archive.nested", name=printable(parts[-1]))
            yield Source(str(archive / name), refusal)


@lru_cache(maxsize=2)
def _open_archive(archive: Path, modified_ns: int) -> zipfile.ZipFile:
    """Open an archive once: reading its table again for every member takes quadratic time."""
    return zipfile.ZipFile(archive)


def _read_limited(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """Read a member, at most MAX_BYTES: the size in the archive's table may be false."""
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_BYTES + 1)
    except (RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise BadImage("archive.member_damaged", name=name) from error
    if len(data) > MAX_BYTES:
        raise BadImage("file.too_large", name=name, mb=MAX_BYTES // 2**20)
    return data


def is_picture_name(name: str) -> bool:
    """Whether a name has the suffix of a picture and is not hidden."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def printable(text: str) -> str:
    """Replace undecodable bytes and control characters, so that any name can be shown and stored.

    Names in an archive may have 65,535 characters; the result has at most MAX_NAME.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "�" for c in clean[:MAX_NAME])
