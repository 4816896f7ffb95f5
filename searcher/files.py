"""Write and move files atomically; errors of the disk become DiskFull or CannotWrite."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from searcher.errors import CannotWrite, DiskFull, TwinlensError
from searcher.messages.system import os_reason

PART = ".part"  # suffix of files that are being written
PART_S = 3600  # seconds after which one is taken for the leftover of a killed process


def cannot_write(error: OSError) -> TwinlensError:
    """Return the error for a file that could not be written: DiskFull or CannotWrite."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("disk.full")
    return CannotWrite("disk.not_written", reason=os_reason(error))


@contextmanager
def disk_errors() -> Iterator[None]:
    """Wrap code that writes: raises DiskFull or CannotWrite in place of OSError."""
    try:
        yield
    except OSError as error:
        raise cannot_write(error) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically.

    Args:
        path: The file, which is replaced if it exists; its folder is created if it is missing.
        data: Its bytes.

    Raises:
        DiskFull, CannotWrite: The file can't be written.
    """
    with disk_errors(), part_of(path) as part:
        part.write_bytes(data)


def write_part(part: Path, data: bytes) -> None:
    """Write a file that is to replace another one later.

    Args:
        part: Its path, of `part_path`; its folder is created if it is missing.
        data: Its bytes.

    Raises:
        DiskFull, CannotWrite: The file can't be written.
    """
    with disk_errors():
        try:
            part.write_bytes(data)
        except FileNotFoundError:
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)


def finish_part(part: Path, path: Path) -> None:
    """Let a file that was written by `write_part` replace `path`. Raises DiskFull, CannotWrite."""
    with disk_errors():
        os.replace(part, path)


def link_new(paths: Iterable[Path], folder: Path) -> list[str]:
    """Link files into a folder, where it has none of their names.

    Args:
        paths: The files.
        folder: The folder, which is created if it is missing.

    Returns:
        The names of the new links.

    Raises:
        DiskFull, CannotWrite: A link can't be made, or `paths` can't be listed.
    """
    names = []
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            target = folder / path.name
            if target.is_symlink() and not target.exists():
                target.unlink(missing_ok=True)  # of a cache that is gone
            if not target.exists():
                with suppress(FileExistsError):  # another process may have linked it meanwhile
                    target.symlink_to(path)
                    names.append(path.name)
    return names


def move(source: Path, target: Path) -> None:
    """Move a file atomically, also to another disk.

    Args:
        source: The file.
        target: Its new path; a file that exists there is replaced.

    Raises:
        FileNotFoundError: There is no such file.
        DiskFull, CannotWrite: The file can't be moved; it stays where it is.
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
    """Yield the ids of the pictures that have a file in a folder of 256 folders, such as thumbs/.

    Folders that can't be read are skipped. Unfinished files of killed processes are deleted.

    Args:
        folder: The folder of 256 folders.
        suffix: The suffix of pictures' files, such as ".jpg".
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
    """Yield a temporary path; its file or folder replaces `path` when the block ends.

    After an error it is deleted instead.

    Args:
        path: The path that is replaced; its folder is created if it is missing.

    Raises:
        OSError: `path` can't be replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_path(path)
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        raise


def part_path(path: Path) -> Path:
    """Return the path of a file that is to replace another one when it is complete."""
    return path.parent / f".{path.name}.{secrets.token_hex(4)}{PART}"


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
        pass  # another process has deleted it
