"""The private Milvus Lite and redis-server of one data folder, shared by all its processes.

Milvus Lite can be opened by one process at a time, yet the command line must work while the app
runs. So both servers belong to a keeper, a small process of its own (keeper.py). Whoever needs
the stores holds a shared lock on a file; the keeper ends when nobody holds it any more. The
kernel lets such locks go when a process dies, however it dies.
"""

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

from searcher.errors import StoreUnavailable
from searcher.locks import acquire, is_locked

START_TIMEOUT_S = 60  # a keeper is up in 2 to 3 s; a cold, busy machine may take far longer
POLL_S = 0.05


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
        self._lock = threading.Lock()

    def addresses(self) -> Addresses:
        """Return where the servers listen, starting them where they don't run.

        Raises StoreUnavailable where the folder can't be written or the servers don't start.
        """
        with self._lock:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                if self._lease is None:
                    # Waits only while a keeper that lost its last user shuts down.
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

    def release(self) -> None:
        """Give the lease back; the servers end when nobody else holds one."""
        with self._lock:
            self._drop_lease()

    def _drop_lease(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    def _running(self) -> Addresses | None:
        if not is_locked(self.folder / "keeper.lock"):
            return None
        return read_addresses(self.folder)

    def _start(self) -> Addresses:
        keeper = self._spawn()
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if found := self._running():
                return found
            ended = keeper.poll()
            if ended == 0:
                # Another process's keeper had the folder at that moment; it may be ending.
                keeper = self._spawn()
            elif ended is not None:
                break
            time.sleep(POLL_S)
        raise StoreUnavailable(
            "The private Milvus and Redis did not start; see stores/keeper.log in the data folder."
        )

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with (self.folder / "keeper.log").open("a") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "searcher.stores.keeper", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C in a terminal must not reach the servers
            )


def _unusable(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"The data folder can't be used ({error.strerror}). Point TWINLENS_DATA at a folder that "
        "can be written."
    )


def read_addresses(folder: Path) -> Addresses | None:
    """Return what the keeper wrote, None while it has not."""
    try:
        return Addresses(**json.loads((folder / "addresses.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_addresses(folder: Path, addresses: Addresses) -> None:
    """Write where the servers listen: whole or not at all."""
    temporary = folder / "addresses.json.new"
    temporary.write_text(json.dumps(addresses.__dict__))
    os.replace(temporary, folder / "addresses.json")
