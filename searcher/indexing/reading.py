"""The first stage of an indexing run: files are read and hashed, those that change once more."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from searcher.errors import BadImage
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks, submit_ahead
from searcher.indexing.prepare import CHANGED, Raw, ReadAhead
from searcher.indexing.report import Report, Shard
from searcher.indexing.shard_files import ShardFiles
from searcher.stores.path_index import Entry
from searcher.stores.records import RecordStore

T = TypeVar("T")

SETTLE_S = 2.0  # until files that changed while they were read are read again


class FileReader:
    """Reads the files of one run, and lists those that are skipped in its report."""

    def __init__(self, records: RecordStore, report: Report, shard: Shard, chunk: int) -> None:
        """Read nothing yet.

        Args:
            records: The records, which tell which files are unchanged.
            report: Gets the skipped files.
            shard: Which share of the pictures to take.
            chunk: The number of files that pass through the pipeline together.
        """
        self._records = records
        self._report = report
        self._own = ShardFiles(shard)
        self.chunk = chunk
        self._read_ahead = ReadAhead()
        # Files that changed while they were read; None once they are read again.
        self._changing: list[Source] | None = []

    def hashed(self, pool: ThreadPoolExecutor, sources: Iterable[Source]) -> Iterator[Raw | None]:
        """Read and hash files in the pool; None for a skipped file and one of another shard."""
        files = self._with_entries(sources)
        for (source, _), reading in submit_ahead(pool, self._read, files, ahead=self.chunk):
            yield self.result(source, reading)

    def settled(self) -> Iterator[Source]:
        """Yield, after a while, the files that changed while they were read."""
        changing, self._changing = self._changing, None
        if changing and not self._report.stopped:
            time.sleep(SETTLE_S)
            yield from changing

    def release(self, raw: Raw) -> None:
        """Discard a file's bytes, which makes room for others."""
        self._read_ahead.release(raw)

    def result(self, source: Source, future: Future[T]) -> T | None:
        """Return what was computed of a file; None where the file can't be used."""
        try:
            return future.result()
        except BadImage as error:
            if error.code == CHANGED and self._changing is not None:
                self._changing.append(source)
            else:
                self._report.skipped.append((source.path, error.message))
            return None

    def _with_entries(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Entry]]:
        """Yield files with what is known of their paths."""
        for part in chunks(sources, self.chunk):
            yield from zip(part, self._records.at_paths([s.path for s in part]), strict=True)

    def _read(self, file: tuple[Source, Entry]) -> Raw | None:
        # What is known and lacks something, too: who runs an interrupted part again finishes it.
        return self._read_ahead.read(*file) if self._own.takes(file[0]) else None
