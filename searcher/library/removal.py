"""Which pictures are to be removed: by path, by label, or because their file was deleted."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from searcher.images.sources import Source, printable
from searcher.library.core import Library
from searcher.library.presence import has_pictures, obstacle
from searcher.library.trash import Removal, remove
from searcher.messages.message import Message, message
from searcher.stores.records import Record


@dataclass(frozen=True)
class Pruning:
    """What was removed, and a warning for each place whose pictures stay because it is away."""

    removal: Removal
    warnings: list[Message]


def find(
    library: Library, paths: Iterable[Path | str] = (), labels: Collection[str] = ()
) -> list[int]:
    """The ids of pictures that lie at or below one of `paths`, or have one of `labels`."""
    roots = spellings(paths)

    def wanted(record: Record) -> bool:
        return record.label in labels or _root_of(record, roots) is not None

    return [record.id for record in library.records.all() if wanted(record)]


def prune(
    library: Library,
    roots: Iterable[Path | str],
    is_there: Callable[[Record], bool] = lambda record: Source(record.path).exists(),
) -> Pruning:
    """Remove the pictures at or below `roots` whose file was deleted.

    Those below a root that is missing or has no pictures any more stay, and so do those in a folder
    that is empty or can't be read: its disk may merely be not mounted.
    """
    usable = {root: has_pictures(root) for root in spellings(roots)}
    gone: list[int] = []
    away: Counter[Path] = Counter()
    for record in library.records.all():
        root = _root_of(record, usable)
        if root is None or is_there(record):
            continue
        place = obstacle(record.path, root) if usable[root] else root
        if place is None:
            gone.append(record.id)
        else:
            away[place] += 1
    return Pruning(remove(library, gone), [_warning(place, n) for place, n in away.items()])


def spellings(roots: Iterable[Path | str]) -> list[Path]:
    """Each path as it is given and as it is without links: records may have either."""
    return [Path(f(root)) for root in roots for f in (os.path.abspath, os.path.realpath)]


def _root_of(record: Record, roots: Iterable[Path]) -> Path | None:
    path = Path(record.path)
    return next((root for root in roots if record.path and path.is_relative_to(root)), None)


def _warning(place: Path, count: int) -> Message:
    return message("removal.stays", place=printable(str(place)), n=count)
