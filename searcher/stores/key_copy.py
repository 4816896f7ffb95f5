"""Redis: copy the keys of a library to another server, and compare them there.

Both happen a page at a time: a hash with an entry for each picture is never read at once.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

import redis

from searcher.stores.connection import RedisConnection
from searcher.stores.hashes import read_hashes
from searcher.stores.job_store import JOBS, STOPS
from searcher.stores.state import PREFIX

T = TypeVar("T")

PAGE = 1000  # keys, or entries of one key, per round trip
RECORDS = PREFIX + "image:"  # small hashes, compared many at a time
SCRATCH = PREFIX + "migration"  # a list that is not complete yet; then it gets its name
# The identity, which is written when all else is there; and the progress of runs elsewhere.
EXCLUDED = {PREFIX + "library", PREFIX + "shards", JOBS, STOPS, SCRATCH}

Items = dict[str, Any]
Progress = Callable[[int], None]


class _Kind(NamedTuple):
    """How the entries of a type of key are read and written; look_up has None for missing ones."""

    scan: Callable[..., tuple[int, Items]]
    look_up: Callable[..., list[Any]]
    put: Callable[..., object]
    drop: Callable[..., object]


class KeyCopy:
    """Makes the keys of one Redis those of another, of which nothing is changed.

    Methods raise StoreUnavailable where one of the two does not answer.
    """

    def __init__(self, source: RedisConnection, target: RedisConnection) -> None:
        self._source = source
        self._target = target

    def run(self, progress: Progress = lambda done: None) -> int:
        """Write what the target lacks or has otherwise, and delete what the source lacks.

        Args:
            progress: Called with the number of keys of the source that are done.

        Returns:
            The number of keys and entries that differed: 0 where both are the same.
        """
        differing = done = 0
        for keys in _pages(self._source):
            records = [key for key in keys if key.startswith(RECORDS)]
            differing += self._copy_records(records) if records else 0
            for key in keys:
                if not key.startswith(RECORDS):
                    differing += self._copy(key)
            done += len(keys)
            progress(done)
        return differing + sum(map(self._delete_surplus, _pages(self._target)))

    def _copy_records(self, keys: Sequence[str]) -> int:
        new, old = (
            store.call(lambda client: read_hashes(client, keys))
            for store in (self._source, self._target)
        )
        changed = {key: a for key, a, b in zip(keys, new, old, strict=True) if a and a != b}

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for key, values in changed.items():
                    pipe.delete(key)
                    pipe.hset(key, mapping=cast(Any, values))
                pipe.execute()

        if changed:
            self._target.call(write)
        return len(changed)

    def _delete_surplus(self, keys: Sequence[str]) -> int:
        def exist(client: redis.Redis) -> list[int]:
            with client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.exists(key)
                return pipe.execute()

        present = self._source.call(exist)
        surplus = [key for key, is_there in zip(keys, present, strict=True) if not is_there]
        if surplus:
            self._target.call(lambda client: client.delete(*surplus))
        return len(surplus)

    def _copy(self, key: str) -> int:
        kind, old = (store.call(lambda c: c.type(key)) for store in (self._source, self._target))
        if old not in (kind, "none"):
            self._target.call(lambda c: c.delete(key))
        if kind in KINDS:
            differing = self._copy_entries(key, KINDS[kind])
        elif kind == "list":
            differing = self._copy_list(key)
        else:
            differing = self._copy_text(key) if kind == "string" else 0  # or it has expired
        expiry = self._source.call(lambda c: c.pttl(key))
        if expiry > 0:
            self._target.call(lambda c: c.pexpire(key, expiry))
        return differing

    def _copy_entries(self, key: str, kind: _Kind) -> int:
        """Copy a hash, a set or a sorted set."""
        differing = 0
        for items in _entries(self._source, key, kind):
            old = self._target.call(partial(kind.look_up, key=key, names=list(items)))
            changed = {
                name: value
                for (name, value), other in zip(items.items(), old, strict=True)
                if value != other
            }
            if changed:
                self._target.call(partial(kind.put, key=key, items=changed))
            differing += len(changed)
        for items in _entries(self._target, key, kind):
            new = self._source.call(partial(kind.look_up, key=key, names=list(items)))
            surplus = [name for name, value in zip(items, new, strict=True) if value is None]
            if surplus:
                self._target.call(partial(kind.drop, key=key, names=surplus))
            differing += len(surplus)
        return differing

    def _copy_list(self, key: str) -> int:
        stores = self._source, self._target
        pages = zip(*(_list_pages(store, key) for store in stores), strict=False)
        lengths = {store.call(lambda c: c.llen(key)) for store in stores}
        if len(lengths) == 1 and all(new == old for new, old in pages):
            return 0
        self._target.call(lambda c: c.delete(SCRATCH))
        for page in _list_pages(self._source, key):
            self._target.call(partial(_push, values=page))
        if self._target.call(lambda c: c.exists(SCRATCH)):
            self._target.call(lambda c: c.rename(SCRATCH, key))
        return 1

    def _copy_text(self, key: str) -> int:
        new, old = (store.call(lambda c: c.get(key)) for store in (self._source, self._target))
        if new is None or new == old:
            return 0
        self._target.call(lambda c: c.set(key, cast(str, new)))
        return 1


def _pages(store: RedisConnection) -> Iterator[list[str]]:
    """Yield the keys of a library in parts; one may come twice."""
    cursor = -1
    while cursor:
        cursor, keys = store.call(partial(_scan, cursor=max(cursor, 0)))
        if keys := [key for key in keys if key not in EXCLUDED]:
            yield keys


def _entries(store: RedisConnection, key: str, kind: _Kind) -> Iterator[Items]:
    cursor = -1
    while cursor:
        cursor, items = store.call(partial(kind.scan, key=key, cursor=max(cursor, 0)))
        if items:
            yield items


def _list_pages(store: RedisConnection, key: str) -> Iterator[list[str]]:
    start = 0
    while page := store.call(partial(_range, key=key, start=start)):
        yield page
        start += PAGE


def _scan(client: redis.Redis, cursor: int) -> tuple[int, list[str]]:
    found = client.scan(cursor, match=PREFIX + "*", count=PAGE)
    return cast(tuple[int, list[str]], found)


def _range(client: redis.Redis, key: str, start: int) -> list[str]:
    return cast(list[str], client.lrange(key, start, start + PAGE - 1))


def _push(client: redis.Redis, values: Sequence[str]) -> None:
    client.rpush(SCRATCH, *values)


def _scan_members(client: redis.Redis, key: str, cursor: int) -> tuple[int, Items]:
    cursor, names = cast(Any, client.sscan(key, cursor, count=PAGE))
    return cursor, dict.fromkeys(names, True)


def _scan_scores(client: redis.Redis, key: str, cursor: int) -> tuple[int, Items]:
    cursor, pairs = cast(Any, client.zscan(key, cursor, count=PAGE))
    return cursor, dict(pairs)


def _are_members(client: redis.Redis, key: str, names: Sequence[str]) -> list[Any]:
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.sismember(key, name)
        return [bool(is_member) or None for is_member in pipe.execute()]


def _scores(client: redis.Redis, key: str, names: Sequence[str]) -> list[Any]:
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.zscore(key, name)
        return pipe.execute()


KINDS = {
    "hash": _Kind(
        lambda client, key, cursor: client.hscan(key, cursor, count=PAGE),
        lambda client, key, names: client.hmget(key, names),
        lambda client, key, items: client.hset(key, mapping=items),
        lambda client, key, names: client.hdel(key, *names),
    ),
    "set": _Kind(
        _scan_members,
        _are_members,
        lambda client, key, items: client.sadd(key, *items),
        lambda client, key, names: client.srem(key, *names),
    ),
    "zset": _Kind(
        _scan_scores,
        _scores,
        lambda client, key, items: client.zadd(key, items),
        lambda client, key, names: client.zrem(key, *names),
    ),
}
