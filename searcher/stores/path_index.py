"""Redis: which pictures have a record with a path, and how the file there was when it was read.

A hash has an entry for each stored path: the ids of the pictures, a semicolon, and the stamp of the
file. A path normally has one picture; two while the file's new content is being added, or because
a process was killed then. Entries are changed in the transaction that changes the record. Records
of earlier versions have none until `RecordStore.complete_paths` adds them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import redis

from searcher.stores.connection import RedisConnection
from searcher.stores.record import SEPARATOR

PATHS = "twinlens:paths"
COMPLETE = "twinlens:paths_complete"
PAGE = 1000  # entries read per round trip

_SET = r"""
local function set(path, id, wanted)
  local ids = string.match(redis.call('HGET', KEYS[1], path) or ';', '^([^;]*);')
  local rest, is_set = {}, false
  for other in string.gmatch(ids, '%d+') do
    if other == id then is_set = true else rest[#rest + 1] = other end
  end
  if is_set == wanted then return end
  if wanted then rest[#rest + 1] = id end
  if #rest == 0 then redis.call('HDEL', KEYS[1], path)
  else redis.call('HSET', KEYS[1], path, table.concat(rest, ' ') .. ';') end
end
"""
# KEYS: after PATHS those of the records, which have their old paths. ARGV: pairs of an id and its
# new paths.
_REPLACE = (
    _SET
    + r"""
local function each(text, action)
  for path in string.gmatch(text, '[^%z]+') do action(path) end
end
for i = 1, #ARGV, 2 do
  local id, kept = ARGV[i], {}
  each(ARGV[i + 1], function(path) kept[path] = true end)
  for _, old in ipairs(redis.call('HMGET', KEYS[1 + (i + 1) / 2], 'path', 'copies')) do
    if old then
      each(old, function(path) if not kept[path] then set(path, id, false) end end)
    end
  end
  each(ARGV[i + 1], function(path) set(path, id, true) end)
end
"""
)
# ARGV: triples of a path, an id, and 1 to add the id or 0 to remove it.
_AMEND = _SET + "for i = 1, #ARGV, 3 do set(ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1') end"
# ARGV: triples of a path, the only id, and the new stamp.
_STAMP = r"""
for i = 1, #ARGV, 3 do
  local entry = redis.call('HGET', KEYS[1], ARGV[i])
  if entry and string.match(entry, '^([^;]*);') == ARGV[i + 1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ';' .. ARGV[i + 2])
  end
end
"""


class Entry(NamedTuple):
    """The ids of the pictures with a path, and the stamp of its file; empty where unknown."""

    ids: tuple[int, ...] = ()
    stamp: str = ""


def replace_paths(client: "redis.Redis", paths: Mapping[str, tuple[int, Sequence[str]]]) -> None:
    """Update the entries of some records, before these are written or deleted.

    Args:
        client: The pipeline of the transaction that changes the records.
        paths: The id and the new stored paths of each record, by the record's key.
    """
    values = [value for i, new in paths.values() for value in (str(i), SEPARATOR.join(new))]
    client.eval(_REPLACE, 1 + len(paths), PATHS, *paths, *values)


class PathIndex:
    """The entries by stored path. Every method raises StoreUnavailable if Redis does not answer."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def get(self, paths: Sequence[str]) -> list[Entry]:
        """Return the entries of paths, in their order."""
        if not paths:
            return []
        stored = self._connection.call(lambda c: cast(Any, c.hmget(PATHS, list(paths))))
        return [_parse(value) for value in stored]

    def stamp(self, stamps: Mapping[str, tuple[int, str]]) -> None:
        """Store the stamps of files, where the path has one picture only.

        Args:
            stamps: The picture's id and the file's stamp, by path.
        """
        if stamps:
            values = [v for path, (i, stamp) in stamps.items() for v in (path, str(i), stamp)]
            self._connection.call(partial(_eval, _STAMP, values))

    def amend(self, changes: Iterable[tuple[str, int, bool]]) -> None:
        """Add the picture of an id to a path, or remove it."""
        values = [v for path, i, wanted in changes for v in (path, str(i), str(int(wanted)))]
        if values:
            self._connection.call(partial(_eval, _AMEND, values))

    def scan(self) -> Iterator[dict[str, Entry]]:
        """Yield all entries, in parts; one may come twice."""
        cursor = -1
        while cursor:
            cursor, part = self._connection.call(partial(_scan, cursor=max(cursor, 0)))
            yield {path: _parse(value) for path, value in part.items()}

    @property
    def is_complete(self) -> bool:
        """Whether the records of earlier versions have their entries. Takes constant time."""
        return bool(self._connection.call(lambda client: client.exists(COMPLETE)))

    def set_complete(self) -> None:
        """Store that all records have their entries."""
        self._connection.call(lambda client: client.set(COMPLETE, "1"))


def _parse(value: str | None) -> Entry:
    ids, _, stamp = (value or "").partition(";")
    return Entry(tuple(map(int, ids.split())), stamp)


def _eval(script: str, values: Sequence[str], client: redis.Redis) -> None:
    client.eval(script, 1, PATHS, *values)


def _scan(client: redis.Redis, cursor: int) -> tuple[int, dict[str, str]]:
    return cast(tuple[int, dict[str, str]], client.hscan(PATHS, cursor, count=PAGE))
