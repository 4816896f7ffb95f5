"""Keep the memory of decoding within a budget, and give what was freed back to the system."""

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

DEFAULT_MB = 1500
MAX_PASSES = 16  # how often a job may be overtaken by smaller ones before all others wait for it

# Parameters of mallopt, from malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
MAPPED_BYTES = 8 * 2**20
KEPT_BYTES = 32 * 2**20


@dataclass(eq=False)
class _Job:
    cost: int
    passes: int = 0


class Budget:
    """A weighted semaphore: what the jobs inside take together stays within `limit` bytes.

    Jobs wait in the order in which they came. A later one that fits may pass one that does not, but
    only MAX_PASSES may: so the small are not held up by the large, and none waits for ever.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._used = 0
        self._waiting: list[_Job] = []
        self._changed = threading.Condition()

    @property
    def used(self) -> int:
        """Bytes that the jobs inside may take together."""
        return self._used

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    @contextmanager
    def spend(self, cost: int) -> Iterator[None]:
        """Wait until there is room for `cost` bytes, and occupy it until the block ends.

        A job must not enter a second time while it is inside. One above the limit enters alone:
        the caller refuses what may not be.
        """
        job = _Job(cost)
        with self._changed:
            self._waiting.append(job)
            try:
                self._changed.wait_for(lambda: self._may_enter(job))
            finally:
                place = self._waiting.index(job)
                self._waiting.remove(job)
                self._changed.notify_all()
            for overtaken in self._waiting[:place]:
                overtaken.passes += 1
            self._used += cost
        try:
            yield
        finally:
            with self._changed:
                self._used -= cost
                self._changed.notify_all()

    def _may_enter(self, job: _Job) -> bool:
        if self._used and self._used + job.cost > self.limit:
            return False
        before = self._waiting[: self._waiting.index(job)]
        return all(other.passes < MAX_PASSES for other in before)


# One for the process, because its memory is what is bounded.
decoding = Budget(DEFAULT_MB * 2**20)


def limit_decoding(megabytes: int) -> None:
    """Set what all decoding in this process may take together above rest."""
    decoding.limit = megabytes * 2**20


def map_large_blocks() -> None:
    """Take large blocks straight from the system, which gets them back as soon as they are freed.

    glibc raises this threshold to 32 MB as such blocks are freed, and then keeps them: after six
    large pictures at once 6.3 GB stayed. Below 8 MB, where ordinary pictures are, memory is used
    again: mapping a megabyte anew for each makes decoding a third slower. Where there is no glibc,
    nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back_memory() -> None:
    """Return freed memory to the system, which glibc keeps in pieces that fit nothing else.

    Without this the process grows by a third over a few rounds of loading models. Where there is
    no glibc, nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
