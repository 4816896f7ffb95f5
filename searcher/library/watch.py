"""Keep the library in step with folders: what is added, changed or removed there."""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from searcher.errors import BadImage, BadSource
from searcher.images.pictures import identify
from searcher.images.sources import Source, find_sources
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.library.folder_events import FolderEvents
from searcher.library.removal import find, prune
from searcher.library.trash import remove
from searcher.messages.message import Message

SETTLE_S = 2.0  # a file that is the same after this time is taken for whole

Stamp = tuple[int, int]  # modified (ns) and size


class Step(NamedTuple):
    """What one look led to: pictures added, pictures removed, and places that are away."""

    report: Report
    removed: int
    warnings: list[Message]


class Watch:
    """Looks at folders again and again. A file that is still being written waits until it rests."""

    def __init__(self, library: Library, folders: Sequence[Path]) -> None:
        """Raises BadSource where one of them is no folder, and no picture of it is known."""
        self._library = library
        self._folders = [folder.absolute() for folder in folders]
        for folder in self._folders:
            if not folder.is_dir() and not find(library, [folder]):
                raise BadSource("source.not_a_folder", name=folder.name)
        self._seen: dict[str, Stamp] | None = None
        self._settling: dict[str, Stamp] = {}
        self._away: set[Path] = set()
        self._events = FolderEvents(self._folders)
        self._look_s = 0.0  # of the processor

    def wait(self) -> None:
        """Return when the next step may find something; costs next to nothing until then."""
        if self._settling:
            time.sleep(SETTLE_S)
        else:
            self._events.wait(self._look_s)

    def step(self) -> Step | None:
        """Look once; return what was done, None for nothing.

        The first look takes all there is. Of a folder that is missing or has no pictures nothing is
        removed, since its disk may be not mounted: that is one warning, until it is back.
        """
        began = time.thread_time()
        now, away = self._look()
        self._look_s = time.thread_time() - began
        seen = {} if self._seen is None else self._seen
        fresh = {path: stamp for path, stamp in now.items() if seen.get(path) != stamp}
        rested = [p for p in fresh if self._seen is None or self._settling.get(p) == fresh[p]]
        kept = {p: s for p, s in seen.items() if p in now or _is_below(p, away)}
        idle = kept.keys() == seen.keys() and not rested and away == self._away
        idle = idle and self._seen is not None
        self._settling, self._away = fresh, away
        self._seen = kept | {path: now[path] for path in rested}
        if idle:
            return None
        report = self._library.index([Source(path) for path in rested])
        replaced = remove(self._library, self._replaced(rested)).count
        pruning = prune(self._library, self._folders, lambda r: r.path in now or _exists(r.path))
        return Step(report, replaced + pruning.removal.count, pruning.warnings)

    def _look(self) -> tuple[dict[str, Stamp], set[Path]]:
        """The files there are, and the folders that are missing or have no pictures."""
        now: dict[str, Stamp] = {}
        away = set()
        for folder in self._folders:
            try:
                sources = list(find_sources([folder])) if folder.is_dir() else []
            except BadSource:
                sources = []  # it vanished just now
            found = {s.path: stamp for s in sources if (stamp := _stamp(s.path))}
            now |= found
            if not found:
                away.add(folder)
        return now, away

    def _replaced(self, paths: Iterable[str]) -> list[int]:
        """The pictures of files that have another content now."""
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
