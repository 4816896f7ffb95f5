"""Wait until something in some folders may have changed, without looking through them."""

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

from searcher.images.sources import is_picture_name

POLL_S = 2.0  # between checks whether a folder has come, gone or been mounted
# Between two looks though no event came: a disk may have been mounted below, or events lost.
QUIET_S = 60.0
LOOK_SHARE = 0.005  # of a core that looking takes at most
MOUNTS = Path("/proc/mounts")
ESCAPED = re.compile(r"\\([0-7]{3})")  # a space there is \040
# What others change on these brings no event here. FUSE has network mounts such as sshfs.
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse", "afs", "ceph", "lustre", "vboxsf", "virtiofs")

Root = tuple[int, int] | None  # device and inode


class FolderEvents:
    """The system's events of some folders; where they can't be had, the time between two looks."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._roots: list[Root] | None = None
        self._changes: Iterator[set[tuple[Change, str]]] | None = None

    def wait(self, look_s: float) -> None:
        """Return when something may have changed, at the latest after a while.

        Args:
            look_s: The processor's seconds that a look takes, by which that while is measured.
        """
        if self._current_roots() != self._roots:
            self._open()
            return
        pause = max(QUIET_S if self._changes else POLL_S, look_s / LOOK_SHARE)
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and self._current_roots() == self._roots:
            if self._changes is None:
                time.sleep(POLL_S)
            elif next(self._changes):  # empty after POLL_S
                return

    def _open(self) -> None:
        """Begin to take events. What happened before is for the look that follows."""
        self._roots, self._changes = self._current_roots(), None
        present = [folder for folder in self._folders if folder.is_dir()]
        if not present or any(is_remote(folder) for folder in present):
            return
        changes = watch(
            *present,
            watch_filter=_matters,
            step=200,
            rust_timeout=round(POLL_S * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        # No folder any more, or more folders than the system watches: then it is looked at.
        with contextlib.suppress(OSError, RuntimeError):
            next(changes)
            self._changes = changes

    def _current_roots(self) -> list[Root]:
        return [_identity(folder) for folder in self._folders]


def is_remote(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a folder lies on a file system that others may change unnoticed."""
    real = os.path.realpath(folder)
    kinds = {"/": ""}
    with contextlib.suppress(OSError):
        for line in mounts.read_text(errors="surrogateescape").splitlines():
            _, place, kind, *_ = line.split(" ")
            kinds[ESCAPED.sub(lambda match: chr(int(match[1], 8)), place)] = kind
    above = [str(place) for place in (Path(real), *Path(real).parents)]
    return next(kinds[place] for place in above if place in kinds).startswith(REMOTE)


def _identity(folder: Path) -> Root:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _matters(change: Change, path: str) -> bool:
    """Whether a change may concern pictures: files of other kinds are written without end."""
    return is_picture_name(os.path.basename(path)) or not os.path.isfile(path)
