"""Jobs: work that takes a while, which every visitor sees and that can be stopped.

A job that a visitor started goes on when the visitor's page is closed.
"""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from searcher.library.rate import Rate
from searcher.messages.message import Message

PICTURES, VECTORS, MEGABYTES, PERCENT = "pictures", "vectors", "MB", "percent"
PUBLISH_S = 0.2  # between two reports of one job
LIBRARY = "library"  # the owner of the library's own work
REMEMBERED = 20  # stopped jobs, until every page has heard that they have ended


@dataclass(frozen=True)
class JobState:
    """How far a job is.

    Attributes:
        id: Its number, hardly ever that of a job of another process.
        owner: The name or address of the visitor who may stop it. The LIBRARY's own may be stopped
            by everybody who may change the library.
        what: What is done.
        can_stop: Whether it can be stopped.
        is_stopping: Whether it was asked to end early.
        stage: What is done just now, of work in several stages.
        unit: What is counted: PICTURES, VECTORS, MEGABYTES or PERCENT.
        done: Units that are done.
        total: Units in all, 0 while unknown.
        rate: Units per second, 0.0 while unknown.
        is_elsewhere: Whether another process does it.
    """

    id: int
    owner: str
    what: Message
    can_stop: bool = True
    is_stopping: bool = False
    stage: Message | None = None
    unit: str = PICTURES
    done: float = 0
    total: float = 0
    rate: float = 0.0
    is_elsewhere: bool = False

    @property
    def remaining_s(self) -> float | None:
        """The seconds that are left at this rate; None while unknown."""
        if not self.rate or not self.total:
            return None
        return max(0.0, self.total - self.done) / self.rate

    def document(self) -> dict[str, Any]:
        """Return the JSON document of the job, which does not name its owner."""
        remaining_s = self.remaining_s
        return {
            "id": self.id,
            "what": str(self.what),
            "stage": str(self.stage or ""),
            "unit": self.unit,
            "done": round(self.done, 1),
            "total": round(self.total, 1) or None,
            "rate": round(self.rate, 2) or None,
            "remaining_s": None if remaining_s is None else round(remaining_s, 1),
            "stopping": self.is_stopping,
        }


class JobStopped(Exception):
    """A visitor has stopped a job, or the library was closed."""


class Job:
    """A job that is running. `stop` may be called in any thread, the others in the job's."""

    def __init__(self, state: JobState, changed: Callable[[], None]) -> None:
        """Start at `state`; `changed` is called whenever another one is to be shown."""
        self.state = state
        # Called in the thread that stops the job, for work that can't ask `is_stopped`.
        self.on_stop: Callable[[], None] = lambda: None
        self._changed = changed
        self._stop = threading.Event()
        self._rate = Rate()
        self._published = float("-inf")
        self._is_held_back = False  # whether the latest state was not reported yet

    @property
    def is_stopped(self) -> bool:
        """Whether the job is to end early."""
        return self._stop.is_set()

    def advance(
        self, done: float, total: float, unit: str = PICTURES, stage: Message | None = None
    ) -> None:
        """Report how far the job is; see `JobState`."""
        state = self.state
        is_other = (unit, stage and stage.code) != (state.unit, state.stage and state.stage.code)
        if is_other or done < state.done:  # work in parts, each of which is counted from 0
            self._rate = Rate()
        rate = self._rate.add(done)
        self.state = replace(
            state,
            is_stopping=self.is_stopped,
            stage=stage,
            unit=unit,
            done=done,
            total=total,
            rate=rate,
        )
        self._is_held_back = True
        if time.monotonic() - self._published >= PUBLISH_S:
            self.report()

    def report(self) -> None:
        """Have the latest state shown if it is not, however short a time ago another one was."""
        if self._is_held_back:
            self._is_held_back = False
            self._published = time.monotonic()
            self._changed()

    def follow(self, share: float) -> None:
        """Report the share that is done, 0 to 1. Raises JobStopped if the job is to end early."""
        self.advance(100 * share, 100, PERCENT)
        if self.is_stopped:
            raise JobStopped

    def stop(self) -> None:
        """Request that the job ends early."""
        self._stop.set()
        self.state = replace(self.state, is_stopping=True)
        self._changed()
        self.on_stop()


class Jobs:
    """The current jobs of this process, and those known of others. For several threads."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._elsewhere: tuple[JobState, ...] = ()
        self._stopped: deque[int] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()
        # Several apps may use one Redis, where the command line names jobs by these ids.
        self._numbers = count(secrets.randbelow(10**5) * 100 + 1)
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function, in any thread, whenever a job's state has changed."""
        self._listeners.append(listener)

    def start(self, owner: str, what: Message, total: float = 0, can_stop: bool = True) -> Job:
        """Start a job, which is listed until `end`; see `JobState`."""
        with self._lock:
            state = JobState(next(self._numbers), owner, what, can_stop, total=total)
            job = Job(state, self._tell)
            self._jobs.append(job)
        job.advance(0, total)
        return job

    def end(self, job: Job) -> None:
        """List a job no longer, after its last state was shown."""
        job.report()
        with self._lock:
            self._jobs.remove(job)
            if job.is_stopped:
                self._stopped.append(job.state.id)
        self._tell()

    @contextmanager
    def begin(self, owner: str, what: Message, total: float = 0) -> Iterator[Job]:
        """Start a job, which is listed until the block ends; see `JobState`."""
        job = self.start(owner, what, total)
        try:
            yield job
        finally:
            self.end(job)

    def stop(self, owner: str, *codes: str) -> None:
        """Stop the jobs of a visitor whose `what` has one of some codes."""
        for job in self.of(owner):
            if job.state.what.code in codes:
                job.stop()

    def of(self, owner: str) -> list[Job]:
        """Return the jobs of a visitor."""
        with self._lock:
            return [job for job in self._jobs if job.state.owner == owner]

    def find(self, number: int) -> Job | None:
        """Return a job by its id; None if it has ended."""
        with self._lock:
            return next((job for job in self._jobs if job.state.id == number), None)

    def states(self) -> tuple[JobState, ...]:
        """Return how far those of this process are, the oldest first."""
        with self._lock:
            return tuple(job.state for job in self._jobs)

    @property
    def elsewhere(self) -> tuple[JobState, ...]:
        """How far those of other processes were when somebody looked last."""
        return self._elsewhere

    @property
    def stopped(self) -> tuple[int, ...]:
        """The ids of the latest jobs of all processes that ended because somebody stopped them."""
        return tuple(self._stopped)

    def show_elsewhere(self, states: tuple[JobState, ...], stops: Collection[int] = ()) -> None:
        """Replace what is known of the jobs of other processes.

        Args:
            states: How far they are.
            stops: The ids of those that somebody has stopped, also if they have ended since.
        """
        if states != self._elsewhere:
            running = {state.id for state in states}
            ended = (state for state in self._elsewhere if state.id not in running)
            self._stopped += [s.id for s in ended if s.is_stopping or s.id in stops]
            self._elsewhere = states
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
