"""Redis: what is known of each picture, and the state that processes share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from itertools import islice
from typing import Any, cast

import redis
from redis.client import Pipeline

from searcher.stores.connection import RedisConnection
from searcher.stores.paths import DataPaths
from searcher.stores.record_index import BROKEN, IMAGES, RecordIndex, entry, write_entries


def _key(picture_id: int) -> str:
    return f"twinlens:image:{picture_id}"


@dataclass(frozen=True)
class Record:
    """One picture of the library. Sizes in pixels and bytes, `added` in seconds since 1970.

    `path` is absolute, and empty where it is not known where the picture lies. `fingerprint` tells
    near-duplicates; records of earlier versions have none.
    """

    id: int
    path: str
    name: str
    label: str
    width: int
    height: int
    bytes: int
    digest: str
    added: float
    fingerprint: str = ""

    def to_hash(self) -> dict[str, str | int | float]:
        """The fields of the Redis hash; the id is in its key."""
        return {name: value for name, value in asdict(self).items() if name != "id"}

    @classmethod
    def from_hash(cls, picture_id: int, stored: dict[str, str]) -> "Record | None":
        """Read a Redis hash; None where it is missing, incomplete or makes no sense."""
        try:
            return cls(
                id=picture_id,
                path=stored["path"],
                name=stored["name"],
                label=stored["label"],
                width=int(stored["width"]),
                height=int(stored["height"]),
                bytes=int(stored["bytes"]),
                digest=stored["digest"],
                added=float(stored["added"]),
                fingerprint=stored.get("fingerprint", ""),
            )
        except (KeyError, ValueError):
            return None


REQUIRED = [field.name for field in fields(Record) if field.name not in ("id", "fingerprint")]


class RecordStore:
    """The library's records, in the order in which they were added.

    Every method raises StoreUnavailable where Redis does not answer.
    """

    def __init__(
        self,
        address: Callable[[], str],
        paths: DataPaths | None = None,
        keep: Callable[[Record], None] = lambda record: None,
    ) -> None:
        """`address` returns the server's URL, starting a private server first if need be.

        `paths` says which paths are kept relative. `keep` is called with every record that is
        written, before Redis has it.
        """
        self.connection = RedisConnection(address)
        self.index = RecordIndex(self.connection)
        self._paths = paths
        self._keep = keep

    def put(self, records: Iterable[Record]) -> None:
        """Write records, all or none; one that exists is replaced."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for record in records:
                    pipe.hset(_key(record.id), mapping=cast(Any, self.pack(record)))
                    pipe.zadd(IMAGES, {str(record.id): record.added})
                write_entries(pipe, {record.id: _entry(record) for record in records})
                pipe.execute()

        records = list(records)
        for record in records:
            self._keep(record)
        if records:
            self.connection.call(write)

    def add(self, record: Record) -> bool:
        """Write a record unless there is one of this picture; return whether it was written.

        What another process writes of the same picture at the same time is never replaced.
        """
        key, values = _key(record.id), cast(Any, self.pack(record))

        def write(pipe: Pipeline) -> None:
            listed = pipe.zscore(IMAGES, str(record.id)) is not None
            stored = cast(dict[str, str], pipe.hgetall(key))
            pipe.multi()
            if not listed or Record.from_hash(record.id, stored) is None:
                pipe.hset(key, mapping=values)
                pipe.zadd(IMAGES, {str(record.id): record.added})
                write_entries(pipe, {record.id: _entry(record)})

        written = self.connection.call(lambda client: client.transaction(write, key))
        if written:
            self._keep(record)
        return bool(written)

    def get(self, ids: Sequence[int]) -> list[Record | None]:
        """Return the records of `ids`, in their order, None for each that is not there."""

        def read(client: redis.Redis) -> list[dict[str, str]]:
            with client.pipeline(transaction=False) as pipe:
                for picture_id in ids:
                    pipe.hgetall(_key(picture_id))
                return pipe.execute()

        found = self.connection.call(read) if ids else []
        return [self.unpack(i, stored) for i, stored in zip(ids, found, strict=True)]

    def pack(self, record: Record) -> dict[str, str | int | float]:
        """A record's fields as they are kept: paths in the data folder are relative to it."""
        values = record.to_hash()
        return values | {"path": self._paths.shorten(record.path)} if self._paths else values

    def unpack(self, picture_id: int, stored: dict[str, str]) -> Record | None:
        """The record of what was kept; None where it is missing, incomplete or makes no sense."""
        record = Record.from_hash(picture_id, stored)
        if record is None or self._paths is None:
            return record
        return replace(record, path=self._paths.resolve(picture_id, record.path))

    def count(self) -> int:
        """How many pictures the library has."""
        return self.connection.call(lambda client: client.zcard(IMAGES))

    def ids(self, page: int = 10_000) -> Iterator[int]:
        """Yield the ids of all pictures, in the order in which they were added."""
        start = 0
        while True:
            part = self.connection.call(partial(_ids_between, first=start, last=start + page - 1))
            yield from (int(member) for member in part)
            if len(part) < page:
                return
            start += page

    def at(self, places: Sequence[int]) -> list[int]:
        """Return the ids of the pictures at some places, from 0, in the order of adding."""

        def read(client: redis.Redis) -> list[list[str]]:
            with client.pipeline(transaction=False) as pipe:
                for place in places:
                    pipe.zrange(IMAGES, place, place)
                return pipe.execute()

        members = self.connection.call(read) if places else []
        return list(dict.fromkeys(int(member) for part in members for member in part))

    def newest(self, start: int, count: int) -> list[Record]:
        """Return up to `count` records, the latest first, from the `start`-th on."""
        members = self.connection.call(
            lambda client: cast(list[str], client.zrevrange(IMAGES, start, start + count - 1))
        )
        return [r for r in self.get([int(member) for member in members]) if r is not None]

    def all(self, page: int = 1000) -> Iterator[Record]:
        """Yield all records that are complete, in the order in which they were added."""
        ids = self.ids(page)
        while part := list(islice(ids, page)):
            yield from (record for record in self.get(part) if record is not None)

    def remove(self, ids: Iterable[int]) -> None:
        """Forget records; ids that are not there are passed over."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for picture_id in ids:
                    pipe.delete(_key(picture_id))
                    pipe.zrem(IMAGES, picture_id)
                write_entries(pipe, dict.fromkeys(ids, ""))
                pipe.execute()

        ids = list(ids)
        if ids:
            self.connection.call(write)

    def check_index(self, repair: bool) -> int:
        """Compare the index of names and labels with the records; return how much was wrong.

        With `repair` that is written. It reads every record: nothing for a request.
        """

        def expected(ids: Sequence[int]) -> list[str]:
            return [_entry(record) if record else BROKEN for record in self.get(ids)]

        return self.index.check(self.ids(), expected, repair)

    def note(self, name: str, values: dict[str, str] | None = None) -> dict[str, str]:
        """Return the small hash `twinlens:{name}`; with `values`, replace it first."""

        def call(client: redis.Redis) -> dict[str, str]:
            key = f"twinlens:{name}"
            if values is not None:
                with client.pipeline(transaction=True) as pipe:
                    pipe.delete(key)
                    if values:
                        pipe.hset(key, mapping=cast(Any, values))
                    pipe.execute()
            return cast(dict[str, str], client.hgetall(key))

        return self.connection.call(call)

    def close(self) -> None:
        """Let the connections go; the next call opens new ones."""
        self.connection.close()


def _entry(record: Record) -> str:
    return entry(record.name, record.label)


def _ids_between(client: redis.Redis, first: int, last: int) -> list[str]:
    return cast(list[str], client.zrange(IMAGES, first, last))
