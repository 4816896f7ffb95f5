"""Small file systems for tests, which can be filled to the last byte."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FILLER = "filler"


@contextmanager
def mounted(folder: Path, megabytes: int = 48) -> Iterator[Path]:
    """A file system in memory at `folder`. Skips where this machine doesn't let tests mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("file systems can't be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, remaining: int = 0) -> None:
    """Fill the file system of `folder`, leaving `remaining` bytes."""
    path = folder / FILLER
    with path.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    os.truncate(path, max(0, path.stat().st_size - remaining))


def make_room(folder: Path) -> None:
    """Delete the file that `fill` wrote."""
    (folder / FILLER).unlink()
