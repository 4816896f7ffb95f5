"""Where pictures come from: single files, folders and archives."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from searcher.errors import BadImage, BadSource
from searcher.images.archive_listing import archive_files
from searcher.images.archives import is_archive, read_member
from searcher.images.folder_walk import FolderWalk
from searcher.images.left_out import LeftOut
from searcher.images.pictures import MAX_BYTES
from searcher.images.present_paths import present_path
from searcher.images.shown_names import MAX_NAME as MAX_NAME
from searcher.images.shown_names import printable as printable
from searcher.images.signatures import archive_title
from searcher.messages.message import Message
from searcher.messages.system import os_reason


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
        is_own: Whether this part of a run of several parts takes the file, for one whose maker
            has decided; None where the file itself tells.
    """

    path: str
    refusal: Message | None = None
    title: str = ""
    folder: str = ""
    thumbnail_of: int = 0
    content: bytes = field(default=b"", repr=False, compare=False)
    is_labelled: bool = False
    is_own: bool | None = None

    @property
    def name(self) -> str:
        """The file's name without its folder; characters that can't be shown are replaced."""
        return printable(self.title or os.path.basename(self.path))

    @property
    def label(self) -> str:
        """The name of the folder or archive that contains the file."""
        folder = archive_title(os.path.basename(os.path.dirname(self.path)))
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
        archive, member = split_member(self.path)
        return read_member(archive, member, MAX_BYTES, self.name)


def split_member(path: str) -> tuple[Path, str]:
    """Return the archive of a member, and the member's path below it."""
    archive = next(p for p in Path(path).parents if os.path.isfile(p) or p == p.parent)
    return archive, str(PurePosixPath(Path(path).relative_to(archive)))


def find_sources(paths: Iterable[Path], omitted: LeftOut | None = None) -> Iterator[Source]:
    """Yield the picture files in files, folders (recursively, sorted) and archives.

    A file that is itself among `paths` is yielded whatever its name. In folders and archives,
    what is hidden, belongs to a system or is no picture is left out. A picture file that must not
    be read is yielded with its `refusal`.

    Args:
        paths: Files, folders and archives; a path may have accents in the composed or decomposed
            form of Unicode, whatever the disk has.
        omitted: Counts what is left out.

    Raises:
        BadSource: A path does not exist, or an archive can't be opened.
    """
    omitted = LeftOut() if omitted is None else omitted
    for entry in paths:
        path = Path(present_path(os.path.abspath(entry)))
        if path.is_dir():
            files = FolderWalk(str(path), omitted).files()
        elif not os.path.lexists(path):
            raise BadSource("source.missing", name=printable(str(entry)))
        elif is_archive(path):
            files = archive_files(path, omitted)
        else:
            files = iter([(str(path), None)])
        yield from (Source(found, refusal) for found, refusal in files)
