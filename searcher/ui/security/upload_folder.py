"""The folder of what visitors upload, until it is searched with or added: its room, and its sweep.

Gradio writes an upload to `tmp…` and then to a folder named after its hash; it deletes what it
knows of, and knows neither what was cut off nor what an earlier process has left. Pictures that
were added lie elsewhere (`Settings.uploads`) and are never touched here.
"""

import logging
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

RETENTION_S = 2 * 3600.0  # how long an upload that nothing uses stays
SHORT_RETENTION_S = 900.0  # the same where room is short
SWEEP_INTERVAL_S = 3600.0
MIN_SWEEP_GAP_S = 5.0  # between two sweeps for want of room
HASHED = re.compile(r"[0-9a-f]{64}")
TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}")


class UploadFolder:
    """What is in the folder and how much that is. Safe to use from several threads."""

    def __init__(self, folder: Path, limit: int) -> None:
        """`limit` is how many bytes may lie in the folder, 0 for any number."""
        self._folder = folder
        self._limit = limit
        self._size = 0
        self._last_sweep = -MIN_SWEEP_GAP_S
        self._in_use: Counter[Path] = Counter()
        self._permanent_files: Callable[[], Collection[str]] = tuple
        self._lock = threading.Lock()

    def start_sweeping(self, kept: Callable[[], Collection[str]]) -> None:
        """Sweep now and every hour; `kept` returns the paths of what belongs to the page."""
        self._permanent_files = kept
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
        """Keep uploads while they are being worked on."""
        absolute = [path.absolute() for path in paths]
        with self._lock:
            self._in_use.update(absolute)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.subtract(absolute)
                self._in_use += Counter()  # forgets those that nothing uses any more

    def has_room(self, size: int) -> bool:
        """Whether an upload of that many bytes fits, if need be once older ones are gone."""
        if not self._limit:
            return True
        too_full = self._size + size > self._limit
        if too_full and time.monotonic() - self._last_sweep > MIN_SWEEP_GAP_S:
            self.sweep(SHORT_RETENTION_S)
        return self._size + size <= self._limit

    def grow(self, size: int) -> None:
        """Count what is being written, until the next sweep measures it."""
        with self._lock:
            self._size += size

    def sweep(self, age_s: float) -> int:
        """Delete uploads that are older than that and not in use; return how many files."""
        with self._lock:
            kept = {Path(path).absolute() for path in self._permanent_files()} | set(self._in_use)
            size = deleted = 0
            for path in self._files():
                try:
                    status = path.stat()
                    if path in kept:
                        os.utime(path)  # for another process that shares the folder
                    elif time.time() - status.st_mtime > age_s:
                        path.unlink()
                        deleted += 1
                        continue
                    size += status.st_size
                except OSError:
                    continue  # another process was first, or it can't be deleted
            self._size, self._last_sweep = size, time.monotonic()
        if deleted:
            log.info("%d old uploads deleted", deleted)
        return deleted

    def _files(self) -> Iterator[Path]:
        """Every file that Gradio put here; folders that have become empty go."""
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
    """What lies in a folder; nothing where it can't be read, which the start has said already."""
    try:
        return sorted(folder.absolute().iterdir())
    except OSError:
        return []


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
