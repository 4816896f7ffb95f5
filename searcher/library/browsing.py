"""Pages of the library, the latest pictures first, and a sample of its pictures."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from searcher.images.pictures import Picture
from searcher.images.sampling import decode_all, draw_pictures
from searcher.images.shown_names import folded
from searcher.images.sources import Source
from searcher.stores.records import Record, RecordStore

PAGE = 48  # records on a page
IDS = re.compile(r"id:([0-9a-z]{1,13}(?:\.[0-9a-z]{1,13})*)")  # a word of a filter
BASE = 36  # of the ids in it: two thirds of the digits


def browse(records: RecordStore, words: str, page: int) -> tuple[list[Record], bool]:
    """Return a page of records, and whether there are more.

    Reads the records of that page and no others.

    Args:
        records: The records.
        words: Filters records: only those whose name or label contains each of these words, upper
            and lower case alike; the word `id:1a2b.3c4d` lists pictures by their ids, with the
            digits 0 to z. Without words all records are listed.
        page: The number of the page, from 0.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    start, terms = page * PAGE, words.split()
    if not terms:
        newest = records.newest(start, PAGE + 1)
        return newest[:PAGE], len(newest) > PAGE
    if match := next(filter(None, map(IDS.fullmatch, terms)), None):
        terms.remove(match[0])
        chosen = _chosen(records, [int(digits, BASE) for digits in match[1].split(".")], terms)
        return chosen[start : start + PAGE], len(chosen) > start + PAGE
    matches = records.index.search(terms, start, PAGE + 1)
    listed = [record for record in records.get(matches[:PAGE]) if record is not None]
    return listed, len(matches) > PAGE


def _chosen(records: RecordStore, ids: list[int], terms: list[str]) -> list[Record]:
    """Return the records of these pictures that have all terms, latest first."""
    terms = [folded(term) for term in terms]
    stored = (record for record in records.get(list(dict.fromkeys(ids))) if record is not None)
    chosen = [r for r in stored if all(t in folded(f"{r.name} {r.label}") for t in terms)]
    return sorted(chosen, key=lambda record: -record.added)


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
