"""Select pictures to remove: by path, by label, or because their files no longer exist."""

import os
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from searcher.images.presence import Presence, has_pictures
from searcher.images.present_paths import present_path
from searcher.images.shown_names import composed, printable
from searcher.indexing.field_updates import FieldUpdates
from searcher.indexing.path_claims import without_paths
from searcher.indexing.prefetch import chunks
from searcher.library.contents import Contents
from searcher.library.core import Library
from searcher.library.trash import Removal, remove
from searcher.messages.message import Message, message
from searcher.stores.paths import UPLOAD
from searcher.stores.records import Record

PART = 1000  # records that are examined at a time


class _Roots:
    """Files and folders, and whether paths are at or below one of them."""

    def __init__(self, paths: Iterable[Path | str]) -> None:
        self.paths = spellings(paths)
        self._folder = self._real = ""  # the latest one: neighbours in the library share it

    def contain(self, path: str) -> bool:
        """Whether a path is at or below one of them, as it is or with its links resolved."""
        folder, name = os.path.split(path)
        if folder != self._folder:
            self._folder, self._real = folder, os.path.realpath(folder)
        return any(_root_of(form, self.paths) for form in (path, os.path.join(self._real, name)))


@dataclass(frozen=True)
class Pruning:
    """The pictures that were removed, and a warning for each folder that is unavailable."""

    removal: Removal
    warnings: list[Message]


def find(
    library: Library, paths: Iterable[Path | str] = (), labels: Collection[str] = ()
) -> list[int]:
    """Return the ids of pictures at or below one of `paths`, or with one of `labels`.

    Links are followed: of a picture that was indexed through one, the real path counts as well.
    """
    roots, labels = _Roots(paths), set(map(printable, labels))
    index, records = library.records.index, library.records
    if not roots.paths and (not labels or index.is_complete()):
        return list(index.labelled(labels)) if labels else []
    return [
        record.id
        for record in records.all()
        if record.label in labels or any(map(roots.contain, record.paths))
    ]


def detach(
    library: Library, paths: Iterable[Path | str], labels: Collection[str] = ()
) -> tuple[list[int], int]:
    """Take paths away from pictures that have others, too.

    Args:
        library: The library.
        paths: Files and folders.
        labels: Labels of pictures to remove wherever they are.

    Returns:
        The ids of the pictures that are to be removed, as they have one of the labels, or no other
        path; and the number of pictures that stay with other paths.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    library.identity.require()
    roots, labels = _Roots(paths), set(map(printable, labels))
    ids = find(library, roots.paths, labels)
    removed: list[int] = []
    for part in chunks(ids, PART):
        records = [record for record in library.records.get(part) if record is not None]
        removed += [record.id for record in records if record.label in labels]
        rest = (record for record in records if record.label not in labels)
        removed += lose_paths(library, {r.id: set(filter(roots.contain, r.paths)) for r in rest})
    return removed, len(ids) - len(removed)


def prune(library: Library, roots: Iterable[Path | str], seen: Container[str] = ()) -> Pruning:
    """Remove the pictures at or below `roots` none of whose paths has their file any more.

    Pictures that have other paths, there or elsewhere, lose those whose file is gone. All stays as
    it is below a root that is missing or has no pictures, and in a folder that is empty or can't be
    read: its disk may be not mounted.

    Args:
        library: The library.
        roots: Files and folders.
        seen: Paths whose files were just indexed, which need not be examined.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be moved to the trash.
    """
    availability = {root: has_pictures(root) for root in spellings(roots)}
    if not availability:
        return Pruning(Removal(0, ""), [])
    library.identity.require()
    library.records.complete_paths()
    deleted: list[int] = []
    unavailable: Counter[Path] = Counter()
    for part in chunks(library.records.all(), PART):
        contents = Contents(library, part)
        lost: dict[int, set[str]] = {}
        for record in part:
            places = {path: _root_of(path, availability) for path in record.paths}
            below = {path: root for path, root in places.items() if root and path not in seen}
            presences = {
                path: contents.presence(record, path, root)
                if availability[root]
                else Presence(False, root)
                for path, root in below.items()
            }
            if gone := {path for path, presence in presences.items() if presence.is_deleted}:
                lost[record.id] = gone
            if below.keys() == set(record.paths) and not any(p.exists for p in presences.values()):
                obstacles = [p.obstacle for p in presences.values() if p.obstacle]
                unavailable.update(obstacles[:1])
        deleted += lose_paths(library, lost)
    removal = remove(library, deleted)
    return Pruning(removal, [_warning(folder, n) for folder, n in unavailable.items()])


def spellings(roots: Iterable[Path | str]) -> list[Path]:
    """Return each path as absolute path and with links resolved: records may have either."""
    paths = [present_path(os.path.abspath(root)) for root in roots]
    return [Path(f(path)) for path in paths for f in (os.path.abspath, os.path.realpath)]


def lose_paths(library: Library, lost: Mapping[int, set[str]]) -> list[int]:
    """Take paths away from up to PART pictures.

    Args:
        library: The library.
        lost: The paths by picture id.

    Returns:
        The ids of the pictures that have no other path, which keep theirs.

    Raises:
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    last: list[int] = []

    def is_upload(path: str) -> bool:
        return library.records.source(path) == UPLOAD

    def change(records: Mapping[int, Record]) -> Iterable[Record]:
        left = {i: without_paths(record, lost[i], is_upload) for i, record in records.items()}
        last[:] = [picture_id for picture_id, record in left.items() if record is None]
        return filter(None, left.values())

    changes = library.records.update(lost, change)
    if not changes:
        return last
    collections = [model.collection for model in library.registry.ready()]
    fields = FieldUpdates(library.records, library.vectors, collections)
    fields.update([new.id for _, new in changes])
    fields.flush()
    return last


def _root_of(path: str, roots: Iterable[Path]) -> Path | None:
    """Return the root that a path is at or below, with their accents in either form."""
    place = Path(composed(path))
    return next((r for r in roots if path and place.is_relative_to(composed(str(r)))), None)


def _warning(folder: Path, count: int) -> Message:
    return message("removal.stays", place=printable(str(folder)), n=count)
