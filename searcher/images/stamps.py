"""Stamps of files: whether a file has changed since it was read, without reading it again."""

import os
import stat
import time
from typing import NamedTuple

# A change within the resolution of a file's times leaves them as they are (FAT: 2 s), so a file
# that had just been changed when it was read is read once more.
RACY_NS = 3 * 10**9


class Stamp(NamedTuple):
    """Size in bytes, times in nanoseconds, and inode of a file.

    The time of the latest change of content, name or rights (ctime) can't be set, unlike the time
    of modification: it tells files apart that were replaced by others with the same size and time.
    """

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        """Return the stamp of a file with this status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def text(self, read_ns: int | None = None) -> str:
        """Return the stored form.

        Args:
            read_ns: When reading began, in nanoseconds since 1970; None for now.
        """
        return " ".join(map(str, (*self, time.time_ns() if read_ns is None else read_ns)))


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of a file, or of the archive that has it; None where there is neither."""
    candidate = path
    while True:
        try:
            status = os.stat(candidate)
        except OSError:
            candidate, missing = os.path.dirname(candidate), candidate
            if candidate == missing:
                return None
        else:
            break
    # A folder above a missing file tells nothing.
    is_file = candidate == path or stat.S_ISREG(status.st_mode)
    return Stamp.of(status) if is_file else None


def is_unchanged(stored: str, stamp: Stamp | None) -> bool:
    """Whether a file is surely as it was when its stamp was stored.

    Args:
        stored: The stored form of the former stamp; empty where there is none.
        stamp: The present stamp.
    """
    if stamp is None or not stored:
        return False
    *former, read_ns = map(int, stored.split())
    return tuple(former) == stamp and stamp.changed < read_ns - RACY_NS


def is_moved(stored: str, stamp: Stamp | None) -> bool:
    """Whether a file is the one that had a stamp at another path: renaming changes only the ctime.

    Args:
        stored: The stored form of the former stamp; empty where there is none.
        stamp: The present stamp.
    """
    if stamp is None or not stored:
        return False
    size, modified, _, inode, _ = map(int, stored.split())
    return (size, modified, inode) == (stamp.size, stamp.modified, stamp.inode)
