"""Pages of the library, the latest pictures first, and a sample of its pictures."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from searcher.images.pictures import Picture
from searcher.images.sampling import decode_all, draw_pictures
from searcher.images.shown_names import folded
from searcher.images.sources import Source
from searcher.library.picture_filter import PictureFilter, read_words
from searcher.stores.record_index import SCAN
from searcher.stores.records import Record, RecordStore

PAGE = 48  # records on a page
Missing = Callable[[Sequence[int]], Sequence[int]]
Lacking = Callable[[str], Missing]


def browse(
    records: RecordStore,
    words: str,
    page: int,
    oldest: bool = False,
    lacking: Lacking = lambda model: lambda ids: [],
) -> tuple[list[Record], bool]:
    """Return a page of records, and whether there are more.

    Reads the records of that page and no others.

    Args:
        records: The records.
        words: The filter; see `read_words`. Without words all records are listed.
        page: The number of the page, from 0.
        oldest: Whether the oldest pictures come first instead of the latest.
        lacking: Returns what finds those of some pictures of which a model has no vector.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    ids = matching(records, words, page * PAGE, PAGE + 1, oldest, lacking)
    listed = [record for record in records.get(ids[:PAGE]) if record is not None]
    return listed, len(ids) > PAGE


def matching(
    records: RecordStore,
    words: str,
    start: int,
    count: int,
    oldest: bool = False,
    lacking: Lacking = lambda model: lambda ids: [],
) -> list[int]:
    """Return up to `count` ids of pictures that meet a filter, after skipping `start`.

    Only sources and missing vectors have no index: of these, pictures are looked at in their order
    until the page is full. The arguments are those of `browse`.
    """
    wanted = read_words(words)
    if wanted.ids is not None:
        parts = iter([_chosen(records, wanted, oldest)])
        return _page(records, wanted, parts, lacking, start, count)
    first, end = records.span(*wanted.period(datetime.now()), oldest) if wanted.added else (0, None)
    span = (first, 2**53 if end is None else end)
    if not (wanted.source or wanted.lacks):
        if wanted.terms or wanted.label is not None:
            return records.index.search(wanted.terms, start, count, wanted.label, span, oldest)
        most = count if end is None else min(count, end - first - start)
        return records.ordered(first + start, most, oldest)
    return _page(records, wanted, _scanned(records, wanted, span, oldest), lacking, start, count)


def _page(
    records: RecordStore,
    wanted: PictureFilter,
    parts: Iterable[list[int]],
    lacking: Lacking,
    start: int,
    count: int,
) -> list[int]:
    missing = lacking(wanted.lacks) if wanted.lacks else None
    ids = (i for part in parts for i in _met(records, wanted, part, missing))
    return list(islice(ids, start, start + count))


def _scanned(
    records: RecordStore, wanted: PictureFilter, span: tuple[int, int], oldest: bool
) -> Iterator[list[int]]:
    """Yield the ids that have the words and the label, SCAN positions at a time."""
    first, end = span[0], min(span[1], records.count())
    for start in range(first, end, SCAN):
        part = start, min(start + SCAN, end)
        yield records.index.search(wanted.terms, 0, SCAN, wanted.label, part, oldest)


def _chosen(records: RecordStore, wanted: PictureFilter, oldest: bool) -> list[int]:
    """Return those of the filter's ids that have the words and the label, in order."""
    terms = [folded(term) for term in wanted.terms]
    since, until = wanted.period(datetime.now())
    stored = (record for record in records.get(wanted.ids or ()) if record is not None)
    chosen = [
        record
        for record in stored
        if all(term in folded(f"{record.name} {record.label}") for term in terms)
        and wanted.label in (None, record.label)
        and since <= record.added < until
    ]
    return [r.id for r in sorted(chosen, key=lambda r: r.added, reverse=not oldest)]


def _met(
    records: RecordStore, wanted: PictureFilter, ids: Sequence[int], missing: Missing | None
) -> Sequence[int]:
    """Return those of some pictures that are from the filter's source and lack a vector."""
    if wanted.source:
        pairs = zip(ids, records.sources_of(ids), strict=True)
        ids = [picture_id for picture_id, source in pairs if source == wanted.source]
    return missing(ids) if missing else ids


def sample_pictures(
    records: RecordStore, thumbnail_path: Callable[[int], Path], samples: Path, count: int
) -> list[Picture]:
    """Return some pictures, the same until others are added or removed.

    Those that can't be decoded are left out.

    Args:
        records: The records.
        thumbnail_path: Returns the path of a picture's thumbnail, by id.
        samples: The folder that is used instead while the library is empty, if it is there.
        count: The most pictures that are returned.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    total = records.count()
    positions = random.Random(0).sample(range(total), min(count, total))
    sources = [Source(str(thumbnail_path(picture_id))) for picture_id in records.at(positions)]
    return decode_all(sources) if total else draw_pictures(samples, count)
