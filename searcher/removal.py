"""Take pictures out of the library, in an order that a crash can't hurt: vectors, record, files."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from searcher.library import Library
from searcher.sources import Source
from searcher.stores.records import Record

BATCH = 500


def remove(library: Library, ids: Iterable[int]) -> int:
    """Remove pictures by id; returns how many of them there were.

    The files that a picture was indexed from stay; thumbnails and kept uploads go.
    Raises StoreUnavailable; what was cut off can be done again.
    """
    ids = sorted(set(ids))
    removed = 0
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        known = [record for record in library.records.get(part) if record is not None]
        for model in library.zoo.ready():
            library.vectors.delete(model.collection, part)
        library.records.remove(part)
        for picture_id in part:
            library.thumbnail_path(picture_id).unlink(missing_ok=True)
        for record in known:
            if Path(record.path).is_relative_to(library.settings.uploads):
                Path(record.path).unlink(missing_ok=True)
        removed += len(known)
    return removed


def find(library: Library, paths: Collection[str] = (), labels: Collection[str] = ()) -> list[int]:
    """The ids of pictures that lie at or below one of `paths`, or have one of `labels`."""
    roots = [Path(path).absolute() for path in paths]

    def wanted(record: Record) -> bool:
        if record.label in labels:
            return True
        return any(Path(record.path).is_relative_to(root) for root in roots)

    return _where(library, wanted)


def prune(library: Library) -> int:
    """Remove the pictures whose original is gone; returns how many."""
    return remove(library, _where(library, lambda record: not Source(record.path).exists()))


def _where(library: Library, wanted: Callable[[Record], bool]) -> list[int]:
    return [record.id for record in library.records.all() if wanted(record)]
