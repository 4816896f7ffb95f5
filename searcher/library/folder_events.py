"""Wait for changes in folders without listing them."""

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

from searcher.images.file_kinds import may_be_picture

POLL_S = 2.0  # seconds between checks whether a folder was created, deleted or mounted
# Seconds between scans without events: a disk may be mounted in a subfolder, or events lost.
SCAN_INTERVAL_S = 60.0
SCAN_SHARE = 0.005  # of a core's time that scans take at most
MOUNTS = Path("/proc/mounts")
ESCAPE = re.compile(r"\\([0-7]{3})")  # in MOUNTS: a space is \040
# File systems where changes by other machines cause no event. FUSE has mounts such as sshfs.
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse", "afs", "ceph", "lustre", "vboxsf", "virtiofs")

Root = tuple[int, int] | None  # device and inode


class FolderEvents:
    """Waits for the system's events of folders, or for a time where there are no events."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._roots: list[Root] | None = None
        self._changes: Iterator[set[tuple[Change, str]]] | None = None

    def wait(self, scan_s: float) -> None:
        """Return when something may have changed, or after an interval without events.

        Args:
            scan_s: Seconds of processor time that a scan takes; the interval grows with it.
        """
        if self._current_roots() != self._roots:
            self._open()
            return
        pause = max(SCAN_INTERVAL_S if self._changes else POLL_S, scan_s / SCAN_SHARE)
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and self._current_roots() == self._roots:
            if self._changes is None:
                time.sleep(POLL_S)
            elif any(_matters(path) for _, path in self._next_changes()):
                return

    def _next_changes(self) -> set[tuple[Change, str]]:
        """Return the latest changes, none after POLL_S without any."""
        assert self._changes is not None
        try:
            return next(self._changes)
        except (OSError, RuntimeError, StopIteration):  # such as too many folders: poll from now on
            self._changes = None
            return set()

    def _open(self) -> None:
        """Start to receive events. Earlier changes are seen by the scan that follows."""
        self._roots, self._changes = self._current_roots(), None
        present = [folder for folder in self._folders if folder.is_dir()]
        if not present or any(is_remote(folder) for folder in present):
            return
        changes = watch(
            *present,
            watch_filter=None,  # or changes of other files would hold up `wait` without end
            step=200,
            rust_timeout=round(POLL_S * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        # The folder was deleted, or the system watches no more folders: then it is polled.
        with contextlib.suppress(OSError, RuntimeError):
            next(changes)
            self._changes = changes

    def _current_roots(self) -> list[Root]:
        return [_identity(folder) for folder in self._folders]


def is_remote(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a folder is on a file system where changes by other machines cause no event.

    Args:
        folder: The folder.
        mounts: The system's list of mounts; where it is missing, every folder is local.
    """
    real = os.path.realpath(folder)
    kinds = {"/": ""}
    with contextlib.suppress(OSError):
        for line in mounts.read_text(errors="surrogateescape").splitlines():
            _, mount_point, kind, *_ = line.split(" ")
            kinds[ESCAPE.sub(lambda match: chr(int(match[1], 8)), mount_point)] = kind
    folders = [str(path) for path in (Path(real), *Path(real).parents)]
    return next(kinds[path] for path in folders if path in kinds).startswith(REMOTE)


def _identity(folder: Path) -> Root:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _matters(path: str) -> bool:
    """Whether a change may concern pictures; other files may be written all the time."""
    return not os.path.isfile(path) or may_be_picture(path)
