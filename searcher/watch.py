"""Keep the library in step with folders: what is added, changed or removed there."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from searcher.errors import BadImage, BadSource
from searcher.images import identify
from searcher.ingest import Report
from searcher.library import Library
from searcher.removal import remove
from searcher.sources import Source, find_sources

Stamp = tuple[int, int]  # modified (ns) and size


class Watch:
    """Looks at folders again and again. A file that is still being written waits until it rests."""

    def __init__(self, library: Library, folders: Sequence[Path]) -> None:
        """Raises BadSource where one of them is no folder."""
        self._library = library
        self._folders = [folder.absolute() for folder in folders]
        for folder in self._folders:
            if not folder.is_dir():
                raise BadSource(f"{folder.name} is not a folder, so it can't be watched.")
        self._seen: dict[str, Stamp] | None = None
        self._settling: dict[str, Stamp] = {}

    def step(self) -> tuple[Report, int] | None:
        """Look once; return what was done and how many pictures were removed, None for nothing.

        The first look takes all there is. Raises BadSource where a folder is gone.
        """
        now = {s.path: stamp for s in find_sources(self._folders) if (stamp := _stamp(s.path))}
        seen = {} if self._seen is None else self._seen
        fresh = {path: stamp for path, stamp in now.items() if seen.get(path) != stamp}
        rested = [p for p in fresh if self._seen is None or self._settling.get(p) == fresh[p]]
        gone = seen.keys() - now.keys()
        idle = self._seen is not None and not rested and not gone
        self._settling = fresh
        self._seen = {p: s for p, s in seen.items() if p in now} | {p: now[p] for p in rested}
        if idle:
            return None
        report = self._library.ingest([Source(path) for path in rested])
        return report, self._remove_stale(now.keys(), rested)

    def _remove_stale(self, present: Iterable[str], changed: Iterable[str]) -> int:
        """Remove records of files below the folders that are gone, or have another content now."""
        current = {path: _id(path) for path in changed}
        there = set(present)
        stale = [
            record.id
            for record in self._library.records.all()
            if self._is_watched(record.path)
            and (record.path not in there or current.get(record.path, record.id) != record.id)
        ]
        return remove(self._library, stale)

    def _is_watched(self, path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in self._folders)


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
