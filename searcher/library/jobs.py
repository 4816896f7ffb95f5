"""Jobs that visitors started and may stop; they go on when the visitor's page is closed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Job:
    """A job of a visitor; `owner` is the visitor's name or address.

    `on_stop` is called in the thread that stops the job, for work that can't ask `is_stopped`.
    """

    owner: str
    on_stop: Callable[[], None] = lambda: None
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def is_stopped(self) -> bool:
        """Whether the job is to end early."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Request that the job ends early."""
        self._stop.set()
        self.on_stop()


class Jobs:
    """The current jobs. Safe to use from several threads."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    @contextmanager
    def begin(self, owner: str) -> Iterator[Job]:
        """Start a job, which is listed until the block ends."""
        job = Job(owner)
        with self._lock:
            self._jobs.append(job)
        try:
            yield job
        finally:
            with self._lock:
                self._jobs.remove(job)

    def stop(self, owner: str) -> None:
        """Stop all jobs of a visitor."""
        for job in self.of(owner):
            job.stop()

    def of(self, owner: str) -> list[Job]:
        """Return the jobs of a visitor."""
        with self._lock:
            return [job for job in self._jobs if job.owner == owner]
