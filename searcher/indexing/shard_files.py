"""Which part of a run of several parts takes a file. The parts need not know of each other.

A file's size and its ends decide, so that the same content gets to the same part wherever it lies,
and no part reads the files of the others. Files of the same size and ends share a part, which
matters only to how evenly the work is divided. An archive is one file: its members stay together.
"""

import hashlib
import os
import stat

from searcher.images.sources import Source, split_member
from searcher.indexing.report import Shard

END = 4096  # bytes that are read at each end of a file: as many as a disk reads at least


class ShardFiles:
    """The files of one part. Safe to use from several threads."""

    def __init__(self, shard: Shard) -> None:
        """Take part i of n, where `shard` is (i, n)."""
        self._number, self._count = shard
        self._archives: dict[str, bool] = {}  # whether they are taken, so that each is read once

    def takes(self, source: Source) -> bool:
        """Whether the file belongs to this part; every part takes one that can't be read."""
        if source.is_own is not None:
            return source.is_own
        if self._count == 1 or source.refusal:
            return True
        if source.content:
            return self._is_own(len(source.content), source.content[:END], source.content[-END:])
        if os.path.exists(source.path):
            return self._takes_file(source.path)
        archive = str(split_member(source.path)[0])
        if archive not in self._archives:
            self._archives[archive] = self._takes_file(archive)
        return self._archives[archive]

    def _takes_file(self, path: str) -> bool:
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):  # opening a FIFO would block
                return True
            with open(path, "rb", buffering=0) as file:
                first = file.read(END)
                file.seek(max(0, status.st_size - END))
                return self._is_own(status.st_size, first, file.read(END))
        except OSError:
            return True

    def _is_own(self, size: int, first: bytes, last: bytes) -> bool:
        digest = hashlib.blake2b(b"%d " % size + first + last, digest_size=8).digest()
        return int.from_bytes(digest, "big") % self._count == self._number - 1
