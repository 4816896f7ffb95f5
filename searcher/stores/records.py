"""Redis: writing the record of each picture, with its entries in the indexes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, cast

import redis
from redis.client import Pipeline

from searcher.stores.path_index import replace_paths
from searcher.stores.paths import DataPaths
from searcher.stores.pending_fields import PENDING, mark
from searcher.stores.record import SEPARATOR
from searcher.stores.record import Record as Record
from searcher.stores.record_index import BROKEN, IMAGES, entry, write_entries
from searcher.stores.record_reader import RecordReader, record_key

PAGE = 1000  # records that are compared with the index of paths at a time


class RecordStore(RecordReader):
    """The library's records. Every method raises StoreUnavailable where Redis does not answer."""

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
        super().__init__(address, paths)
        self._write_sidecar = write_sidecar

    def put(self, records: Iterable[Record], have_sidecars: bool = False) -> None:
        """Write records in one transaction, replacing existing ones.

        Args:
            records: The records.
            have_sidecars: Whether the caller has written these.

        Raises:
            StoreUnavailable: Redis does not answer.
            Exception: Whatever `write_sidecar` raises; no record is written then.
        """

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                self._write(pipe, written)
                pipe.execute()

        written = list(records)
        for record in () if have_sidecars else written:
            self._write_sidecar(record)
        if written:
            self.connection.call(write)

    def add(self, record: Record) -> bool:
        """Write a record unless the picture has one, and return whether it was written.

        Never replaces a record that another process writes at the same time.
        """
        key = record_key(record.id)

        def write(pipe: Pipeline) -> None:
            is_listed = pipe.zscore(IMAGES, str(record.id)) is not None
            stored = cast(dict[str, str], pipe.hgetall(key))
            pipe.multi()
            if not is_listed or Record.from_hash(record.id, stored) is None:
                self._write(pipe, [record])

        results = self.connection.call(lambda client: client.transaction(write, key))
        if results:
            self._write_sidecar(record)
        return bool(results)

    def update(
        self, ids: Iterable[int], change: Callable[[Mapping[int, Record]], Iterable[Record]]
    ) -> list[tuple[Record, Record]]:
        """Change records, never undoing what another process writes at the same time.

        Args:
            ids: The pictures' ids; those without a record are ignored.
            change: Called with the records by id, returns new ones; again if another process has
                changed one of them meanwhile.

        Returns:
            The old and the new form of each record that was written.
        """
        numbers = list(ids)
        keys = [record_key(picture_id) for picture_id in numbers]
        changes: list[tuple[Record, Record]] = []

        def write(pipe: Pipeline) -> None:
            stored = [cast(dict[str, str], pipe.hgetall(key)) for key in keys]
            found = (self.unpack(i, values) for i, values in zip(numbers, stored, strict=True))
            present = {record.id: record for record in found if record is not None}
            new = {record.id: record for record in change(present)}
            changes[:] = [(present[i], record) for i, record in new.items() if record != present[i]]
            for _, record in changes:
                self._write_sidecar(record)
            pipe.multi()
            if changes:
                self._write(pipe, [record for _, record in changes])

        if numbers:
            self.connection.call(lambda client: client.transaction(write, *keys))
        return changes

    def remove(self, ids: Iterable[int]) -> None:
        """Delete records; unknown ids are ignored."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                replace_paths(pipe, {record_key(i): (i, ()) for i in ids})
                for picture_id in ids:
                    pipe.delete(record_key(picture_id))
                    pipe.zrem(IMAGES, picture_id)
                    pipe.zrem(PENDING, picture_id)
                write_entries(pipe, dict.fromkeys(ids, ""))
                pipe.execute()

        ids = list(ids)
        if ids:
            self.connection.call(write)

    def notes(self, names: Iterable[str]) -> list[dict[str, str]]:
        """Return the hashes `twinlens:{name}` in one request, in the order of their names."""
        return self.hashes([f"twinlens:{name}" for name in names])

    def amend_note(self, name: str, key: str, value: str | None) -> None:
        """Set one entry of the hash `twinlens:{name}`, or delete it, and leave the others."""
        note = f"twinlens:{name}"
        self.connection.call(
            lambda c: c.hdel(note, key) if value is None else c.hset(note, key, value)
        )

    def check_index(self, repair: bool) -> int:
        """Compare the index of names and labels with all records, and correct it with `repair`.

        Returns the number of wrong entries and counts. Too slow for a request.
        """

        def expected(ids: Sequence[int]) -> list[str]:
            return [_entry(record) if record else BROKEN for record in self.get(ids)]

        return self.index.check(self.ids(), expected, repair)

    def complete_paths(self) -> None:
        """Add the paths of records of earlier versions to their index; later calls take no time."""
        if not self.path_index.is_complete:
            self._check_records_paths(repair=True)
            self.path_index.set_complete()

    def check_paths(self, repair: bool) -> int:
        """Compare the index of paths with all records, and correct it with `repair`.

        Returns the number of wrong entries. Too slow for a request.
        """
        wrong = self._check_records_paths(repair)
        for part in self.path_index.scan():
            ids = {picture_id for entry in part.values() for picture_id in entry.ids}
            records = {r.id: self._stored(r) for r in self.get(list(ids)) if r is not None}
            surplus = [
                (path, picture_id, False)
                for path, entry in part.items()
                for picture_id in entry.ids
                if path not in records.get(picture_id, ())
            ]
            wrong += len(surplus)
            if repair:
                self.path_index.amend(surplus)
        return wrong

    def _check_records_paths(self, repair: bool) -> int:
        wrong = 0
        records = self.all(PAGE)
        while part := list(islice(records, PAGE)):
            pairs = [(path, record.id) for record in part for path in self._stored(record)]
            entries = self.path_index.get([path for path, _ in pairs])
            lacking = [
                (path, picture_id, True)
                for (path, picture_id), entry in zip(pairs, entries, strict=True)
                if picture_id not in entry.ids
            ]
            wrong += len(lacking)
            if repair:
                self.path_index.amend(lacking)
        return wrong

    def _stored(self, record: Record) -> Sequence[str]:
        return [self.stored_path(path) for path in record.paths]

    def _write(self, pipe: Pipeline, records: Sequence[Record]) -> None:
        packed = {record_key(record.id): (record, self.pack(record)) for record in records}
        # First, since the script reads the old paths from the records.
        replace_paths(pipe, {key: (r.id, _paths_of(v)) for key, (r, v) in packed.items()})
        for key, (record, values) in packed.items():
            pipe.hset(key, mapping=cast(Any, values))
            pipe.zadd(IMAGES, {str(record.id): record.added})
        write_entries(pipe, {record.id: _entry(record) for record in records})
        mark(pipe, [record.id for record in records])


def _entry(record: Record) -> str:
    return entry(record.name, record.label)


def _paths_of(values: Mapping[str, str | int | float]) -> list[str]:
    paths = str(values["path"]), *str(values["copies"]).split(SEPARATOR)
    return list(filter(None, paths))
