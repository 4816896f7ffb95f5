"""Temporary folders for making model files, and cleaning up after killed processes."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from searcher.file_locks import LIMIT_S, acquire, exclusive, is_locked
from searcher.files import PART, PART_S
from searcher.models.text_format import TEXT

PARTS = f".*.onnx.*{PART}"  # temporary folders and files of all models


@contextmanager
def scratch_folder(
    path: Path, limit_s: float = LIMIT_S, poll: Callable[[], None] = lambda: None
) -> Iterator[Path]:
    """Hold the lock of a model file, and yield an empty folder beside it, deleted at the end.

    Also deletes temporary folders that killed processes left for the same file.

    Args:
        path: The model file.
        limit_s: Time limit in seconds for waiting for the lock.
        poll: Called repeatedly while waiting; an exception ends the wait.

    Raises:
        Locked: Another process is making the same file.
        OSError: The models folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with acquire(_lock(path.parent, path.name), limit_s=limit_s, poll=poll):
        _delete(_parts(path))
        try:
            yield Path(tempfile.mkdtemp(PART, f".{path.name}.", path.parent))
        finally:
            _delete(_parts(path))


@contextmanager
def temporary_files(folder: Path) -> Iterator[None]:
    """Create all temporary files of this process, including those of libraries, in a folder."""
    original, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = original


def sweep(folder: Path) -> None:
    """Delete temporary files in a models folder that belong to no running process."""
    for part in folder.glob(PARTS):
        lock = _lock_of(part)
        try:
            if lock.exists():
                with exclusive(lock) as is_free:
                    _delete([part] if is_free else [])
            elif time.time() - part.stat().st_mtime > PART_S:  # the baselines need no lock
                _delete([part])
        except OSError:
            pass  # another process deleted it, or the folder cannot be written


def is_in_use(folder: Path) -> bool:
    """Whether a process is making a model file in a folder."""
    return any(is_locked(_lock_of(part)) for part in folder.glob(PARTS))


def _parts(path: Path) -> list[Path]:
    """Return the temporary files and folders of a model file and of its text file."""
    names = path.name, f"{path.stem}{TEXT}.onnx"
    return [part for name in names for part in path.parent.glob(f".{name}.*{PART}")]


def _lock_of(part: Path) -> Path:
    name = part.name[1:].rpartition(".onnx.")[0].removesuffix(TEXT)
    return _lock(part.parent, f"{name}.onnx")


def _lock(folder: Path, name: str) -> Path:
    return folder / f".{Path(name).stem}.lock"


def _delete(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
