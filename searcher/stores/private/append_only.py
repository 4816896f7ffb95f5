"""Read the intact commands of a damaged append-only file of Redis.

The file has commands as clients send them (RESP arrays of bulk strings), preceded by an RDB file
once it was rewritten. Redis 6.2 has one such file; Redis 7 a folder with a base file, incremental
files, and a manifest that names them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"REDIS"  # the head of an RDB file
APPEND_ONLY = "appendonly.aof"  # of Redis 6.2
APPEND_ONLY_FOLDER = "appendonlydir"  # of Redis 7
_HEAD = re.compile(rb"\*([1-9]\d{0,6})\r\n")
_BULK = re.compile(rb"\$(\d{1,9})\r\n")
_NEXT = re.compile(rb"\*[1-9]\d{0,6}\r\n\$\d{1,2}\r\n[A-Za-z]")

# The commands that Redis logs for this library's writes, and for the effects of its scripts. No
# other command of a damaged file is run, because a picture's name can contain the text of one.
_WRITES = {
    *(b"SELECT", b"MULTI", b"EXEC", b"DEL", b"UNLINK", b"RENAME", b"PERSIST", b"PEXPIREAT"),
    *(b"EXPIRE", b"PEXPIRE", b"EXPIREAT", b"SET", b"SETNX", b"SETEX", b"PSETEX", b"INCR"),
    *(b"INCRBY", b"HSET", b"HMSET", b"HSETNX", b"HDEL", b"HINCRBY", b"ZADD", b"ZREM", b"ZINCRBY"),
    *(b"SADD", b"SREM", b"RPUSH", b"LPUSH", b"LREM", b"LTRIM", b"FLUSHDB", b"FLUSHALL"),
}


@dataclass(frozen=True)
class Block:
    """A transaction, or a command outside of any; `commands` has no MULTI and EXEC."""

    data: bytes
    commands: tuple[tuple[bytes, ...], ...]


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the intact blocks of a file, in order, skipping damaged parts.

    Blocks after a damaged part are valid, because every write of this library is one transaction
    or one command, and sets values instead of building on earlier ones. (Votes are the exception:
    those in the damaged part are lost, and no other is counted twice.) Part of a transaction must
    not run, however, and a command after a damaged part may belong to a transaction whose MULTI
    was in it. So such commands are yielded only if the next MULTI, or the end of the file, comes
    before the next EXEC.

    Args:
        data: The content of an append-only file, without the RDB file at its beginning.
    """
    begin: int | None = None  # of the current transaction
    inner: list[tuple[bytes, ...]] = []
    uncertain: list[Block] | None = None  # since a damaged part; None if there was none
    at = 0
    while at < len(data):
        command, end = _command(data, at)
        if command is None:
            begin, uncertain = None, []
            match = _NEXT.search(data, at + 1)
            at = match.start() if match else len(data)
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


def parts(folder: Path) -> list[Path]:
    """Return the files that make up the append-only file, in order.

    Args:
        folder: Redis' working folder.
    """
    inner = folder / APPEND_ONLY_FOLDER
    if not inner.is_dir():
        return [path for path in [folder / APPEND_ONLY] if path.is_file()]
    # By their names, since the manifest may be damaged, too. Only the newest base counts: Redis
    # was about to delete any earlier ones.
    numbers: Mapping[Path, tuple[int, str]] = {
        path: (int(match[1]), match[2])
        for path in inner.iterdir()
        if path.is_file() and (match := re.search(r"\.(\d+)\.(base|incr)\.(?:aof|rdb)$", path.name))
    }
    bases = sorted((p for p in numbers if numbers[p][1] == "base"), key=lambda p: numbers[p])
    changes = sorted((p for p in numbers if numbers[p][1] == "incr"), key=lambda p: numbers[p])
    upgraded = [path for path in [inner / APPEND_ONLY] if path.is_file()]  # base made by Redis 6.2
    return [*(bases[-1:] or upgraded), *changes]


def _command(data: bytes, at: int) -> tuple[tuple[bytes, ...] | None, int]:
    """Parse the command at an offset; return its words, or None, and the offset of its end."""
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
