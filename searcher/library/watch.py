"""Update the library when files in folders are added, changed or deleted."""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from searcher.datasets.label_table import Labelling
from searcher.errors import BadImage, BadSource
from searcher.images.pictures import identify
from searcher.images.sources import Source, find_sources
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.library.folder_events import FolderEvents
from searcher.library.removal import find, prune
from searcher.library.trash import remove
from searcher.messages.message import Message

SETTLE_S = 2.0  # a file that has not changed in this time is taken for complete

Stamp = tuple[int, int]  # modified (ns) and size


class Step(NamedTuple):
    """The result of one scan: pictures added and removed, and warnings about missing folders."""

    report: Report
    removed: int
    warnings: list[Message]


class Watch:
    """Scans folders repeatedly. A file is indexed once it is no longer being written."""

    def __init__(
        self, library: Library, folders: Sequence[Path], labelling: Labelling | None = None
    ) -> None:
        """Scan nothing yet.

        Args:
            library: The library.
            folders: The folders; one may be missing if the library has pictures of it.
            labelling: Gives files their labels; None for the names of their folders.

        Raises:
            BadSource: A path is no folder, and the library has no picture below it.
        """
        self._library = library
        self._labelling = labelling or Labelling([])
        self._folders = [folder.absolute() for folder in folders]
        for folder in self._folders:
            if not folder.is_dir() and not find(library, [folder]):
                raise BadSource("source.not_a_folder", name=folder.name)
        self._stamps: dict[str, Stamp] | None = None
        self._settling: dict[str, Stamp] = {}
        self._unavailable: set[Path] = set()
        self._events = FolderEvents(self._folders)
        self._scan_s = 0.0  # processor time of the latest scan

    def wait(self) -> None:
        """Wait until the next step may find a change; uses almost no processor time."""
        if self._settling:
            time.sleep(SETTLE_S)
        else:
            self._events.wait(self._scan_s)

    def step(self) -> Step | None:
        """Scan once, index new and changed files, and remove the pictures of deleted files.

        The first scan indexes all files. Pictures of a folder that is missing or has no pictures
        stay, since its disk may be not mounted: they cause one warning until it is back.

        Returns:
            The result; None where nothing has changed.

        Raises:
            StrangeStores: The stores belong to another library.
            StoreUnavailable: A store does not answer.
            DiskFull, CannotWrite: A file can't be written.
        """
        start = time.thread_time()
        current, unavailable = self._scan()
        self._scan_s = time.thread_time() - start
        previous = {} if self._stamps is None else self._stamps
        changed = {path: stamp for path, stamp in current.items() if previous.get(path) != stamp}
        settled = [
            path
            for path, stamp in changed.items()
            if self._stamps is None or self._settling.get(path) == stamp
        ]
        remaining = {
            path: stamp
            for path, stamp in previous.items()
            if path in current or _is_below(path, unavailable)
        }
        is_idle = (
            self._stamps is not None
            and remaining.keys() == previous.keys()
            and not settled
            and unavailable == self._unavailable
        )
        self._settling, self._unavailable = changed, unavailable
        self._stamps = remaining | {path: current[path] for path in settled}
        if is_idle:
            return None
        sources = (Source(path) for path in settled)
        report = self._library.index(self._labelling.label_files(sources, self._folders))
        replaced = remove(self._library, self._replaced(settled)).count
        pruning = prune(
            self._library, self._folders, lambda r: r.path in current or _exists(r.path)
        )
        return Step(report, replaced + pruning.removal.count, pruning.warnings)

    def _scan(self) -> tuple[dict[str, Stamp], set[Path]]:
        """Return the stamp of each file, and the folders that are missing or have no pictures."""
        stamps: dict[str, Stamp] = {}
        unavailable = set()
        for folder in self._folders:
            try:
                sources = list(find_sources([folder])) if folder.is_dir() else []
            except BadSource:
                sources = []  # the folder was deleted a moment ago
            files = {s.path: stamp for s in sources if (stamp := _stamp(s.path))}
            stamps |= files
            if not files:
                unavailable.add(folder)
        return stamps, unavailable

    def _replaced(self, paths: Iterable[str]) -> list[int]:
        """Return the ids of pictures whose file has another content now."""
        current = {path: picture_id for path in paths if (picture_id := _id(path))}
        records = self._library.records.all() if current else []
        return [r.id for r in records if current.get(r.path, r.id) != r.id]


def _is_below(path: str, folders: Iterable[Path]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _exists(path: str) -> bool:
    return Source(path).exists()


def _stamp(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _id(path: str) -> int | None:
    try:
        return identify(Source(path).read())[0]
    except BadImage:
        return None
