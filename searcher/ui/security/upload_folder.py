"""Gradio's upload folder: its size limit, and the deletion of old uploads.

Gradio writes an upload to `tmp…` and then to a folder named after its hash. It does not delete
interrupted uploads, nor those of an earlier process. Pictures added to the library are stored
elsewhere (`Settings.uploads`) and are not affected.
"""

import logging
import os
import re
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

RETENTION_S = 2 * 3600.0  # how long an unused upload is kept
SHORT_RETENTION_S = 900.0  # the same when the folder is full
SWEEP_INTERVAL_S = 3600.0
MIN_SWEEP_GAP_S = 5.0  # between two sweeps because the folder is full
HASHED = re.compile(r"[0-9a-f]{64}")
TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}")


class UploadFolder:
    """The upload folder and its size. Thread-safe."""

    def __init__(self, folder: Path, limit: int) -> None:
        """`limit` is the maximum size of the folder in bytes, 0 for none."""
        self._folder = folder
        self._limit = limit
        self._size = 0
        self._last_sweep = -MIN_SWEEP_GAP_S
        self._in_use: Counter[Path] = Counter()
        self._permanent_files: Callable[[], Collection[str]] = tuple
        self._lock = threading.Lock()

    def start_sweeping(self, permanent_files: Callable[[], Collection[str]]) -> None:
        """Sweep now and every hour; `permanent_files` returns paths that are never deleted."""
        self._permanent_files = permanent_files
        self.sweep(RETENTION_S)
        threading.Thread(target=self._sweep_hourly, name="sweep", daemon=True).start()

    def _sweep_hourly(self) -> None:
        while True:
            time.sleep(SWEEP_INTERVAL_S)
            try:
                self.sweep(RETENTION_S)
            except Exception:
                log.exception("uploads can't be swept")

    @contextmanager
    def in_use(self, paths: Collection[Path]) -> Iterator[None]:
        """Protect uploads from deletion in a with block."""
        absolute = [path.absolute() for path in paths]
        with self._lock:
            self._in_use.update(absolute)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.subtract(absolute)
                self._in_use += Counter()  # drops those with a count of zero

    def has_room(self, size: int) -> bool:
        """Whether `size` more bytes fit, if necessary after deleting older uploads."""
        if not self._limit:
            return True
        too_full = self._size + size > self._limit
        if too_full and time.monotonic() - self._last_sweep > MIN_SWEEP_GAP_S:
            self.sweep(SHORT_RETENTION_S)
        return self._size + size <= self._limit

    def free_bytes(self) -> int:
        """Return the free space of the folder's disk; sys.maxsize where it can't be read."""
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return sys.maxsize

    def grow(self, size: int) -> None:
        """Add bytes that are being written, until the next sweep measures the folder."""
        with self._lock:
            self._size += size

    def sweep(self, age_s: float) -> int:
        """Delete unused uploads older than `age_s` seconds; return the number of files."""
        with self._lock:
            protected = {Path(path).absolute() for path in self._permanent_files()} | set(
                self._in_use
            )
            size = deleted = 0
            for path in self._files():
                try:
                    status = path.stat()
                    if path in protected:
                        os.utime(path)  # for another process that shares the folder
                    elif time.time() - status.st_mtime > age_s:
                        path.unlink()
                        deleted += 1
                        continue
                    size += status.st_size
                except OSError:
                    continue  # deleted by another process, or not deletable
            self._size, self._last_sweep = size, time.monotonic()
        if deleted:
            log.info("%d old uploads deleted", deleted)
        return deleted

    def _files(self) -> Iterator[Path]:
        """Yield every file that Gradio wrote; remove empty folders."""
        for path in _entries(self._folder):
            if path.is_symlink():
                continue
            if TEMPORARY.fullmatch(path.name) and path.is_file():
                yield path
            elif HASHED.fullmatch(path.name) and path.is_dir():
                files = [f for f in _entries(path) if f.is_file() and not f.is_symlink()]
                yield from files
                if time.time() - path.stat().st_mtime > SHORT_RETENTION_S:
                    _remove_if_empty(path)


def _entries(folder: Path) -> list[Path]:
    """Return a folder's sorted entries; [] if it can't be read, which is logged at start-up."""
    try:
        return sorted(folder.absolute().iterdir())
    except OSError:
        return []


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
