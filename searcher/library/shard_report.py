"""Reporting the progress of one part of an `index --shard I/N` run to Redis while it runs."""

import hashlib
import logging
import os
import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from searcher.errors import StoreUnavailable
from searcher.indexing.report import Report, Shard
from searcher.library.rate import Rate
from searcher.stores.shard_store import DONE, FAILED, STOPPED, ShardProgress, ShardStore

log = logging.getLogger(__name__)

INTERVAL_S = 5.0  # between two heartbeats


class ShardReporter:
    """Writes the progress of a part every INTERVAL_S while it runs, and how it ended.

    A heartbeat needs no progress: listing a large folder and loading a network take a while.
    """

    def __init__(self, store: ShardStore, names: Sequence[str], shard: Shard, total: int) -> None:
        """Write nothing yet.

        Args:
            store: Where to write.
            names: What is indexed, the same for all parts of a run: paths or addresses.
            shard: Which part.
            total: The number of files of the whole run, 0 if unknown.
        """
        number, count = shard
        joined = "\n".join([str(count), *sorted(names)]).encode("utf-8", "surrogateescape")
        run = hashlib.blake2b(joined, digest_size=8).hexdigest()
        # Visitors of the page may see it: no folders of this machine.
        title = ", ".join(os.path.basename(name) for name in names)[:200]
        self.seen = 0  # files
        self._report = Report()
        self._store = store
        self._progress = ShardProgress(run, title, number, count, platform.node(), total=total)
        self._rate = Rate()  # of vectors
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def follow(self, report: Report) -> None:
        """Take the numbers from a report that is being filled."""
        self._report = report

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Write until the block ends, and then how it ended."""
        self._write(self._current())
        self._thread.start()
        state = FAILED
        try:
            yield
            state = STOPPED if self._report.stopped else DONE
        except KeyboardInterrupt:
            state = STOPPED
            raise
        finally:
            self._ended.set()
            self._thread.join()
            self._write(replace(self._current(), state=state, rate=0.0))

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self._write(self._current())

    def _write(self, progress: ShardProgress) -> None:
        try:
            self._store.write(progress)
        except StoreUnavailable:  # indexing itself tells
            log.warning("the progress of this part could not be written", exc_info=True)

    def _current(self) -> ShardProgress:
        embedded = sum(self._report.embedded.values())
        return replace(
            self._progress,
            seen=self.seen,
            added=self._report.added,
            embedded=embedded,
            rate=self._rate.add(embedded),
        )
