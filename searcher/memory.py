"""Limit the memory of decoding, and return freed memory to the system."""

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

DEFAULT_MB = 1500
MAX_PASSES = 16  # smaller jobs that may overtake a job before all others wait for it

# Parameters of mallopt, from malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
MAPPED_BYTES = 8 * 2**20
TRIM_BYTES = 32 * 2**20


@dataclass(eq=False)
class _Job:
    cost: int
    passes: int = 0


class Budget:
    """A weighted semaphore: active jobs together occupy at most `limit` bytes.

    Jobs wait in the order of arrival. A later job that fits may overtake one that does not, up to
    MAX_PASSES times: so small jobs are not held up by large ones, and no job waits for ever.
    """

    def __init__(self, limit: int) -> None:
        """Occupy nothing yet, of `limit` bytes."""
        self.limit = limit
        self._used = 0
        self._queue: list[_Job] = []
        self._changed = threading.Condition()
        self._elsewhere: Callable[[int], AbstractContextManager[None]] | None = None

    @property
    def used(self) -> int:
        """Bytes that active jobs occupy."""
        return self._used

    @property
    def waiting(self) -> int:
        """Number of jobs that wait."""
        return len(self._queue)

    def spend_elsewhere(self, spend: Callable[[int], AbstractContextManager[None]]) -> None:
        """Use the budget of another process, which `spend` asks, instead of this one."""
        self._elsewhere = spend

    @contextmanager
    def spend(self, cost: int) -> Iterator[None]:
        """Wait until there is room for `cost` bytes, and occupy it until the block ends.

        Calls must not be nested, as that can deadlock. A cost above the limit is admitted when no
        other job is active; callers refuse costs that are too high.
        """
        if self._elsewhere:
            with self._elsewhere(cost):
                yield
            return
        job = _Job(cost)
        with self._changed:
            self._queue.append(job)
            try:
                self._changed.wait_for(lambda: self._may_enter(job))
            finally:
                position = self._queue.index(job)
                self._queue.remove(job)
                self._changed.notify_all()
            for overtaken in self._queue[:position]:
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
        earlier = self._queue[: self._queue.index(job)]
        return all(e.passes < MAX_PASSES for e in earlier)


# One for the process, whose memory is limited.
decoding = Budget(DEFAULT_MB * 2**20)


def limit_decoding(megabytes: int) -> None:
    """Set the memory for all decoding in this process.

    Args:
        megabytes: In MiB, beyond what the process occupies without decoding.
    """
    decoding.limit = megabytes * 2**20


def map_large_blocks() -> None:
    """Allocate large blocks by mmap, so that the system gets them back when they are freed.

    glibc raises this threshold to 32 MB as such blocks are freed, and then keeps them: after six
    large pictures at once 6.3 GB stayed allocated. Blocks below 8 MB, which ordinary pictures take,
    are reused: mapping memory for each makes decoding a third slower. Without glibc this does
    nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)


def trim_memory() -> None:
    """Return freed memory, which glibc keeps in fragments, to the system.

    Without this the process grows by a third when models are loaded a few times. Without glibc this
    does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
