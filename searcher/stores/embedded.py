"""The private Milvus Lite and redis-server of one data folder, shared by all its processes.

Milvus Lite can be opened by one process at a time, yet the command line must work while the app
runs. So both servers belong to a keeper, a small process of its own (keeper.py). Whoever needs
the stores holds a shared lock on a file; the keeper ends when nobody holds it any more. The
kernel lets such locks go when a process dies, however it dies.
"""

import fcntl
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
                    self._lease = (self.folder / "users.lock").open("w")
                    # Waits only while a keeper that lost its last user shuts down.
                    fcntl.flock(self._lease, fcntl.LOCK_SH)
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
            lock = (self.folder / f"{name}.lock").open("w")
        except OSError as error:
            raise _unusable(error) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
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
        log = self.folder / "keeper.log"
        with log.open("w") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "searcher.stores.keeper", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C in a terminal must not reach the servers
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            # Another process may have started one at the same moment; ours then ends by itself.
            if found := self._running():
                return found
            if keeper.poll() not in (None, 0):
                break
            time.sleep(POLL_S)
        raise StoreUnavailable(
            "The private Milvus and Redis did not start; see stores/keeper.log in the data folder."
        )


def _unusable(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"The data folder can't be used ({error.strerror}). Point TWINLENS_DATA at a folder that "
        "can be written."
    )


def is_locked(path: Path) -> bool:
    """Whether some process holds the exclusive lock on the file."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Try for the exclusive lock on the file, without waiting; yields whether it was got."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


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
