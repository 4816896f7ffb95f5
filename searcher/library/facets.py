"""What the library can be filtered by, with the number of pictures of each value.

Nothing here reads records: labels are counted when records are written, times by the order of
adding, vectors by Milvus. Sources are counted in the background, since paths must be read for it.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from searcher.library.core import Library
from searcher.library.picture_filter import read_words
from searcher.stores.records import Record

DAYS = ("1d", "7d", "30d")
MAX_YEARS = 12  # the latest ones
SHARE = 0.05  # of a core's time, that counting sources may take at most


@dataclass(frozen=True)
class Facets:
    """The values of each facet with their number of pictures, in the whole library.

    Attributes:
        label: By label, the most frequent first.
        source: By source; as of the latest count.
        added: By period, as in a filter; without empty ones.
        lacks: By name of a model: the pictures of which it has no vector; without complete ones.
    """

    label: dict[str, int]
    source: dict[str, int]
    added: dict[str, int]
    lacks: dict[str, int]

    def total(self, words: str, pictures: int) -> int | None:
        """Return the number of pictures that meet a filter where it is known without a scan.

        Args:
            words: The filter.
            pictures: The number of pictures in the library.
        """
        wanted = read_words(words)
        if not wanted.conditions:
            return pictures
        if len(wanted.conditions) > 1 or wanted.terms or wanted.ids is not None:
            return None
        (name,) = wanted.conditions
        return self.document()[name].get(getattr(wanted, name))

    def document(self) -> dict[str, dict[str, int]]:
        """Return the facets as in documents."""
        return asdict(self)


def find_facets(
    library: Library, pictures: int, coverage: Mapping[str, int], sources: Mapping[str, int]
) -> Facets:
    """Return the facets of a library.

    Args:
        library: The library.
        pictures: The number of its pictures.
        coverage: The number of vectors by model.
        sources: The number of pictures by source.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    lacking = {name: pictures - count for name, count in coverage.items()}
    return Facets(
        library.records.index.labels(),
        dict(sources),
        _periods(library),
        {name: count for name, count in lacking.items() if count > 0},
    )


def counts_within(
    library: Library, facets: Facets, words: str, listed: Sequence[Record] | None
) -> dict[str, dict[str, int | None]]:
    """Return how many pictures a filter finds with each value of a facet set, by facet and value.

    Nothing that grows with the library is read: the number is that of the whole library where the
    filter has no other condition, is counted where the filter's pictures are listed, and None
    elsewhere. Values that would find none are left out.

    Args:
        library: The library.
        facets: Its facets.
        words: The filter.
        listed: All pictures that meet the filter; None where they do not fit on a page.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    conditions = set(read_words(words).conditions)
    counts: dict[str, dict[str, int | None]] = {}
    for name, whole in facets.document().items():
        if not conditions - {name}:
            counts[name] = dict(whole)
        elif listed is None or name in conditions:
            counts[name] = dict.fromkeys(whole)
        else:
            found = _count(library, name, list(whole), listed)
            counts[name] = {value: found[value] for value in whole if found[value]}
    return counts


def _count(
    library: Library, name: str, values: Sequence[str], listed: Sequence[Record]
) -> Counter[str]:
    """Count some pictures by the values of a facet."""
    ids = [record.id for record in listed]
    if name == "label":
        return Counter(record.label for record in listed)
    if name == "source":
        return Counter(library.records.sources_of(ids))
    if name == "lacks":
        return Counter({model: len(library.lacking(model)(ids)) for model in values})
    now = datetime.now()
    periods = {value: read_words(f"added:{value}").period(now) for value in values}
    return Counter(
        value
        for value, (since, until) in periods.items()
        for record in listed
        if since <= record.added < until
    )


def _periods(library: Library) -> dict[str, int]:
    now = datetime.now()
    years = [str(now.year - age) for age in range(MAX_YEARS)]
    periods = [read_words(f"added:{period}").period(now) for period in (*DAYS, *years)]
    counts = zip((*DAYS, *years), library.records.counts_within(periods), strict=True)
    return {period: count for period, count in counts if count}


class SourceCounts:
    """Counts pictures by source again when their number has changed, but not all the time."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._counts: dict[str, int] = {}
        self._pictures = -1
        self._next = 0.0  # monotonic time

    def update(self, pictures: int) -> dict[str, int]:
        """Return the number of pictures by source, most frequent first; for one thread.

        Args:
            pictures: The number of pictures in the library.

        Raises:
            StoreUnavailable: Redis does not answer.
        """
        began = time.monotonic()
        if pictures != self._pictures and began >= self._next:
            self._counts = dict(self._library.records.sources().most_common())
            self._pictures = pictures
            ended = time.monotonic()
            self._next = ended + (ended - began) / SHARE
        return self._counts
