"""Redis' append-only file: the commands in it that are whole, wherever it is damaged.

It holds commands as clients send them (RESP arrays of bulk strings), after a rewrite preceded by
an RDB file. Redis 6.2 has one such file; Redis 7 a folder with a base file, files of what came
after, and a manifest that names them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"REDIS"  # the head of an RDB file
_HEAD = re.compile(rb"\*([1-9]\d{0,6})\r\n")
_BULK = re.compile(rb"\$(\d{1,9})\r\n")
_NEXT = re.compile(rb"\*[1-9]\d{0,6}\r\n\$\d{1,2}\r\n[A-Za-z]")

# What Redis logs of this library's writes, and of scripts', which it logs by their effects. In a
# damaged file nothing else is run: a name of a picture can hold the text of any command.
_WRITES = {
    *(b"SELECT", b"MULTI", b"EXEC", b"DEL", b"UNLINK", b"RENAME", b"PERSIST", b"PEXPIREAT"),
    *(b"EXPIRE", b"PEXPIRE", b"EXPIREAT", b"SET", b"SETNX", b"SETEX", b"PSETEX", b"INCR"),
    *(b"INCRBY", b"HSET", b"HMSET", b"HSETNX", b"HDEL", b"HINCRBY", b"ZADD", b"ZREM", b"ZINCRBY"),
    *(b"SADD", b"SREM", b"RPUSH", b"LPUSH", b"LREM", b"LTRIM", b"FLUSHDB", b"FLUSHALL"),
}


@dataclass(frozen=True)
class Block:
    """A transaction, or a command outside of one; `commands` without MULTI and EXEC."""

    data: bytes
    commands: tuple[tuple[bytes, ...], ...]


def blocks(data: bytes) -> Iterator[Block]:
    """Yield what is whole, in its order; damaged places are passed over.

    What follows a damaged place is kept. That is safe because every write of this library is one
    transaction or one command, and sets values rather than building on those before (only votes
    are counted and listed: those in the damaged place are lost, no other is counted twice). It
    would not be safe to run a part of a transaction: a command after a damaged place may be in one
    whose MULTI is gone, so it counts only when another MULTI, or the end, comes before an EXEC.
    """
    begin: int | None = None  # of the transaction being read
    inner: list[tuple[bytes, ...]] = []
    uncertain: list[Block] | None = None  # since a damaged place; None where there was none
    at = 0
    while at < len(data):
        command, end = _command(data, at)
        if command is None:
            begin, uncertain = None, []
            found = _NEXT.search(data, at + 1)
            at = found.start() if found else len(data)
            continue
        name = command[0].upper()
        if name == b"MULTI":
            yield from uncertain or ()
            uncertain = None if uncertain else uncertain
            begin, inner = at, []
        elif name == b"EXEC":
            block = Block(data[begin:end], tuple(inner)) if begin is not None else None
            begin = None
            if block is None:
                uncertain = []
            elif uncertain is None:
                yield block
            else:
                uncertain.append(block)
        elif begin is not None:
            inner.append(command)
        elif uncertain is None:
            yield Block(data[at:end], (command,))
        else:
            uncertain.append(Block(data[at:end], (command,)))
        at = end
    yield from uncertain or ()


def parts(folder: Path, name: str = "appendonly.aof") -> list[Path]:
    """The files that make up the append-only file, in their order."""
    inner = folder / "appendonlydir"
    if not inner.is_dir():
        return [path for path in [folder / name] if path.is_file()]
    # By their names rather than by the manifest, which may be damaged, too. Former ones that
    # Redis was about to delete are older than the newest base.
    numbers: Mapping[Path, tuple[int, str]] = {
        path: (int(found[1]), found[2])
        for path in inner.iterdir()
        if path.is_file() and (found := re.search(r"\.(\d+)\.(base|incr)\.(?:aof|rdb)$", path.name))
    }
    bases = sorted((p for p in numbers if numbers[p][1] == "base"), key=lambda p: numbers[p])
    changes = sorted((p for p in numbers if numbers[p][1] == "incr"), key=lambda p: numbers[p])
    upgraded = [path for path in [inner / name] if path.is_file()]  # base made by Redis 6.2
    return [*(bases[-1:] or upgraded), *changes]


def _command(data: bytes, at: int) -> tuple[tuple[bytes, ...] | None, int]:
    """Read the command at a place: it and where it ends, or None."""
    head = _HEAD.match(data, at)
    if head is None:
        return None, at
    at = head.end()
    words = []
    for _ in range(int(head[1])):
        bulk = _BULK.match(data, at)
        if bulk is None:
            return None, at
        start, at = bulk.end(), bulk.end() + int(bulk[1]) + 2
        if data[at - 2 : at] != b"\r\n":
            return None, at
        words.append(data[start : at - 2])
    return (tuple(words), at) if words[0].upper() in _WRITES else (None, at)
