"""Redis: an index of the records' names and labels, and the number of pictures per label.

One hash holds an entry for each picture, another the counts by label. One script changes both, in
the transaction that changes the record, so that they agree with the records even if a process is
killed at any moment. Records of earlier versions have no entries until `check` adds them.
"""

import contextlib
import itertools
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, cast

import numpy as np
import redis

from searcher.images.shown_names import composed, folded, forms
from searcher.stores import record_scripts
from searcher.stores.connection import RedisConnection

IMAGES = "twinlens:images"  # the ids by time added
NAMES = "twinlens:names"  # the entries by id
LABELS = "twinlens:labels"  # the counts by label
BROKEN = "?"  # the entry of a picture whose record is incomplete
ANY = "*"
PAGE = 1000  # entries compared per round trip
SCAN = 5000  # pictures per call of the script, which blocks other clients of Redis for 4 ms
TRIES = 5  # of counting, which restarts if another process writes meanwhile


def entry(name: str, label: str) -> str:
    """Return a picture's entry: its name and label case-folded, NUL, and the label as it is."""
    return f"{_fold(f'{name} {label}')}\0{label}"


def _fold(text: str) -> str:
    return folded(text).replace("\0", "�")


def write_entries(client: "redis.Redis", changes: Mapping[int, str]) -> None:
    """Set or delete entries.

    Args:
        client: A client, or the pipeline of the transaction that changes the records.
        changes: The new entries by id, empty ones to delete. Entries of ids that are not in
            IMAGES are not written.
    """
    _compare_and_set(client, {picture_id: (ANY, new) for picture_id, new in changes.items()})


class RecordIndex:
    """Searches pictures by words in their names and labels.

    Every method raises StoreUnavailable where Redis does not answer.
    """

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def search(
        self,
        words: Sequence[str],
        start: int,
        count: int,
        label: str | None = None,
        span: tuple[int, int] = (0, 2**53),
        oldest: bool = False,
    ) -> list[int]:
        """Return the ids of the latest pictures whose name and label contain all given words.

        No record is read: 20,000 entries take some 10 ms in Redis.

        Args:
            words: Parts of words, upper or lower case.
            start: How many of the first matches to skip.
            count: The maximal number of ids.
            label: Their whole label; None for any.
            span: The first position in the order that is looked at, and the one after the last.
            oldest: Whether the order begins with the oldest picture instead of the latest.

        Returns:
            Ids, in that order.
        """
        # A dict, because a picture added meanwhile shifts positions, so that an id can come twice.
        matches: dict[int, None] = {}
        # Entries of earlier versions may be decomposed.
        terms = ["\0".join(forms(_fold(word))) for word in words]
        wanted = "" if label is None else "=" + "\0".join(forms(label))
        position, end = span
        while len(matches) < count and position < end:
            numbers = position, min(SCAN, end - position), start, count - len(matches)
            order = "ZRANGE" if oldest else "ZREVRANGE"
            arguments = [*map(str, numbers), order, wanted, *terms]
            scanned, skipped, ids = self._connection.call(partial(_search, arguments=arguments))
            matches |= dict.fromkeys(int(picture_id) for picture_id in ids)
            start -= skipped
            position += SCAN
            if scanned < SCAN:
                break
        return list(matches)

    def labelled(self, labels: Iterable[str]) -> Iterator[int]:
        """Yield the ids of the pictures with one of some labels; no record is read.

        A million entries take Redis a second.
        """
        wanted = [form for label in labels for form in forms(label)]
        for start in itertools.count(0, SCAN):
            numbers = str(start), str(SCAN)
            scanned, ids = self._connection.call(partial(_labelled, arguments=[*numbers, *wanted]))
            yield from map(int, ids)
            if scanned < SCAN:
                return

    def labels(self) -> dict[str, int]:
        """Return the number of pictures per label, most frequent first."""
        stored = self._connection.call(lambda c: cast(dict[str, str], c.hgetall(LABELS)))
        counts: Counter[str] = Counter()
        for label, count in stored.items():
            counts[composed(label)] += int(count)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def is_complete(self) -> bool:
        """Whether there are as many entries as pictures. Takes constant time."""

        def read(client: redis.Redis) -> list[int]:
            with client.pipeline(transaction=True) as pipe:
                pipe.hlen(NAMES)
                pipe.zcard(IMAGES)
                return pipe.execute()

        entries, pictures = self._connection.call(read)
        return entries == pictures

    def check(
        self,
        ids: Iterable[int],
        expected: Callable[[Sequence[int]], Sequence[str]],
        repair: bool,
    ) -> int:
        """Compare all entries with the records, and the counts with the entries.

        Works in parts, and never overwrites what other processes change meanwhile.

        Args:
            ids: The ids of all pictures.
            expected: Returns the correct entries of pictures, given their ids.
            repair: Whether to correct wrong entries and counts.

        Returns:
            The number of wrong entries and counts.
        """
        wrong = 0
        remaining = iter(ids)
        while part := list(islice(remaining, PAGE)):
            stored = self._connection.call(partial(_entries, ids=part))
            # Entries are read before records, so that one that changes in between is not written.
            pairs = zip(part, stored, expected(part), strict=True)
            wrong += self._change({i: (old, new) for i, old, new in pairs if old != new}, repair)
        for surplus in self._surplus():
            wrong += self._change(surplus, repair)
        return wrong + self._connection.call(partial(_check_counts, repair=repair))

    def _change(self, changes: Mapping[int, tuple[str, str]], repair: bool) -> int:
        if repair and changes:
            self._connection.call(partial(_compare_and_set, changes=changes))
        return len(changes)

    def _surplus(self) -> Iterator[dict[int, tuple[str, str]]]:
        """Yield the entries of ids that are not in IMAGES, in parts."""
        cursor = -1
        while cursor:
            cursor, part = self._connection.call(partial(_scan, cursor=max(cursor, 0)))
            members = self._connection.call(partial(_members, ids=part))
            if surplus := {int(i): (part[i], "") for i in part if i not in members}:
                yield surplus


def _compare_and_set(client: redis.Redis, changes: Mapping[int, tuple[str, str]]) -> None:
    arguments = [word for i, (old, new) in changes.items() for word in (str(i), old, new)]
    client.eval(record_scripts.WRITE, 3, NAMES, LABELS, IMAGES, *arguments)


def _search(client: redis.Redis, arguments: Sequence[str]) -> tuple[int, int, list[str]]:
    return cast(
        tuple[int, int, list[str]], client.eval(record_scripts.SEARCH, 2, NAMES, IMAGES, *arguments)
    )


def _labelled(client: redis.Redis, arguments: Sequence[str]) -> tuple[int, list[str]]:
    return cast(
        tuple[int, list[str]], client.eval(record_scripts.LABELLED, 2, NAMES, IMAGES, *arguments)
    )


def _scan(client: redis.Redis, cursor: int) -> tuple[int, dict[str, str]]:
    return cast(tuple[int, dict[str, str]], client.hscan(NAMES, cursor, count=PAGE))


def _entries(client: redis.Redis, ids: Sequence[int]) -> list[str]:
    return [value or "" for value in cast(Any, client.hmget(NAMES, [str(i) for i in ids]))]


def _members(client: redis.Redis, ids: Iterable[str]) -> set[str]:
    """Return those of `ids` that are in IMAGES."""
    with client.pipeline(transaction=False) as pipe:
        for picture_id in ids:
            pipe.zscore(IMAGES, picture_id)
        scores = pipe.execute()
    return {picture_id for picture_id, score in zip(ids, scores, strict=True) if score is not None}


def _count_labels(entries: Iterable[tuple[str, str]]) -> Counter[str]:
    """Count the labels of entries by id, of which a scan may yield one twice: 12 bytes each."""
    ids, places, labels = array("q"), array("i"), dict[str, int]()
    for picture_id, entry in entries:
        _, separator, label = entry.partition("\0")
        if separator:
            ids.append(int(picture_id))
            places.append(labels.setdefault(label, len(labels)))
    _, firsts = np.unique(ids, return_index=True)
    counts = np.bincount(np.array(places, np.int64)[firsts], minlength=len(labels))
    return Counter(dict(zip(labels, counts.tolist(), strict=True)))


def _check_counts(client: redis.Redis, repair: bool) -> int:
    """Count the entries' labels, and return how many counts were wrong."""
    for _ in range(TRIES):
        with contextlib.suppress(redis.WatchError), client.pipeline() as pipe:
            pipe.watch(NAMES, LABELS)  # type: ignore[no-untyped-call]
            counts = _count_labels(pipe.hscan_iter(NAMES, count=PAGE))
            stored = cast(dict[str, str], pipe.hgetall(LABELS))
            labels = counts.keys() | stored.keys()
            wrong = {label for label in labels if str(counts[label]) != stored.get(label)}
            pipe.multi()
            if repair and wrong:
                pipe.delete(LABELS)
            if repair and wrong and counts:
                pipe.hset(LABELS, mapping=cast(Any, counts))
            pipe.hlen(LABELS)
            pipe.execute()
            return len(wrong)
    return 0  # other processes keep writing
