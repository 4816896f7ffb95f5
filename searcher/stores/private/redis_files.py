"""Mend the files of the private Redis: what its append-only file and its snapshot still hold."""

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

from searcher.stores.private.append_only import MAGIC, Block, blocks, parts
from searcher.stores.private.recovery import discard, set_aside

APPEND_ONLY = "appendonly.aof"
SNAPSHOT = "dump.rdb"
LOADING_S = 300  # how long a server may take to read a file; 100,000 records take 0.3 s

# Runs a server for as long as its parent's end of the pipe is open.
_WITH_PARENT = 'exec 3<&0; "$@" & server=$!; (read -r _ <&3; kill -9 $server) & wait $server'


class Rdb(NamedTuple):
    """A sound RDB file: where it ends, when it was made (seconds since 1970), how many keys."""

    end: int
    created: int
    keys: int


@dataclass
class Outcome:
    """What a repair left out of the append-only file, and took from the snapshot."""

    lost_bytes: int = 0
    entries: int = 0  # from the snapshot
    keys: int = 0  # afterwards


@dataclass
class _Removed:
    """What the commands of the append-only file delete: the snapshot must not bring it back."""

    keys: set[bytes] = field(default_factory=set)
    members: set[tuple[bytes, bytes]] = field(default_factory=set)
    everything: bool = False

    def follow(self, block: Block) -> None:
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
    """Make one sound append-only file of all that can be read.

    With `complete` the snapshot was made when the server ended, and has everything. The former
    files are kept aside. Nothing is changed before all is made, so that a repair can be cut off
    anywhere and done again. Raises RuntimeError where redis-server doesn't start at all, OSError
    where the disk can't take the new file.
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
        set_aside(folder / APPEND_ONLY, stays=True)
    # Redis takes an RDB file for the begin of an append-only file; Redis 7 moves it to its folder,
    # unless there is one already: cut off between these two lines, all is done once more.
    os.replace(work / "new" / SNAPSHOT, folder / APPEND_ONLY)
    if (folder / "appendonlydir").exists():
        set_aside(folder / "appendonlydir")
    discard(work)
    return outcome


def _combine(folder: Path, snapshot: Rdb | None, executable: str) -> Outcome:
    """Make a new file of what is whole in the append-only file, and what only the snapshot has."""
    new_folder, old_folder = folder / "repair" / "new", folder / "repair" / "old"
    files = [path.read_bytes() for path in parts(folder)]
    base = check_rdb(executable, parts(folder)[0]) if files and files[0][:5] == MAGIC else None
    if base:
        (new_folder / SNAPSHOT).write_bytes(files[0][: base.end])
        files[0] = files[0][base.end :]
    whole = [block for data in files for block in blocks(data)]
    removed = _Removed()
    for block in whole:
        removed.follow(block)
    outcome = Outcome(sum(map(len, files)) - sum(len(block.data) for block in whole))
    with server(executable, new_folder) as new:
        _replay(new, whole)
        # An append-only file that was rewritten after the snapshot has all that the snapshot has.
        is_older = bool(snapshot and base and base.created > snapshot.created)
        if snapshot and not (is_older or removed.everything):
            old_folder.mkdir()
            (old_folder / SNAPSHOT).symlink_to(folder / SNAPSHOT)
            with server(executable, old_folder) as old:
                outcome.entries = _merge(old, new, removed)
        try:
            new.save()
        except redis.ResponseError as error:  # the log has the reason; there is no other
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        outcome.keys = int(new.dbsize())
    return outcome


def check_rdb(executable: str, path: Path) -> Rdb | None:
    """Read an RDB file, or the one at the head of a file; None where it is missing or damaged."""
    if not path.is_file():
        return None
    # redis-server is redis-check-rdb when it is called by that name.
    done = subprocess.run(
        ["redis-check-rdb", str(path)],
        executable=executable,
        capture_output=True,
        timeout=LOADING_S,
        check=False,
    )
    end = re.search(rb"\[offset (\d+)\] \\o/ RDB looks OK", done.stdout)
    created = re.search(rb"ctime = '(\d+)'", done.stdout)
    keys = re.search(rb"\[info\] (\d+) keys read", done.stdout)
    if done.returncode or not (end and created and keys):
        return None
    return Rdb(int(end[1]), int(created[1]), int(keys[1]))


@contextmanager
def server(executable: str, folder: Path) -> Iterator[redis.Redis]:
    """A server for a moment, with the snapshot in `folder`. Raises RuntimeError."""
    with tempfile.TemporaryDirectory(prefix="twinlens-") as private:  # a short path, for its socket
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
        except redis.RedisError:  # not yet there, or still loading
            time.sleep(0.02)
    raise RuntimeError("redis-server does not start")


def _replay(client: redis.Redis, whole: list[Block]) -> None:
    """Run what the file logged; commands that Redis refuses change nothing."""
    path = client.connection_pool.connection_kwargs["path"]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)

        def send() -> None:
            for start in range(0, len(whole), 1000):
                connection.sendall(b"".join(block.data for block in whole[start : start + 1000]))
            connection.sendall(b"*1\r\n$4\r\nQUIT\r\n")

        sender = threading.Thread(target=send, name="replay")
        sender.start()
        while connection.recv(1 << 16):
            pass
        sender.join()


def _merge(old: redis.Redis, new: redis.Redis, removed: _Removed) -> int:
    """Add what only the snapshot has; returns how many keys. What both have stays as it is."""
    added = 0
    here = set(new.scan_iter(count=1000))
    for key in old.scan_iter(count=1000):
        if key not in here and key not in removed.keys:
            new.restore(key, max(0, old.pttl(key)), cast(bytes, old.dump(key)))
            added += 1
    for key in here.intersection(old.scan_iter(count=1000, _type="zset")):
        members = cast(list[tuple[bytes, float]], old.zrange(key, 0, -1, withscores=True))
        if missing := {m: s for m, s in members if (key, m) not in removed.members}:
            new.zadd(key, cast(Any, missing), nx=True)
    for key in here.intersection(old.scan_iter(count=1000, _type="set")):
        if others := _left(old, key, removed):
            new.sadd(key, *others)
    return added


def _left(old: redis.Redis, key: bytes, removed: _Removed) -> list[bytes]:
    members = cast(set[bytes], old.smembers(key))
    return [member for member in members if (key, member) not in removed.members]
