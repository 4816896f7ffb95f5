"""Repair the files of the private Redis from its append-only file and its snapshot."""

import errno
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import redis

from searcher.stores.private.append_only import (
    APPEND_ONLY,
    APPEND_ONLY_FOLDER,
    MAGIC,
    Block,
    blocks,
    parts,
)
from searcher.stores.private.recovery import discard, set_aside
from searcher.stores.private.redis_executable import socket_folder

SNAPSHOT = "dump.rdb"
LOADING_S = 300  # time limit for a server to read a file; 100,000 records take 0.3 s

# Runs a server until the parent process closes its end of the pipe, or exits.
_WITH_PARENT = 'exec 3<&0; "$@" & server=$!; (read -r _ <&3; kill -9 $server) & wait $server'


class Rdb(NamedTuple):
    """An intact RDB file: its end (bytes), its creation time (seconds since 1970), its keys."""

    end: int
    created: int
    keys: int


@dataclass
class Outcome:
    """The result of a repair."""

    lost_bytes: int = 0  # of the append-only file
    entries: int = 0  # restored from the snapshot
    keys: int = 0  # after the repair


@dataclass
class _Deletions:
    """Keys and members that the append-only file deletes: not to be restored from a snapshot."""

    keys: set[bytes] = field(default_factory=set)
    members: set[tuple[bytes, bytes]] = field(default_factory=set)
    everything: bool = False

    def add(self, block: Block) -> None:
        """Add the deletions of a block."""
        for name, *words in block.commands:
            match name.upper():
                case b"DEL" | b"UNLINK":
                    self.keys.update(words)
                case b"RENAME":
                    self.keys.add(words[0])
                case b"ZREM" | b"SREM":
                    self.members.update((words[0], member) for member in words[1:])
                case b"FLUSHDB" | b"FLUSHALL":
                    self.everything = True


def repair(folder: Path, executable: str, complete: bool = False) -> Outcome:
    """Make one intact append-only file of everything that can be read, and move the old ones aside.

    No file is replaced before the new one is complete, so that an interrupted repair can be
    repeated.

    Args:
        folder: Redis' working folder.
        executable: The path of a redis-server.
        complete: Whether the snapshot was made at the server's shutdown, so that it has everything.

    Returns:
        What was lost and restored.

    Raises:
        RuntimeError: redis-server does not start.
        OSError: The disk cannot hold the new file.
    """
    work = folder / "repair"
    discard(work)
    (work / "new").mkdir(parents=True)
    snapshot = check_rdb(executable, folder / SNAPSHOT)
    if snapshot and (complete or not parts(folder)):
        shutil.copyfile(folder / SNAPSHOT, work / "new" / SNAPSHOT)
        outcome = Outcome(0, snapshot.keys, snapshot.keys)
    else:
        outcome = _combine(folder, snapshot, executable)
    if (folder / SNAPSHOT).exists() and not snapshot:
        set_aside(folder / SNAPSHOT)
    if (folder / APPEND_ONLY).exists() and (folder / APPEND_ONLY).stat().st_size:
        set_aside(folder / APPEND_ONLY, keep_original=True)
    # Redis accepts an RDB file as the beginning of an append-only file. Redis 7 moves it to its
    # folder, unless that exists: a repair interrupted between these two steps is repeated.
    os.replace(work / "new" / SNAPSHOT, folder / APPEND_ONLY)
    if (folder / APPEND_ONLY_FOLDER).exists():
        set_aside(folder / APPEND_ONLY_FOLDER)
    discard(work)
    return outcome


def _combine(folder: Path, snapshot: Rdb | None, executable: str) -> Outcome:
    """Make a new file of the append-only file's intact commands and what only the snapshot has."""
    new_folder, old_folder = folder / "repair" / "new", folder / "repair" / "old"
    files = [path.read_bytes() for path in parts(folder)]
    base = check_rdb(executable, parts(folder)[0]) if files and files[0][:5] == MAGIC else None
    if base:
        (new_folder / SNAPSHOT).write_bytes(files[0][: base.end])
        files[0] = files[0][base.end :]
    intact = [block for data in files for block in blocks(data)]
    deletions = _Deletions()
    for block in intact:
        deletions.add(block)
    outcome = Outcome(sum(map(len, files)) - sum(len(block.data) for block in intact))
    with server(executable, new_folder) as new:
        _replay(new, intact)
        # An append-only file that was rewritten after the snapshot has everything of it.
        is_older = bool(snapshot and base and base.created > snapshot.created)
        if snapshot and not (is_older or deletions.everything):
            old_folder.mkdir()
            (old_folder / SNAPSHOT).symlink_to(folder / SNAPSHOT)
            with server(executable, old_folder) as old:
                outcome.entries = _merge(old, new, deletions)
        try:
            new.save()
        except redis.ResponseError as error:  # only the server's log has the reason
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        outcome.keys = int(new.dbsize())
    return outcome


def check_rdb(executable: str, path: Path) -> Rdb | None:
    """Check the RDB file that a file consists of or begins with.

    Args:
        executable: The path of a redis-server.
        path: The file.

    Returns:
        Its properties, None if it is missing or damaged.
    """
    if not path.is_file():
        return None
    # redis-server acts as redis-check-rdb when it is called by that name.
    process = subprocess.run(
        ["redis-check-rdb", str(path)],
        executable=executable,
        capture_output=True,
        timeout=LOADING_S,
        check=False,
    )
    end = re.search(rb"\[offset (\d+)\] \\o/ RDB looks OK", process.stdout)
    created = re.search(rb"ctime = '(\d+)'", process.stdout)
    keys = re.search(rb"\[info\] (\d+) keys read", process.stdout)
    if process.returncode or not (end and created and keys):
        return None
    return Rdb(int(end[1]), int(created[1]), int(keys[1]))


@contextmanager
def server(executable: str, folder: Path) -> Iterator[redis.Redis]:
    """Run a temporary server on the snapshot in `folder`, and yield a client.

    Raises:
        RuntimeError: It does not start.
    """
    with tempfile.TemporaryDirectory(prefix="twinlens-", dir=socket_folder()) as private:
        path = f"{private}/s"
        options = ["--port", "0", "--unixsocket", path, "--dir", str(folder), "--save", ""]
        command = ["sh", "-c", _WITH_PARENT, "sh", executable, *options, "--loglevel", "warning"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            client = redis.Redis(unix_socket_path=path, socket_timeout=LOADING_S)
            try:
                _wait_for(client, process)
                yield client
            finally:
                client.close()
                if process.stdin:
                    process.stdin.close()
                process.wait()


def _wait_for(client: redis.Redis, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + LOADING_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.ping()
            return
        except redis.RedisError:  # still starting or loading
            time.sleep(0.02)
    raise RuntimeError("redis-server does not start")


def _replay(client: redis.Redis, intact: list[Block]) -> None:
    """Run the commands of the file; those that Redis refuses change nothing."""
    path = client.connection_pool.connection_kwargs["path"]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)

        def send() -> None:
            for start in range(0, len(intact), 1000):
                connection.sendall(b"".join(block.data for block in intact[start : start + 1000]))
            connection.sendall(b"*1\r\n$4\r\nQUIT\r\n")

        sender = threading.Thread(target=send, name="replay")
        sender.start()
        while connection.recv(1 << 16):
            pass
        sender.join()


def _merge(old: redis.Redis, new: redis.Redis, deletions: _Deletions) -> int:
    """Add what only the snapshot has, and return the number of keys. Values in both stay."""
    count = 0
    present = set(new.scan_iter(count=1000))
    for key in old.scan_iter(count=1000):
        if key not in present and key not in deletions.keys:
            new.restore(key, max(0, old.pttl(key)), cast(bytes, old.dump(key)))
            count += 1
    for key in present.intersection(old.scan_iter(count=1000, _type="zset")):
        scores = cast(list[tuple[bytes, float]], old.zrange(key, 0, -1, withscores=True))
        if remaining := {m: s for m, s in scores if (key, m) not in deletions.members}:
            new.zadd(key, cast(Any, remaining), nx=True)
    for key in present.intersection(old.scan_iter(count=1000, _type="set")):
        members = cast(set[bytes], old.smembers(key))
        if others := [member for member in members if (key, member) not in deletions.members]:
            new.sadd(key, *others)
    return count
