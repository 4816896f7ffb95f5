"""Write and move files whole or not at all; what the disk refuses is raised as an error."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from searcher.errors import CannotWrite, DiskFull, TwinlensError
from searcher.messages.system import os_reason

PART = ".part"  # ends the names of files that are being written
PART_S = 3600  # seconds after which one is taken for what a killed process left


def cannot_write(error: OSError) -> TwinlensError:
    """The error that tells why a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("disk.full")
    return CannotWrite("disk.not_written", reason=os_reason(error))


@contextmanager
def disk_errors() -> Iterator[None]:
    """Wrap what writes: raises DiskFull or CannotWrite in place of OSError."""
    try:
        yield
    except OSError as error:
        raise cannot_write(error) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all. Raises DiskFull, CannotWrite."""
    with disk_errors(), part_of(path) as part:
        part.write_bytes(data)


def move(source: Path, target: Path) -> None:
    """Move a file, to another disk too; it appears whole or stays. One that is there is replaced.

    Raises FileNotFoundError where there is no such file, DiskFull, CannotWrite.
    """
    source.lstat()
    with disk_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with part_of(target) as part:
                shutil.copy2(source, part)
            source.unlink()


def picture_ids(folder: Path, suffix: str) -> Iterator[int]:
    """The ids of the pictures that have a file in a folder of 256 folders, such as thumbs/.

    A folder that can't be read is passed over. Also deletes what killed processes left unfinished.
    """
    for part in _entries(folder):
        if len(part.name) == 2 and part.is_dir():
            for entry in _entries(part.path):
                number = entry.name.removesuffix(suffix)
                if number.isdecimal() and entry.name == number + suffix:
                    if f"{int(number) % 256:02x}" == part.name and 0 < int(number) < 2**63:
                        yield int(number)
                elif entry.name.endswith(PART):
                    _delete_if_old(entry)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """Yield a path to write to; its file or folder replaces `path` in the end, or is deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}{PART}"
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        raise


def _entries(folder: "Path | str") -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _delete_if_old(entry: "os.DirEntry[str]") -> None:
    try:
        if time.time() - entry.stat().st_mtime > PART_S:
            os.unlink(entry)
    except OSError:
        pass  # another process was first
