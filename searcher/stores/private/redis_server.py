"""A redis-server of the library's own, on a unix socket, every write in its append-only file."""

import hashlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from searcher.file_locks import attempt, exclusive
from searcher.stores.private.append_only import parts
from searcher.stores.private.recovery import discard, note, replace_text, set_aside
from searcher.stores.private.redis_executable import find_redis_server
from searcher.stores.private.redis_files import APPEND_ONLY, SNAPSHOT, check_rdb, repair

SOCKET_LIMIT = 100  # sun_path holds 104 bytes on macOS, 108 on Linux
START_S = 30
OPTIONS = {
    "port": ["0"],
    "unixsocketperm": ["700"],
    "appendonly": ["yes"],
    # A second way back, beside the append-only file: every 5 minutes, and when the server ends.
    "save": ["300", "1"],
    # That a snapshot can't be written must stop nothing: the append-only file has it all.
    "stop-writes-on-bgsave-error": ["no"],
    # A file that was cut is mended here, which says so, rather than silently by Redis.
    "aof-load-truncated": ["no"],
    "daemonize": ["no"],
    "loglevel": ["warning"],
}


class PrivateRedis:
    """The server of a folder; it is started again where it ends, its files mended first."""

    def __init__(self, stores: Path) -> None:
        self._stores = stores
        self._folder = stores / "redis"
        if self._folder.exists() and not self._folder.is_dir():
            set_aside(self._folder)
        self._folder.mkdir(exist_ok=True)
        self._socket = _socket_path(self._folder)
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self._size = 0  # of the append-only file when it was last looked at

    def __enter__(self) -> "PrivateRedis":
        try:
            self._bring_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        saved = False
        for save in (True, False):  # where the disk is full, without another snapshot
            try:
                self._client(timeout=60).shutdown(save=save, nosave=not save)
                saved = save
                break
            except redis.RedisError:
                pass  # it is gone already, or its socket is, with the whole folder
        self._end_own()
        if saved and self._folder.is_dir():
            with exclusive(self._folder / "server.lock") as ended:
                if ended:
                    state = {"bytes": _size(self._folder), "snapshot": _digest(self._folder)}
                    replace_text(self._closed, json.dumps(state))

    @property
    def _closed(self) -> Path:
        """Says what the files were when the server ended in good order, until it runs again."""
        return self._folder / "closed.json"

    def keep_up(self) -> None:
        """Start the server where it ended or its socket was deleted; write a file that was cut."""
        if self._process is None or self._process.poll() is not None or not self._socket.exists():
            if not self._socket.exists():
                self._end_own()
            self._bring_up()
            return
        size = _size(self._folder)
        if size < self._size:  # deleted or cut under the server, which still knows everything
            try:
                self._client().bgrewriteaof()
            except redis.RedisError:
                pass  # it is just doing so
        self._size = size

    def _bring_up(self) -> None:
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
        """Start the server unless one runs: a killed supervisor leaves its server behind."""
        if self._process is not None and self._process.poll() is None:
            return  # if it doesn't answer, it has much to do
        if self._state() != "away":
            return
        # It holds the lock while it lives. Two servers would spoil the file that they append to.
        lock = attempt(self._folder / "server.lock")
        if lock is None:
            return  # another supervisor's, slow or just ending
        with lock:
            self._clear()
            if self._is_incomplete():
                self._mend()
            options = OPTIONS | {"unixsocket": [str(self._socket)], "dir": [str(self._folder)]}
            words = [word for name, values in options.items() for word in (f"--{name}", *values)]
            self._process = subprocess.Popen(
                [find_redis_server(), *words], stdin=subprocess.DEVNULL, pass_fds=[lock.fileno()]
            )

    def _clear(self) -> None:
        """Delete what a killed server left, and put aside what is in the way."""
        for temporary in self._folder.glob("temp-*"):
            discard(temporary)
        for path in (self._socket, self._folder / SNAPSHOT, self._folder / APPEND_ONLY):
            if path.is_dir():
                set_aside(path)
        inner = self._folder / "appendonlydir"
        if inner.exists() and not inner.is_dir():
            set_aside(inner)

    def _is_incomplete(self) -> bool:
        """Whether the append-only file is gone, or shorter than it was left."""
        size = _size(self._folder)
        snapshot = check_rdb(find_redis_server(), self._folder / SNAPSHOT) if not size else None
        return size < self._left()[0] or bool(snapshot and snapshot.keys)

    def _left(self) -> tuple[int, str]:
        """The length of the append-only file and the snapshot's digest when the server ended."""
        try:
            state = json.loads(self._closed.read_text())
            return int(state["bytes"]), str(state["snapshot"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0, ""

    def _repair(self) -> bool:
        with exclusive(self._folder / "server.lock") as mine:
            if mine:
                self._mend()
            return mine

    def _mend(self) -> None:
        size = _size(self._folder)
        left, snapshot = self._left()
        complete = snapshot == _digest(self._folder)
        outcome = repair(self._folder, find_redis_server(), complete)
        discard(self._closed)  # it was right of the former files
        lost = max(outcome.lost_bytes, left - size)
        if complete:
            note(self._stores, "records complete")
        elif not size:
            note(self._stores, "records gone", entries=outcome.entries)
        elif not outcome.keys:
            note(self._stores, "records unusable")
        elif lost or outcome.entries:
            note(self._stores, "records cut", bytes=lost, entries=outcome.entries)

    def _end_own(self) -> None:
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
    """How many bytes the append-only file has; 0 where it is gone."""
    return sum(path.stat().st_size for path in parts(folder) if path.exists())


def _digest(folder: Path) -> str | None:
    """Tells one snapshot from another; None where there is none."""
    try:
        with (folder / SNAPSHOT).open("rb") as file:
            return hashlib.file_digest(file, "blake2b").hexdigest()
    except OSError:
        return None


def _socket_path(folder: Path) -> Path:
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_LIMIT:
        return path
    # Too deep for a socket: a private folder whose name any supervisor of this library finds again.
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    private = Path(tempfile.gettempdir()) / f"twinlens-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise RuntimeError("somebody else has the socket's folder")
    return private / "redis.sock"
