"""Advisory flock locks on files, released when the process that holds them exits.

The file of an exclusive lock names the process that holds it, so that waiting processes can report
it: a suspended process keeps its locks.
"""

import contextlib
import fcntl
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO

from searcher.errors import Locked
from searcher.messages.message import Message, message

log = logging.getLogger(__name__)

REPORT_S = 5.0  # seconds of waiting before it is reported
LIMIT_S = 60.0  # seconds of waiting before it ends with an error
MIN_PAUSE_S, MAX_PAUSE_S = 0.001, 0.05  # between two attempts


class LockWaits:
    """The long waits of this process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def current(self) -> tuple[Message, ...]:
        """Return a message for each lock that a thread has been waiting for."""
        with self._lock:
            return tuple(dict.fromkeys(self._messages))

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Until the block ends, call a function in the waiting thread when a message changes."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    @contextmanager
    def reporting(self, wait: Message) -> Iterator[None]:
        """Report a wait until the block ends."""
        log.warning("%s", wait)
        self._change(self._messages.append, wait)
        try:
            yield
        finally:
            self._change(self._messages.remove, wait)

    def _change(self, change: Callable[[Message], None], wait: Message) -> None:
        with self._lock:
            change(wait)
            listeners = list(self._listeners)
        for listener in listeners:
            listener()


# One for the process, so that its status shows the waits of all its threads.
waits = LockWaits()


def acquire(
    path: Path,
    shared: bool = False,
    limit_s: float = LIMIT_S,
    poll: Callable[[], None] = lambda: None,
) -> IO[str]:
    """Wait for the lock on a file.

    Args:
        path: The file, which is created if it is missing.
        shared: Whether others may hold the lock at the same time, if shared as well.
        limit_s: Seconds after which the wait ends.
        poll: Called between two attempts; an exception of it ends the wait.

    Returns:
        The open file; closing it releases the lock.

    Raises:
        Locked: Another process holds the lock after `limit_s`.
        OSError: The file can't be opened.
    """
    file = _open(path)
    start, pause = time.monotonic(), MIN_PAUSE_S
    try:
        with ExitStack() as reports:
            is_reported = False
            while not _try_lock(file, shared):
                seconds = time.monotonic() - start
                if seconds > limit_s:
                    raise Locked(
                        "lock.given_up",
                        holder=_holder(path),
                        name=path.name,
                        seconds=round(seconds),
                    )
                if seconds > REPORT_S and not is_reported:
                    is_reported = True
                    reports.enter_context(
                        waits.reporting(
                            message("lock.waiting", holder=_holder(path), name=path.name)
                        )
                    )
                poll()
                time.sleep(pause)
                pause = min(2 * pause, MAX_PAUSE_S)
    except BaseException:
        file.close()
        raise
    return file


def attempt(path: Path) -> IO[str] | None:
    """Try to get the exclusive lock on a file, without waiting.

    A child process that inherits the descriptor holds the lock as well, until it exits.

    Args:
        path: The file, which is created if it is missing.

    Returns:
        The open file; closing it releases the lock. None where another process holds the lock.

    Raises:
        OSError: The file can't be opened.
    """
    file = _open(path)
    if _try_lock(file, shared=False):
        return file
    file.close()
    return None


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Hold the exclusive lock on a file if it is free; yields whether it is held."""
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


def _try_lock(file: IO[str], shared: bool) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if not shared:
        with contextlib.suppress(OSError):  # where the disk is full, the holder stays unknown
            # Unbuffered: closing the file would write again, and fail again.
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()} ({_command()})".encode(errors="replace"))
    return True


def _holder(path: Path) -> str:
    """Return the holder of a lock, such as "4711 (searcher index)"; "?" if unknown."""
    try:
        return path.read_text(errors="replace")[:120] or "?"
    except OSError:
        return "?"


def _command() -> str:
    """Return the program and verb of this process, without any path."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    verbs = [word for word in sys.argv[1:2] if word.isalpha()]
    return " ".join([name, *verbs])


def _open(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except IsADirectoryError:  # not created by this program; renamed
        path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
        return path.open("a")
