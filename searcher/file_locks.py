"""Advisory flock locks on files, released when the process that holds them exits.

An exclusive lock's file says who holds it, so that those who wait can name who keeps them waiting:
a process that is suspended keeps its locks.
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

PATIENCE_S = 5.0  # of waiting, before it is reported
LIMIT_S = 60.0  # of waiting, before it is given up
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.001, 0.05  # between two tries


class LockWaits:
    """The waits of this process that take long. Safe to use from several threads."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def current(self) -> tuple[Message, ...]:
        """A message for each lock that is waited for."""
        with self._lock:
            return tuple(dict.fromkeys(self._messages))

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Have `listener` called, by whoever waits, when a message comes or goes."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    @contextmanager
    def reported(self, told: Message) -> Iterator[None]:
        """Report a wait until the block ends."""
        log.warning("%s", told)
        self._change(self._messages.append, told)
        try:
            yield
        finally:
            self._change(self._messages.remove, told)

    def _change(self, change: Callable[[Message], None], told: Message) -> None:
        with self._lock:
            change(told)
            listeners = list(self._listeners)
        for listener in listeners:
            listener()


# One for the process: whoever shows its state shows what any of its threads waits for.
waits = LockWaits()


def acquire(
    path: Path,
    shared: bool = False,
    limit_s: float = LIMIT_S,
    poll: Callable[[], None] = lambda: None,
) -> IO[str]:
    """Wait for the lock on a file; closing what is returned gives it back.

    Args:
        path: The file, which is made where it is missing.
        shared: Whether others may hold the lock at the same time, if shared as well.
        limit_s: Seconds after which the wait ends.
        poll: Is called between two tries; what it raises ends the wait.

    Raises:
        Locked: Another process still holds the lock.
        OSError: The file can't be opened.
    """
    file = _open(path)
    start, pause = time.monotonic(), FIRST_PAUSE_S
    try:
        with ExitStack() as reports:
            is_reported = False
            while not _take(file, shared):
                waited = time.monotonic() - start
                if waited > limit_s:
                    raise Locked(
                        "lock.given_up",
                        holder=_holder(path),
                        name=path.name,
                        seconds=round(waited),
                    )
                if waited > PATIENCE_S and not is_reported:
                    is_reported = True
                    reports.enter_context(
                        waits.reported(
                            message("lock.waiting", holder=_holder(path), name=path.name)
                        )
                    )
                poll()
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
    except BaseException:
        file.close()
        raise
    return file


def attempt(path: Path) -> IO[str] | None:
    """Try for the exclusive lock on a file, without waiting; None where another has it.

    A child that is given the descriptor holds the lock as well, for as long as it lives.
    """
    file = _open(path)
    if _take(file, shared=False):
        return file
    file.close()
    return None


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


def _take(file: IO[str], shared: bool) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if not shared:
        with contextlib.suppress(OSError):  # where the disk is full, nobody is named
            # Unbuffered: closing the file would write again, and fail again.
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()} ({_command()})".encode(errors="replace"))
    return True


def _holder(path: Path) -> str:
    """Who holds the exclusive lock on a file, such as "4711 (searcher index)"; "?" if unknown."""
    try:
        return path.read_text(errors="replace")[:120] or "?"
    except OSError:
        return "?"


def _command() -> str:
    """The program and verb of this process, without any path."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    verbs = [word for word in sys.argv[1:2] if word.isalpha()]
    return " ".join([name, *verbs])


def _open(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except IsADirectoryError:  # nothing of ours; it is put aside
        path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
        return path.open("a")
