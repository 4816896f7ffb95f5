"""The library's own copies of a query's pictures, which are no hits.

A picture finds itself first with every model. Counted as a hit, it would make any two models agree,
and any model look right.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from searcher.search.duplicates import alike
from searcher.search.query import Query, StoredQuery, UploadedQuery, parts_of
from searcher.search.results import Hit
from searcher.stores.paths import UPLOAD
from searcher.stores.records import Record


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes:
        hits: The hits, with ranks from 1.
        own_copies: The query's own pictures, with rank 0.
        unresolved: The number of vectors without a record.
    """

    hits: list[Hit]
    own_copies: list[Hit]
    unresolved: int


class OwnCopies:
    """Tells a query's own pictures from hits, by their ids.

    A picture of the library is its own copy. So is a file with the bytes of an uploaded query, and
    the JPEG that the library stores of it when it is uploaded. Regions have the copies of the whole
    picture.
    """

    def __init__(self, query: Query, source: Callable[[str], str]) -> None:
        """Look for the copies of a query's parts.

        Args:
            query: The query.
            source: Returns where a picture is from, by its path; see `RecordStore.source`.
        """
        pictures = [part.query for part in parts_of(query)]
        self._source = source
        self._uploads = [query for query in pictures if isinstance(query, UploadedQuery)]
        self._ids = {query.picture_id for query in pictures if isinstance(query, StoredQuery)}
        self._ids |= {query.file_id for query in self._uploads}

    @property
    def of_uploads(self) -> bool:
        """Whether the query has uploaded pictures, whose copies are not known by an id."""
        return bool(self._uploads)

    @property
    def most(self) -> int:
        """The largest number of copies that a library can have."""
        return len(self._ids) + len(self._uploads)

    def split(self, nearest: Iterable[tuple[int, float, Record | None]], k: int) -> Found:
        """Separate the first hits from the copies.

        Args:
            nearest: Ids, distances and records, best first; `k` and `most` together.
            k: The number of hits.
        """
        hits: list[Hit] = []
        copies: list[Hit] = []
        unresolved = 0
        for picture_id, distance, record in nearest:
            if record and (picture_id in self._ids or self._is_stored_upload(record)):
                copies.append(Hit(record, 0, distance))
            elif len(hits) + unresolved == k:
                continue  # a copy may follow, as far away as the last hit
            elif record is None:
                unresolved += 1
            else:
                hits.append(Hit(record, len(hits) + 1, distance))
        return Found(hits, copies, unresolved)

    def _is_stored_upload(self, record: Record) -> bool:
        """Whether it is what is stored of an uploaded query.

        Its id is known only after encoding the query, which is left out where it can't be true.
        """
        return any(
            _may_show(record, query) and query.stored_id == record.id
            for query in self._uploads
            if self._source(record.path) == UPLOAD
        )


def _may_show(record: Record, query: UploadedQuery) -> bool:
    """Whether a record may be of a query's picture; those of earlier versions may be of any."""
    if query.box is not None or not record.fingerprint:
        return True
    return alike(record.fingerprint, query.fingerprint)
