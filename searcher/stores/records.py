"""Redis: the record of each picture, and small state that processes share."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, cast

import redis
from redis.client import Pipeline

from searcher.stores.connection import RedisConnection
from searcher.stores.fields import Fields, fields_of
from searcher.stores.paths import UNKNOWN, DataPaths
from searcher.stores.pending_fields import PENDING, PendingFields, mark
from searcher.stores.record import Record as Record
from searcher.stores.record_index import BROKEN, IMAGES, RecordIndex, entry, write_entries

PATHS = 5000  # read in one request


def _key(picture_id: int | str) -> str:
    return f"twinlens:image:{picture_id}"


class RecordStore:
    """The library's records, ordered by the time they were added.

    Every method raises StoreUnavailable where Redis does not answer.
    """

    def __init__(
        self,
        address: Callable[[], str],
        paths: DataPaths | None = None,
        write_sidecar: Callable[[Record], None] = lambda record: None,
    ) -> None:
        """Open no connection yet.

        Args:
            address: Returns the server's URL, starting a private server first if need be.
            paths: Converts between absolute and stored paths; None stores them as they are.
            write_sidecar: Called with every record that is written.
        """
        self.connection = RedisConnection(address)
        self.index = RecordIndex(self.connection)
        self.pending_fields = PendingFields(self.connection)
        self._paths = paths
        self._write_sidecar = write_sidecar

    def put(self, records: Iterable[Record]) -> None:
        """Write records in one transaction, replacing existing ones.

        Raises StoreUnavailable, and whatever `write_sidecar` raises; no record is written then.
        """

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for record in records:
                    pipe.hset(_key(record.id), mapping=cast(Any, self.pack(record)))
                    pipe.zadd(IMAGES, {str(record.id): record.added})
                write_entries(pipe, {record.id: _entry(record) for record in records})
                mark(pipe, [record.id for record in records])
                pipe.execute()

        records = list(records)
        for record in records:
            self._write_sidecar(record)
        if records:
            self.connection.call(write)

    def add(self, record: Record) -> bool:
        """Write a record unless the picture has one, and return whether it was written.

        Never replaces a record that another process writes at the same time.
        """
        key, values = _key(record.id), cast(Any, self.pack(record))

        def write(pipe: Pipeline) -> None:
            is_listed = pipe.zscore(IMAGES, str(record.id)) is not None
            stored = cast(dict[str, str], pipe.hgetall(key))
            pipe.multi()
            if not is_listed or Record.from_hash(record.id, stored) is None:
                pipe.hset(key, mapping=values)
                pipe.zadd(IMAGES, {str(record.id): record.added})
                write_entries(pipe, {record.id: _entry(record)})
                mark(pipe, [record.id])

        results = self.connection.call(lambda client: client.transaction(write, key))
        if results:
            self._write_sidecar(record)
        return bool(results)

    def get(self, ids: Sequence[int]) -> list[Record | None]:
        """Return the records of `ids` in their order, None for each missing one."""

        def read(client: redis.Redis) -> list[dict[str, str]]:
            with client.pipeline(transaction=False) as pipe:
                for picture_id in ids:
                    pipe.hgetall(_key(picture_id))
                return pipe.execute()

        hashes = self.connection.call(read) if ids else []
        return [self.unpack(i, stored) for i, stored in zip(ids, hashes, strict=True)]

    def pack(self, record: Record) -> dict[str, str | int | float]:
        """Return the fields that are stored: with a relative path if it is in the data folder."""
        values = record.to_hash()
        return values | {"path": self._paths.shorten(record.path)} if self._paths else values

    def unpack(self, picture_id: int, stored: dict[str, str]) -> Record | None:
        """Return the record of stored fields; None if they are missing, incomplete or malformed."""
        record = Record.from_hash(picture_id, stored)
        if record is None or self._paths is None:
            return record
        return replace(record, path=self._paths.resolve(picture_id, record.path))

    def fields(self, ids: Sequence[int]) -> dict[int, Fields]:
        """Return the fields by which searches filter, of those of `ids` that have a record."""
        records = [record for record in self.get(ids) if record is not None]
        return {record.id: fields_of(record, self.source(record.path)) for record in records}

    def source(self, path: str) -> str:
        """Return where a picture is from, by the path in its record; see `DataPaths.source`."""
        return self._paths.source(path) if self._paths else UNKNOWN

    def sources(self) -> Counter[str]:
        """Return the number of pictures by source; reads the paths of all."""
        folders: Counter[str] = Counter()
        start = 0
        while paths := self.connection.call(partial(_stored_paths, start=start)):
            folders.update(os.path.dirname(path or "") for path in paths)
            start += PATHS
        counts: Counter[str] = Counter()
        for folder, count in folders.items():
            counts[self._paths.source_in(folder) if self._paths else UNKNOWN] += count
        return counts

    def count(self) -> int:
        """Return the number of pictures."""
        return self.connection.call(lambda client: client.zcard(IMAGES))

    def ids(self, page: int = 10_000) -> Iterator[int]:
        """Yield the ids of all pictures, ordered by the time they were added."""
        start = 0
        while True:
            part = self.connection.call(partial(_ids_between, first=start, last=start + page - 1))
            yield from (int(member) for member in part)
            if len(part) < page:
                return
            start += page

    def at(self, positions: Sequence[int]) -> list[int]:
        """Return the ids at 0-based positions in the order of adding, skipping those too large."""

        def read(client: redis.Redis) -> list[list[str]]:
            with client.pipeline(transaction=False) as pipe:
                for position in positions:
                    pipe.zrange(IMAGES, position, position)
                return pipe.execute()

        members = self.connection.call(read) if positions else []
        return list(dict.fromkeys(int(member) for part in members for member in part))

    def newest(self, start: int, count: int) -> list[Record]:
        """Return up to `count` records, latest first, after skipping `start`."""
        members = self.connection.call(
            lambda client: cast(list[str], client.zrevrange(IMAGES, start, start + count - 1))
        )
        return [r for r in self.get([int(member) for member in members]) if r is not None]

    def all(self, page: int = 1000) -> Iterator[Record]:
        """Yield all complete records, ordered by the time they were added."""
        ids = self.ids(page)
        while part := list(islice(ids, page)):
            yield from (record for record in self.get(part) if record is not None)

    def remove(self, ids: Iterable[int]) -> None:
        """Delete records; unknown ids are ignored."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                for picture_id in ids:
                    pipe.delete(_key(picture_id))
                    pipe.zrem(IMAGES, picture_id)
                    pipe.zrem(PENDING, picture_id)
                write_entries(pipe, dict.fromkeys(ids, ""))
                pipe.execute()

        ids = list(ids)
        if ids:
            self.connection.call(write)

    def check_index(self, repair: bool) -> int:
        """Compare the index of names and labels with all records, and correct it with `repair`.

        Returns the number of wrong entries and counts. Too slow for a request.
        """

        def expected(ids: Sequence[int]) -> list[str]:
            return [_entry(record) if record else BROKEN for record in self.get(ids)]

        return self.index.check(self.ids(), expected, repair)

    def note(self, name: str, values: dict[str, str] | None = None) -> dict[str, str]:
        """Return the hash `twinlens:{name}`, after replacing it if `values` are given."""

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

    def amend_note(self, name: str, key: str, value: str | None) -> None:
        """Set one entry of the hash `twinlens:{name}`, or delete it, and leave the others."""
        note = f"twinlens:{name}"
        self.connection.call(
            lambda c: c.hdel(note, key) if value is None else c.hset(note, key, value)
        )

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self.connection.close()


def _entry(record: Record) -> str:
    return entry(record.name, record.label)


def _stored_paths(client: redis.Redis, start: int) -> list[str | None]:
    get: Any = _key("*") + "->path"
    return cast(list[str | None], client.sort(IMAGES, start, PATHS, by="nosort", get=get))


def _ids_between(client: redis.Redis, first: int, last: int) -> list[str]:
    return cast(list[str], client.zrange(IMAGES, first, last))
