"""Access to the private Milvus Lite and redis-server of a data folder, from several processes.

Only one process at a time can open Milvus Lite, yet the command line must work while the app runs.
So a separate supervisor process runs both servers. Its clients hold a shared advisory flock lock,
released when the process exits, and the supervisor ends when no client holds it any more.
"""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from searcher.config.folders import ROOT
from searcher.errors import StoreUnavailable
from searcher.file_locks import acquire, is_locked
from searcher.messages.system import os_reason
from searcher.stores.private.recovery import (
    LIMITS,
    Recovery,
    acknowledge,
    recoveries,
    replace_text,
    set_aside,
)
from searcher.stores.private.redis_executable import find_redis_server

START_TIMEOUT_S = 60  # usually 2 to 3 s; a busy machine with cold caches may take far longer
POLL_S = 0.05
ATTEMPTS = 3  # a damaged collection may crash a supervisor; the next one moves it aside
DISK_STATUS = 100  # a supervisor's exit status is this plus the errno if the disk stops it
CHECK_INTERVAL_S = 60  # between two checks for the same collection

LOG = "supervisor.log"
# The file name of the first version, so that an old and a new version never serve the same folder.
LOCK = "keeper.lock"
CHECK = "milvus.check"  # a request to the supervisor to test all collections


@dataclass(frozen=True)
class Addresses:
    """URLs of the two private servers."""

    milvus: str
    redis: str


class EmbeddedStores:
    """A lease on the private servers of a folder. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lease: IO[str] | None = None
        self._checked: dict[str, float] = {}
        self._lock = threading.Lock()

    def addresses(self) -> Addresses:
        """Return the servers' URLs, starting them if necessary.

        Raises:
            StoreUnavailable: The folder cannot be written, or the servers do not start.
            Locked: The lease could not be had within the time limit of file locks.
        """
        with self._lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                if self._lease is None:
                    # Waits only for a supervisor that is shutting down.
                    self._lease = acquire(self.folder / "users.lock", shared=True)
                return self._running() or self._start()
            except OSError as error:
                self._drop_lease()
                raise _unusable(error) from error

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """Hold the write lock of a collection, across threads and processes.

        Milvus Lite does not serialise writers. A file lock is released as soon as its process is
        killed, a lock in Redis only when it expires.

        Args:
            name: The collection's name.

        Raises:
            StoreUnavailable: The folder cannot be written.
            Locked: Another process has held the lock for too long.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = acquire(self.folder / f"{name}.lock")
        except OSError as error:
            raise _unusable(error) from error
        with lock:
            yield

    def check(self, name: str) -> bool:
        """Make the supervisor test all collections and move damaged ones aside; wait for it.

        Args:
            name: The collection whose failure causes the test.

        Returns:
            False if this collection caused one within the last CHECK_INTERVAL_S: nothing is done.
        """
        now = time.monotonic()
        if now - self._checked.get(name, -CHECK_INTERVAL_S) < CHECK_INTERVAL_S:
            return False
        self._checked[name] = now
        request = self.folder / CHECK
        try:
            request.touch()
        except OSError as error:
            raise _unusable(error) from error
        deadline = now + START_TIMEOUT_S
        while request.exists() and time.monotonic() < deadline:
            if not is_locked(self.folder / LOCK):
                break  # the next supervisor tests them when it starts
            time.sleep(POLL_S)
        return True

    def recoveries(self) -> list[Recovery]:
        """Return the repairs of these stores that were not acknowledged yet, oldest first."""
        return recoveries(self.folder)

    def acknowledge(self) -> None:
        """Mark all repairs up to now as acknowledged."""
        acknowledge(self.folder)

    def release(self) -> None:
        """Release the lease; the servers end when nobody else holds one."""
        with self._lock:
            self._drop_lease()

    def _drop_lease(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    def _running(self) -> Addresses | None:
        if not is_locked(self.folder / LOCK):
            return None
        return read_addresses(self.folder)

    def _start(self) -> Addresses:
        find_redis_server()  # raises here; otherwise the reason would only be in a log
        supervisor, failures = None, 0
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if addresses := self._running():
                return addresses
            # If another process's supervisor holds the folder, it is starting or ending.
            if not is_locked(self.folder / LOCK):
                ended = supervisor.poll() if supervisor else 0
                if ended and ended > DISK_STATUS:
                    raise OSError(ended - DISK_STATUS, os.strerror(ended - DISK_STATUS))
                failures += bool(ended)
                if failures == ATTEMPTS:
                    break
                if ended is not None:
                    supervisor = self._spawn()
            time.sleep(POLL_S)
        raise StoreUnavailable("store.not_started")

    def _spawn(self) -> "subprocess.Popen[bytes]":
        if (self.folder / LOG).is_dir():
            set_aside(self.folder / LOG)
        with (self.folder / LOG).open("a") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "searcher.stores.private.supervisor", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Waiting threads of faiss that spin take the processor from the app.
                env={"OMP_WAIT_POLICY": "PASSIVE"} | os.environ,
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C in a terminal must not reach the servers
            )


def _unusable(error: OSError) -> StoreUnavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable("disk.full")
    if error.errno in LIMITS:
        return StoreUnavailable("failure.system", reason=os_reason(error))
    return StoreUnavailable("disk.data_folder", reason=os_reason(error))


def read_addresses(folder: Path) -> Addresses | None:
    """Return the URLs that the supervisor wrote into `folder`, None if there are none."""
    try:
        return Addresses(**json.loads((folder / "addresses.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_addresses(folder: Path, addresses: Addresses) -> None:
    """Write the servers' URLs into `folder` atomically. Raises OSError."""
    replace_text(folder / "addresses.json", json.dumps(addresses.__dict__))
