"""Select pictures to remove: by path, by label, or because their file was deleted."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from searcher.images.present_paths import present_path
from searcher.images.shown_names import composed
from searcher.images.sources import Source, printable
from searcher.library.core import Library
from searcher.library.presence import has_pictures, obstacle
from searcher.library.trash import Removal, remove
from searcher.messages.message import Message, message
from searcher.stores.records import Record


@dataclass(frozen=True)
class Pruning:
    """The pictures that were removed, and a warning for each folder that is unavailable."""

    removal: Removal
    warnings: list[Message]


def find(
    library: Library, paths: Iterable[Path | str] = (), labels: Collection[str] = ()
) -> list[int]:
    """Return the ids of pictures at or below one of `paths`, or with one of `labels`."""
    roots, labels = spellings(paths), set(map(printable, labels))
    if not roots and not labels:
        return []

    def matches(record: Record) -> bool:
        return record.label in labels or _root_of(record, roots) is not None

    return [record.id for record in library.records.all() if matches(record)]


def prune(
    library: Library,
    roots: Iterable[Path | str],
    exists: Callable[[Record], bool] = lambda record: Source(record.path).exists(),
) -> Pruning:
    """Remove the pictures at or below `roots` whose file was deleted.

    Pictures below a root that is missing or has no pictures stay, and so do those in a folder that
    is empty or can't be read: its disk may be not mounted.

    Args:
        library: The library.
        roots: Files and folders.
        exists: Whether a record's file exists.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be moved to the trash.
    """
    availability = {root: has_pictures(root) for root in spellings(roots)}
    if not availability:
        return Pruning(Removal(0, ""), [])
    deleted: list[int] = []
    unavailable: Counter[Path] = Counter()
    for record in library.records.all():
        root = _root_of(record, availability)
        if root is None or exists(record):
            continue
        folder = obstacle(record.path, root) if availability[root] else root
        if folder is None:
            deleted.append(record.id)
        else:
            unavailable[folder] += 1
    removal = remove(library, deleted)
    return Pruning(removal, [_warning(folder, n) for folder, n in unavailable.items()])


def spellings(roots: Iterable[Path | str]) -> list[Path]:
    """Return each path as absolute path and with links resolved: records may have either."""
    paths = [present_path(os.path.abspath(root)) for root in roots]
    return [Path(f(path)) for path in paths for f in (os.path.abspath, os.path.realpath)]


def _root_of(record: Record, roots: Iterable[Path]) -> Path | None:
    path = Path(composed(record.path))
    return next((r for r in roots if record.path and path.is_relative_to(composed(str(r)))), None)


def _warning(folder: Path, count: int) -> Message:
    return message("removal.stays", place=printable(str(folder)), n=count)
