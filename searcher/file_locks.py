"""Locks on files: the kernel lets them go when the process that holds them dies, however."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO


def acquire(path: Path, shared: bool = False) -> IO[str]:
    """Wait for the lock on a file; closing what is returned gives it back."""
    file = _open(path)
    fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    return file


def attempt(path: Path) -> IO[str] | None:
    """Try for the exclusive lock on a file, without waiting; None where another has it.

    A child that is given the descriptor holds the lock as well, for as long as it lives.
    """
    file = _open(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Hold the exclusive lock on a file if it is free; yields whether it was."""
    with attempt(path) or nullcontext() as file:
        yield file is not None


def is_locked(path: Path) -> bool:
    """Whether some process holds the exclusive lock on a file."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, IsADirectoryError):
        return False
    except BlockingIOError:
        return True
    return False


def _open(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except IsADirectoryError:  # nothing of ours; it is put aside
        path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
        return path.open("a")
