"""Update the library when files in folders are added, changed or deleted."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from searcher.datasets.label_table import Labelling
from searcher.errors import BadImage, BadSource
from searcher.images.left_out import LeftOut
from searcher.images.pictures import identify
from searcher.images.sources import Source, find_sources
from searcher.images.stamps import Stamp, stamp_of
from searcher.indexing.report import Progress, Report
from searcher.library.core import Library
from searcher.library.folder_events import FolderEvents
from searcher.library.removal import find, prune
from searcher.messages.message import Message

SETTLE_S = 2.0  # a file that has not changed in this time is taken for complete


class Step(NamedTuple):
    """The result of one scan: pictures added and removed, and warnings about missing folders."""

    report: Report
    removed: int
    warnings: list[Message]


class Watch:
    """Scans folders repeatedly. A file is indexed once it is no longer being written."""

    def __init__(
        self,
        library: Library,
        folders: Sequence[Path],
        labelling: Labelling | None = None,
        show: Callable[[int], AbstractContextManager[Progress]] | None = None,
    ) -> None:
        """Scan nothing yet.

        Args:
            library: The library.
            folders: The folders; one may be missing if the library has pictures of it.
            labelling: Gives files their labels; None for the names of their folders.
            show: Opened with the number of files while some are indexed, and told of each.

        Raises:
            BadSource: A path is no folder, and the library has no picture below it.
        """
        self._library = library
        self._labelling = labelling or Labelling([])
        self._show = show or (lambda count: nullcontext(lambda done: None))
        self._folders = [folder.absolute() for folder in folders]
        for folder in self._folders:
            if not folder.is_dir() and not find(library, [folder]):
                raise BadSource("source.not_a_folder", name=folder.name)
        self._stamps: dict[str, Stamp] | None = None
        self._settling: dict[str, Stamp] = {}
        self._unavailable: set[Path] = set()
        self._events = FolderEvents(self._folders)
        self._left_out: list[dict[str, object]] = []  # as of the latest report
        self._scan_s = 0.0  # processor time of the latest scan

    def wait(self) -> None:
        """Wait until the next step may find a change; uses almost no processor time."""
        if self._settling:
            time.sleep(SETTLE_S)
        else:
            self._events.wait(self._scan_s)

    def step(self) -> Step | None:
        """Scan once, index new and changed files, and remove pictures that have no file any more.

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
        omitted = LeftOut()
        current, unavailable = self._scan(omitted)
        self._scan_s = time.thread_time() - start
        previous = {} if self._stamps is None else self._stamps
        changed = {path: stamp for path, stamp in current.items() if previous.get(path) != stamp}
        moved = self._moved(previous.keys() - current.keys(), changed)
        settled = [
            path
            for path, stamp in changed.items()
            if self._stamps is None or self._settling.get(path) == stamp or path in moved
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
        with self._show(len(settled)) if settled else nullcontext(lambda done: None) as progress:
            labelled = self._labelling.label_files(sources, self._folders)
            report = self._library.index(labelled, progress)
        if omitted.document() != self._left_out:
            self._left_out = omitted.document()
            report.left_out = omitted
        seen = current.keys() - set(settled)
        pruning = prune(self._library, self._folders, seen)
        return Step(report, report.replaced + pruning.removal.count, pruning.warnings)

    def _scan(self, omitted: LeftOut | None = None) -> tuple[dict[str, Stamp], set[Path]]:
        """Return the stamp of each file, and the folders that are missing or have no pictures.

        Args:
            omitted: Counts what is left out; None to count nothing.
        """
        stamps: dict[str, Stamp] = {}
        unavailable = set()
        for folder in self._folders:
            try:
                sources = list(find_sources([folder], omitted)) if folder.is_dir() else []
            except BadSource:
                sources = []  # the folder was deleted a moment ago
            files = {s.path: stamp for s in sources if (stamp := stamp_of(s.path))}
            stamps |= files
            if not files:
                unavailable.add(folder)
        return stamps, unavailable

    def _moved(self, vanished: Collection[str], changed: Mapping[str, Stamp]) -> set[str]:
        """Return the new files that have the content of a vanished one.

        They are complete, and indexed before the picture would be removed.
        """
        records = self._library.records
        ids = {i for entry in records.at_paths(list(vanished)) for i in entry.ids}
        sizes = {record.bytes for record in records.get(list(ids)) if record is not None}
        same = (path for path, stamp in changed.items() if stamp.size in sizes)
        return {path for path in same if _id(path) in ids}


def _is_below(path: str, folders: Iterable[Path]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _id(path: str) -> int | None:
    try:
        return identify(Source(path).read())[0]
    except BadImage:
        return None
