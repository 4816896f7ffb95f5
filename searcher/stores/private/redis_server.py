"""The private redis-server of a library, on a unix socket, with an append-only file."""

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from searcher.file_locks import attempt, exclusive
from searcher.stores.private.append_only import APPEND_ONLY, APPEND_ONLY_FOLDER, parts
from searcher.stores.private.recovery import discard, note, replace_text, set_aside
from searcher.stores.private.redis_executable import find_redis_server, socket_folder
from searcher.stores.private.redis_files import SNAPSHOT, check_rdb, repair

SOCKET_LIMIT = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
START_S = 30
OPTIONS = {
    "port": ["0"],
    "unixsocketperm": ["700"],
    "appendonly": ["yes"],
    # Snapshots as a second copy, besides the append-only file: every 5 minutes, and at shutdown.
    "save": ["300", "1"],
    # A failed snapshot must not stop writes: the append-only file has everything.
    "stop-writes-on-bgsave-error": ["no"],
    # A truncated file is repaired here, with a notice, rather than silently by Redis.
    "aof-load-truncated": ["no"],
    "daemonize": ["no"],
    "loglevel": ["warning"],
}


class PrivateRedis:
    """The server of a folder. If it ends, its files are repaired and it is started again."""

    def __init__(self, stores: Path) -> None:
        self._stores = stores
        self._folder = stores / "redis"
        if self._folder.exists() and not self._folder.is_dir():
            set_aside(self._folder)
        self._folder.mkdir(exist_ok=True)
        self._socket = _socket_path(self._folder)
        self.url = f"unix://{quote(str(self._socket))}"  # the client decodes it
        self._process: subprocess.Popen[bytes] | None = None
        self._size = 0  # bytes of the append-only file at the last check

    def __enter__(self) -> "PrivateRedis":
        try:
            self._start_and_wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        has_snapshot = False
        for save in (True, False):  # without a snapshot if the disk is full
            try:
                self._client(timeout=60).shutdown(save=save, nosave=not save)
                has_snapshot = save
                break
            except redis.RedisError:
                pass  # it ended already, or its folder with the socket was deleted
        self._terminate()
        if has_snapshot and self._folder.is_dir():
            with exclusive(self._folder / "server.lock") as is_free:
                if is_free:
                    state = {"bytes": _size(self._folder), "snapshot": _digest(self._folder)}
                    replace_text(self._closed, json.dumps(state))

    @property
    def _closed(self) -> Path:
        """The file that describes Redis' files after a proper shutdown, until the next start."""
        return self._folder / "closed.json"

    def maintain(self) -> None:
        """Restart the server if it ended or lost its socket; rewrite a truncated file."""
        if self._process is None or self._process.poll() is not None or not self._socket.exists():
            if not self._socket.exists():
                self._terminate()
            self._start_and_wait()
            return
        size = _size(self._folder)
        if size < self._size:  # deleted or truncated, but the server has everything in memory
            try:
                self._client().bgrewriteaof()
            except redis.RedisError:
                pass  # a rewrite is in progress
        self._size = size

    def _start_and_wait(self) -> None:
        deadline = time.monotonic() + START_S
        repaired = False
        while True:
            state = self._state()
            if state == "up":
                discard(self._closed)
                return
            if state == "away" and self._process is not None and self._process.poll() is not None:
                if repaired:
                    raise RuntimeError("redis-server does not start; what it printed says why")
                self._process = None
                repaired = self._repair()
                deadline = time.monotonic() + START_S
            if state != "loading" and time.monotonic() > deadline:
                raise RuntimeError("redis-server did not come up")
            self._start()
            time.sleep(0.02)

    def _start(self) -> None:
        """Start the server unless one runs: that of a killed supervisor goes on running."""
        if self._process is not None and self._process.poll() is None:
            return  # if it does not answer, it is busy
        if self._state() != "away":
            return
        # The server holds the lock while it runs. Two servers would corrupt the append-only file.
        lock = attempt(self._folder / "server.lock")
        if lock is None:
            return  # another supervisor's server is slow, or shutting down
        with lock:
            self._clear()
            if self._is_incomplete():
                self._repair_files()
            options = OPTIONS | {"unixsocket": [str(self._socket)], "dir": [str(self._folder)]}
            words = [word for name, values in options.items() for word in (f"--{name}", *values)]
            self._process = subprocess.Popen(
                [find_redis_server(), *words], stdin=subprocess.DEVNULL, pass_fds=[lock.fileno()]
            )

    def _clear(self) -> None:
        """Delete temporary files of a killed server, and move aside what Redis cannot open."""
        for temporary in self._folder.glob("temp-*"):
            discard(temporary)
        for path in (self._socket, self._folder / SNAPSHOT, self._folder / APPEND_ONLY):
            if path.is_dir():
                set_aside(path)
        inner = self._folder / APPEND_ONLY_FOLDER
        if inner.exists() and not inner.is_dir():
            set_aside(inner)

    def _is_incomplete(self) -> bool:
        """Whether the append-only file is missing, or shorter than after the last shutdown."""
        size = _size(self._folder)
        snapshot = check_rdb(find_redis_server(), self._folder / SNAPSHOT) if not size else None
        return size < self._state_at_shutdown()[0] or bool(snapshot and snapshot.keys)

    def _state_at_shutdown(self) -> tuple[int, str]:
        """Return the append-only file's bytes and the snapshot's digest after the last shutdown."""
        try:
            state = json.loads(self._closed.read_text())
            return int(state["bytes"]), str(state["snapshot"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0, ""

    def _repair(self) -> bool:
        with exclusive(self._folder / "server.lock") as is_free:
            if is_free:
                self._repair_files()
            return is_free

    def _repair_files(self) -> None:
        size = _size(self._folder)
        size_at_shutdown, snapshot = self._state_at_shutdown()
        complete = snapshot == _digest(self._folder)
        outcome = repair(self._folder, find_redis_server(), complete)
        discard(self._closed)  # it describes the former files
        lost_bytes = max(outcome.lost_bytes, size_at_shutdown - size)
        if complete:
            note(self._stores, "records complete")
        elif not size:
            note(self._stores, "records gone", entries=outcome.entries)
        elif not outcome.keys:
            note(self._stores, "records unusable")
        elif lost_bytes or outcome.entries:
            note(self._stores, "records cut", bytes=lost_bytes, entries=outcome.entries)

    def _terminate(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _state(self) -> str:
        try:
            self._client().ping()
            return "up"
        except redis.BusyLoadingError:
            return "loading"
        except redis.RedisError:
            return "away"

    def _client(self, timeout: float = 5) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self._socket),
            socket_timeout=timeout,
            retry=Retry(NoBackoff(), retries=0),
        )


def _size(folder: Path) -> int:
    """Return the bytes of the append-only file, 0 if it is missing."""
    return sum(path.stat().st_size for path in parts(folder) if path.exists())


def _digest(folder: Path) -> str | None:
    """Return a hash of the snapshot, None if there is none."""
    try:
        with (folder / SNAPSHOT).open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()
    except OSError:
        return None


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    is_unicode = os.fsencode(path) == str(path).encode("utf-8", "replace")
    if is_unicode and len(os.fsencode(path)) <= SOCKET_LIMIT:
        return path
    # Too long for a socket's address, or nothing that a URL can have: use a private folder named
    # after the hash of the path.
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    private = Path(socket_folder()) / f"twinlens-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise RuntimeError("somebody else has the socket's folder")
    return private / "redis.sock"
