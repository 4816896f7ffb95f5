"""Redis: reading the record of each picture, and small state that processes share."""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, cast

import redis

from searcher.stores.connection import RedisConnection
from searcher.stores.fields import Fields, fields_of
from searcher.stores.hashes import read_hashes
from searcher.stores.path_index import Entry, PathIndex
from searcher.stores.paths import UNKNOWN, DataPaths
from searcher.stores.pending_fields import PendingFields
from searcher.stores.record import Record
from searcher.stores.record_index import IMAGES, RecordIndex

PATHS = 5000  # read in one request
# KEYS: those of records. Returns the path of each that has one path, "" for others.
_ONLY_PATHS = """
local only = {}
for i, key in ipairs(KEYS) do
  local values = redis.call('HMGET', key, 'path', 'copies')
  only[i] = values[1] and (values[2] or '') == '' and values[1] or ''
end
return only
"""
# KEYS: those of records. Returns the path of each, "" for none.
_PATHS = """
local paths = {}
for i, key in ipairs(KEYS) do paths[i] = redis.call('HGET', key, 'path') or '' end
return paths
"""


def record_key(picture_id: int | str) -> str:
    """Return the key of a record."""
    return f"twinlens:image:{picture_id}"


class RecordReader:
    """The library's records, ordered by the time they were added.

    Every method raises StoreUnavailable where Redis does not answer.
    """

    def __init__(self, address: Callable[[], str], paths: DataPaths | None = None) -> None:
        """Open no connection yet.

        Args:
            address: Returns the server's URL, starting a private server first if need be.
            paths: Converts between absolute and stored paths; None stores them as they are.
        """
        self.connection = RedisConnection(address)
        self.index = RecordIndex(self.connection)
        self.path_index = PathIndex(self.connection)
        self.pending_fields = PendingFields(self.connection)
        self._paths = paths

    def get(self, ids: Sequence[int]) -> list[Record | None]:
        """Return the records of `ids` in their order, None for each missing one."""
        hashes = self.hashes([record_key(picture_id) for picture_id in ids])
        return [self.unpack(i, stored) for i, stored in zip(ids, hashes, strict=True)]

    def hashes(self, keys: Sequence[str]) -> list[dict[str, str]]:
        """Return hashes in one request for each thousand, in the order of their keys."""
        return self.connection.call(lambda client: read_hashes(client, keys)) if keys else []

    def pack(self, record: Record) -> dict[str, str | int | float]:
        """Return the fields that are stored; paths in the data folder are relative to it."""
        return (self._paths.shortened(record) if self._paths else record).to_hash()

    def unpack(self, picture_id: int, stored: dict[str, str]) -> Record | None:
        """Return the record of stored fields; None if they are missing, incomplete or malformed."""
        record = Record.from_hash(picture_id, stored)
        return self._paths.resolved(record) if record and self._paths else record

    def stored_path(self, path: str) -> str:
        """Return the stored form of a path."""
        return self._paths.shorten(path) if self._paths else path

    def at_paths(self, paths: Sequence[str]) -> list[Entry]:
        """Return which pictures have a record with these absolute paths, in their order."""
        return self.path_index.get(self._stored_paths(paths))

    def have_only(self, paths: Mapping[int, str]) -> list[bool]:
        """Return whether pictures have records, each with a certain path and no other.

        Args:
            paths: The absolute paths by picture id.
        """
        expected = self._stored_paths(list(paths.values()))
        keys = [record_key(picture_id) for picture_id in paths]
        call: Any = partial(_only_paths, keys=keys)
        found = self.connection.call(call) if keys else []
        return [path == only for path, only in zip(expected, found, strict=True)]

    def _stored_paths(self, paths: Sequence[str]) -> list[str]:
        return self._paths.shorten_all(paths) if self._paths else list(paths)

    def unclaimed(self, record: Record) -> Record:
        """Return a record without the paths that records of other pictures have."""
        pairs = zip(record.paths, self.at_paths(record.paths), strict=True)
        return record.at([path for path, entry in pairs if set(entry.ids) <= {record.id}])

    def fields(self, ids: Sequence[int]) -> dict[int, Fields]:
        """Return the fields by which searches filter, of those of `ids` that have a record."""
        return self.describe(record for record in self.get(ids) if record is not None)

    def describe(self, records: Iterable[Record]) -> dict[int, Fields]:
        """Return the fields of records by picture id. Asks Redis for nothing."""
        described = [(record, os.path.dirname(record.path)) for record in records]
        sources = {folder: self._source_in(folder) for folder in {f for _, f in described}}
        return {record.id: fields_of(record, sources[folder]) for record, folder in described}

    def source(self, path: str) -> str:
        """Return where a picture is from, by the path in its record; see `DataPaths.source`."""
        return self._paths.source(path) if self._paths else UNKNOWN

    def sources_of(self, ids: Sequence[int]) -> list[str]:
        """Return where pictures are from, in their order; see `DataPaths.source`."""
        keys = [record_key(picture_id) for picture_id in ids]
        call: Any = partial(_paths, keys=keys)
        folders = [os.path.dirname(path) for path in (self.connection.call(call) if keys else ())]
        known = {folder: self._source_in(folder) for folder in set(folders)}
        return [known[folder] for folder in folders]

    def _source_in(self, folder: str) -> str:
        return self._paths.source_in(folder) if self._paths else UNKNOWN

    def sources(self) -> Counter[str]:
        """Return the number of pictures by source; reads the paths of all."""
        folders: Counter[str] = Counter()
        start = 0
        while paths := self.connection.call(partial(_stored_paths, start=start)):
            folders.update(os.path.dirname(path or "") for path in paths)
            start += PATHS
        counts: Counter[str] = Counter()
        for folder, count in folders.items():
            counts[self._source_in(folder)] += count
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

    def ordered(self, start: int, count: int, oldest: bool = False) -> list[int]:
        """Return up to `count` ids, the latest or the oldest first, after skipping `start`."""

        def read(client: redis.Redis) -> list[str]:
            members = client.zrange(IMAGES, start, start + count - 1, desc=not oldest)
            return cast(list[str], members)

        return [int(member) for member in self.connection.call(read)] if count > 0 else []

    def span(self, since: float, until: float, oldest: bool = False) -> tuple[int, int]:
        """Return the first position of pictures added within a time, and the one after the last.

        Args:
            since: Seconds since 1970.
            until: The same; a picture that was added just then is not within.
            oldest: Whether the order is that from the oldest to the latest.
        """
        before = (-math.inf, since) if oldest else (until, math.inf)
        first, count = self.counts_within([before, (since, until)])
        return first, first + count

    def counts_within(self, periods: Sequence[tuple[float, float]]) -> list[int]:
        """Return how many pictures were added within periods: since, and until but not then."""

        def read(client: redis.Redis) -> list[int]:
            with client.pipeline(transaction=True) as pipe:
                for since, until in periods:
                    pipe.zcount(IMAGES, since, f"({until}")
                return pipe.execute()

        return self.connection.call(read)

    def all(self, page: int = 1000) -> Iterator[Record]:
        """Yield all complete records, ordered by the time they were added."""
        ids = self.ids(page)
        while part := list(islice(ids, page)):
            yield from (record for record in self.get(part) if record is not None)

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

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self.connection.close()


def _only_paths(client: redis.Redis, keys: Sequence[str]) -> list[str]:
    return cast(list[str], client.eval(_ONLY_PATHS, len(keys), *keys))


def _paths(client: redis.Redis, keys: Sequence[str]) -> list[str]:
    return cast(list[str], client.eval(_PATHS, len(keys), *keys))


def _stored_paths(client: redis.Redis, start: int) -> list[str | None]:
    get: Any = record_key("*") + "->path"
    return cast(list[str | None], client.sort(IMAGES, start, PATHS, by="nosort", get=get))


def _ids_between(client: redis.Redis, first: int, last: int) -> list[str]:
    return cast(list[str], client.zrange(IMAGES, first, last))
