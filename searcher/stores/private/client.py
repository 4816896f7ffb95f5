"""The private Milvus Lite and redis-server of one data folder, shared by all its processes.

Milvus Lite can be opened by one process at a time, yet the command line must work while the app
runs. So both servers belong to a supervisor, a small process of its own. Whoever needs the stores
holds a shared advisory flock lock, released when the process exits; the supervisor ends when
nobody holds it any more.
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
    Recovery,
    acknowledge,
    recoveries,
    replace_text,
    set_aside,
)
from searcher.stores.private.redis_executable import find_redis_server

START_TIMEOUT_S = 60  # a supervisor is up in 2 to 3 s; a cold, busy machine may take far longer
POLL_S = 0.05
ATTEMPTS = 3  # a damaged collection may bring a supervisor down; the next one puts it aside
DISK_STATUS = 100  # a supervisor's exit status is the errno and this where the disk stops it
CHECK_INTERVAL_S = 60  # between two checks that one collection causes

LOG = "supervisor.log"
# The name of the first version: an old and a new one must not both serve a folder.
LOCK = "keeper.lock"
CHECK = "milvus.check"  # asks the supervisor to try all collections anew


@dataclass(frozen=True)
class Addresses:
    """Where the two private servers listen."""

    milvus: str
    redis: str


class EmbeddedStores:
    """A lease on the private servers of a folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lease: IO[str] | None = None
        self._checked: dict[str, float] = {}
        self._lock = threading.Lock()

    def addresses(self) -> Addresses:
        """Return where the servers listen, starting them where they don't run.

        Raises StoreUnavailable where the folder can't be written or the servers don't start.
        """
        with self._lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                if self._lease is None:
                    # Waits only while a supervisor that lost its last user shuts down.
                    self._lease = acquire(self.folder / "users.lock", shared=True)
                return self._running() or self._start()
            except OSError as error:
                self._drop_lease()
                raise _unusable(error) from error

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """Be the only writer of a collection, in all threads and processes of this library.

        Milvus Lite does not order writers by itself. A process that is killed lets go at once,
        which a lock in Redis would only do when it runs out. Raises StoreUnavailable where the
        folder can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = acquire(self.folder / f"{name}.lock")
        except OSError as error:
            raise _unusable(error) from error
        with lock:
            yield

    def check(self, name: str) -> bool:
        """Have a collection tried that does not answer as it should; a damaged one is put aside.

        Returns False, and does nothing, where that was done a moment ago.
        """
        now = time.monotonic()
        if now - self._checked.get(name, -CHECK_INTERVAL_S) < CHECK_INTERVAL_S:
            return False
        self._checked[name] = now
        request = self.folder / CHECK
        request.touch()
        deadline = now + START_TIMEOUT_S
        while request.exists() and time.monotonic() < deadline:
            if not is_locked(self.folder / LOCK):
                break  # the next one tries them at its start
            time.sleep(POLL_S)
        return True

    def recoveries(self) -> list[Recovery]:
        """What was mended in these stores and nobody has acknowledged, the oldest first."""
        return recoveries(self.folder)

    def acknowledge(self) -> None:
        """Take all that was mended up to now as known."""
        acknowledge(self.folder)

    def release(self) -> None:
        """Give the lease back; the servers end when nobody else holds one."""
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
        find_redis_server()  # or the reason would be in the supervisor's log only
        supervisor, failures = None, 0
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if found := self._running():
                return found
            # Where another process's supervisor has the folder, it is starting, or ending.
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
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C in a terminal must not reach the servers
            )


def _unusable(error: OSError) -> StoreUnavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable("disk.full")
    return StoreUnavailable("disk.data_folder", reason=os_reason(error))


def read_addresses(folder: Path) -> Addresses | None:
    """Return what the supervisor wrote, None while it has not."""
    try:
        return Addresses(**json.loads((folder / "addresses.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_addresses(folder: Path, addresses: Addresses) -> None:
    """Write where the servers listen: whole or not at all."""
    replace_text(folder / "addresses.json", json.dumps(addresses.__dict__))
