"""Repairs of damaged files of the private stores: a list of them, and the files moved aside."""

import errno
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from searcher.file_locks import acquire
from searcher.files import part_of
from searcher.messages.message import Message

FILE = "recovery.json"
MAX_RECOVERIES = 20  # in the list
MAX_COPIES = 3  # damaged files of one name, moved aside

LIMITS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}  # of processes
# Errors of the disk and its permissions, and of limits: temporary, no sign of damage.
NOT_DAMAGE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}
NOT_DAMAGE |= LIMITS

# Events by their name in the list: the message's code and parameters.
EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "records cut": ("recovery.records_cut", ("bytes", "entries")),
    "records complete": ("recovery.records_complete", ()),
    "records gone": ("recovery.records_gone", ("entries",)),
    "records unusable": ("recovery.records_unusable", ()),
    "collection": ("recovery.collection", ("name",)),
    "collections": ("recovery.collections", ()),
}


@dataclass(frozen=True)
class Recovery:
    """A repair; `event` is a key of EVENTS, `time` in seconds since 1970."""

    time: float
    event: str
    bytes: int = 0
    entries: int = 0
    name: str = ""

    @property
    def of_records(self) -> bool:
        """Whether Redis was damaged rather than Milvus."""
        return self.event.startswith("records")

    @property
    def emptied_records(self) -> bool:
        """Whether Redis may be empty because its files were damaged rather than missing."""
        return self.event in ("records cut", "records unusable")

    @property
    def message(self) -> Message:
        """The message for people."""
        code, names = EVENTS[self.event]
        return Message(code, {name: getattr(self, name) for name in names})


def recoveries(folder: Path) -> list[Recovery]:
    """Return the recoveries in the stores of `folder` not acknowledged yet, oldest first."""
    entries, acknowledged = _read(folder)
    return [entry for entry in entries if entry.time > acknowledged]


def acknowledge(folder: Path) -> None:
    """Mark all recoveries up to now as acknowledged. Raises OSError, Locked."""
    _write(folder, [], acknowledged=time.time())


def note(folder: Path, event: str, **facts: Any) -> None:
    """Add a recovery to the list of the stores in `folder`.

    Args:
        folder: The folder of the private stores.
        event: A key of EVENTS.
        **facts: The parameters of its message.

    Raises:
        OSError: The list cannot be written.
        Locked: Another process has held the list's lock for too long.
    """
    _write(folder, [Recovery(time.time(), event, **facts)])


def set_aside(path: Path, target: Path | None = None, keep_original: bool = False) -> None:
    """Move a damaged file or folder to NAME.damaged-TIME, and delete old ones but MAX_COPIES.

    Args:
        path: The file or folder.
        target: The folder that it is moved to; by default the one that it is in.
        keep_original: Make a hard link instead, so that the file can be replaced atomically. On a
            disk without hard links the file is moved.

    Raises:
        OSError: It cannot be moved.
    """
    folder = target or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{path.name}.damaged-"
    name = stem + time.strftime("%Y%m%d-%H%M%S")
    number = len(list(folder.glob(f"{name}*")))
    aside = folder / (f"{name}-{number}" if number else name)
    try:
        os.link(path, aside) if keep_original else path.rename(aside)
    except OSError:
        if not keep_original:
            raise
        path.rename(aside)
    for old in sorted(folder.glob(f"{stem}*"), key=lambda p: p.lstat().st_ctime)[:-MAX_COPIES]:
        discard(old)


def discard(path: Path) -> None:
    """Delete a file, link or folder if it exists. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file atomically, moving a folder of its name aside. Raises OSError."""
    if path.is_dir():
        set_aside(path)
    with part_of(path) as part:
        part.write_text(text)


def _read(folder: Path) -> tuple[list[Recovery], float]:
    try:
        content = json.loads((folder / FILE).read_text())
        entries = [Recovery(**entry) for entry in content["recoveries"]]
        return [e for e in entries if e.event in EVENTS], float(content["acknowledged"])
    except (OSError, ValueError, TypeError, KeyError):
        return [], 0.0


def _write(folder: Path, entries: list[Recovery], acknowledged: float | None = None) -> None:
    with acquire(folder / "recovery.lock"):
        earlier, time_acknowledged = _read(folder)
        content = {
            "recoveries": [asdict(entry) for entry in [*earlier, *entries][-MAX_RECOVERIES:]],
            "acknowledged": time_acknowledged if acknowledged is None else acknowledged,
        }
        replace_text(folder / FILE, json.dumps(content, indent=1))
