"""The files of a run, counted before it begins, in memory or in a temporary file if they are many.

A million of them would take 400 MB.
"""

import pickle
import tempfile
from collections.abc import Iterable, Iterator

from searcher.files import disk_errors
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks

PART = 1000  # sources that are read at a time
MEMORY = 8 * 2**20  # bytes, some 50,000 sources


class SourceList:
    """Sources in their order, to be iterated over as often as needed, once at a time."""

    def __init__(self, sources: Iterable[Source]) -> None:
        """Read all sources. Raises what they raise, DiskFull and CannotWrite."""
        self._file = tempfile.SpooledTemporaryFile(MEMORY)  # noqa: SIM115 (deleted with this)
        self._count = 0
        for part in chunks(sources, PART):
            with disk_errors():
                pickle.dump(part, self._file, pickle.HIGHEST_PROTOCOL)
            self._count += len(part)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Source]:
        self._file.seek(0)
        for _ in range(0, self._count, PART):
            yield from pickle.load(self._file)
