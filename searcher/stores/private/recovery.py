"""What damaged files of the private stores cost: a list beside them, and the files kept aside."""

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
LISTED = 20  # recoveries that are listed, the latest
KEPT = 3  # damaged copies of one name that are kept

# What a disk or its permissions answer: no sign of damage, and it passes.
NOT_DAMAGE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE}

# What can have happened, by the name that it has in the list: its message's code and values.
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
    """One damage that was mended; `event` is a key of EVENTS, `time` in seconds since 1970."""

    time: float
    event: str
    bytes: int = 0
    entries: int = 0
    name: str = ""

    @property
    def of_records(self) -> bool:
        """Whether it was Redis that was damaged, rather than Milvus."""
        return self.event.startswith("records")

    @property
    def emptied_records(self) -> bool:
        """Whether Redis may be empty because its files were damaged, not because they were gone."""
        return self.event in ("records cut", "records unusable")

    @property
    def message(self) -> Message:
        """What happened, for people."""
        code, names = EVENTS[self.event]
        return Message(code, {name: getattr(self, name) for name in names})


def recoveries(folder: Path) -> list[Recovery]:
    """The recoveries in the stores of `folder` that nobody has acknowledged, the oldest first."""
    content = _read(folder)
    return [entry for entry in content[0] if entry.time > content[1]]


def acknowledge(folder: Path) -> None:
    """Take all recoveries up to now as known."""
    _write(folder, [], acknowledged=time.time())


def note(folder: Path, event: str, **facts: Any) -> None:
    """Add a recovery to the list."""
    _write(folder, [Recovery(time.time(), event, **facts)])


def set_aside(path: Path, target: Path | None = None, stays: bool = False) -> None:
    """Move a damaged file or folder to NAME.damaged-TIME, beside it or in `target`.

    Only the last few of a name are kept. With `stays` a file is there under its name as well, so
    that it can be replaced in one step.
    """
    folder = target or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{path.name}.damaged-"
    name = stem + time.strftime("%Y%m%d-%H%M%S")
    number = len(list(folder.glob(f"{name}*")))
    aside = folder / (f"{name}-{number}" if number else name)
    try:
        os.link(path, aside) if stays else path.rename(aside)
    except OSError:
        if not stays:
            raise
        path.rename(aside)  # on a disk that has no links
    for old in sorted(folder.glob(f"{stem}*"), key=lambda p: p.lstat().st_ctime)[:-KEPT]:
        discard(old)


def discard(path: Path) -> None:
    """Delete what lies at a path, whatever it is; nothing where there is nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all, whatever is in its place."""
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
        former, seen = _read(folder)
        content = {
            "recoveries": [asdict(entry) for entry in [*former, *entries][-LISTED:]],
            "acknowledged": seen if acknowledged is None else acknowledged,
        }
        replace_text(folder / FILE, json.dumps(content, indent=1))
