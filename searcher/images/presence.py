"""Whether a missing file was deleted, or is on a disk that is not mounted."""

import errno
import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from searcher.errors import BadSource
from searcher.images.sources import find_sources
from searcher.images.stamps import Stamp, stamp_of


class Presence(NamedTuple):
    """Whether a file exists.

    Attributes:
        exists: Whether it does.
        obstacle: If not, the folder because of which it can't be taken for deleted.
        has_folder: If not, whether its own folder or archive exists.
    """

    exists: bool
    obstacle: Path | None = None
    has_folder: bool = False

    @property
    def is_deleted(self) -> bool:
        """Whether the file does not exist, and is not merely out of reach."""
        return not self.exists and self.obstacle is None

    @property
    def is_surely_deleted(self) -> bool:
        """Whether the file was deleted, and not the folder that a disk was mounted in."""
        return self.is_deleted and self.has_folder


def has_pictures(root: Path) -> bool:
    """Whether a file or folder exists, can be read, and has pictures to index."""
    try:
        return any(not source.refusal for source in find_sources([root])) and os.path.exists(root)
    except (BadSource, OSError):
        return False


def presence_of(path: str, root: Path = Path("/")) -> Presence:
    """Return whether a file, or a member of an archive, exists.

    A missing one is taken for deleted, unless the nearest existing folder above it is empty (as is
    the mount point of a disk that is not mounted), can't be read, or is a dangling link, or the
    archive can't be opened.

    Args:
        path: An absolute path.
        root: A folder above it; folders above `root` are not examined.
    """
    is_unreadable = False
    for folder in (Path(path), *Path(path).parents):
        try:
            mode = os.lstat(folder).st_mode
            if stat.S_ISLNK(mode):
                if not os.path.exists(folder):
                    return Presence(False, folder)  # dangling
                mode = os.stat(folder).st_mode
            if stat.S_ISDIR(mode):
                is_out_of_reach = folder != Path(path) and (is_unreadable or _is_empty(folder))
                has_folder = folder == Path(path).parent or folder == Path(path)
                return Presence(False, folder if is_out_of_reach else None, has_folder)
            if folder == Path(path):
                return Presence(stat.S_ISREG(mode), None, has_folder=True)
            return _presence_in(folder, path)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:  # no permission, or the disk does not answer
            # Names in an archive may be longer than any file's.
            is_unreadable |= error.errno != errno.ENAMETOOLONG
        if folder == root:
            break
    return Presence(False, root)


def _is_empty(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None


def _presence_in(archive: Path, path: str) -> Presence:
    stamp = stamp_of(str(archive))
    members = _members(archive, stamp) if stamp else None
    if members is None:
        return Presence(False, archive)
    return Presence(path in members, None, has_folder=True)


@lru_cache(maxsize=2)
def _members(archive: Path, stamp: Stamp) -> frozenset[str] | None:
    """Return the paths of an archive's members; None if it can't be opened."""
    try:
        return frozenset(source.path for source in find_sources([archive]))
    except (BadSource, OSError):
        return None
