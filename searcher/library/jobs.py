"""What visitors have begun and may stop: it belongs to the library, and outlives their pages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Job:
    """Something that goes on for a visitor, whose name or address is its `owner`."""

    owner: str
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def is_stopped(self) -> bool:
        """Whether it is to end early."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Have it end early."""
        self._stop.set()


class Jobs:
    """The jobs under way. Safe to use from several threads."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    @contextmanager
    def begin(self, owner: str) -> Iterator[Job]:
        """List a job until the block ends."""
        job = Job(owner)
        with self._lock:
            self._jobs.append(job)
        try:
            yield job
        finally:
            with self._lock:
                self._jobs.remove(job)

    def stop(self, owner: str) -> None:
        """Stop whatever goes on for a visitor."""
        for job in self.of(owner):
            job.stop()

    def of(self, owner: str) -> list[Job]:
        """What goes on for a visitor."""
        with self._lock:
            return [job for job in self._jobs if job.owner == owner]
