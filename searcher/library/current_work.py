"""The work of the worker's thread, shown as a job."""

from collections.abc import Callable
from typing import cast

from searcher.library.jobs import LIBRARY, Job, Jobs
from searcher.library.status_board import StatusBoard
from searcher.messages.message import Message

# How a job of the library is named, by what the worker reports of it.
NAMES = {
    "work.adding_fields": "job.adding_fields",
    "work.copying_vectors": "job.copying_vectors",
    "work.indexing": "job.indexing",
    "work.indexing_samples": "job.indexing_samples",
    "work.installing": "job.installing",
    "work.shrinking": "job.shrinking",
}


class CurrentWork:
    """What one thread is doing: one job after the other."""

    def __init__(self, jobs: Jobs, board: StatusBoard) -> None:
        self._jobs = jobs
        self._board = board
        self._job: Job | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether a visitor has stopped the current job."""
        return self._job is not None and self._job.is_stopped

    def show(self, working: Message, unit: str, on_stop: Callable[[], None] = lambda: None) -> None:
        """Show how far the work is.

        Args:
            working: A message of NAMES. It has `done` and `total`, or a `stage` that may have them.
            unit: See `JobState`.
            on_stop: Called when a visitor stops the job.
        """
        params = working.params
        title = {name: value for name, value in params.items() if name == "title"}
        what = Message(NAMES[working.code], title)
        if self._job is None or self._job.state.what != what:
            self.end()
            self._job = self._jobs.start(LIBRARY, what)
        self._job.on_stop = on_stop
        stage = params.get("stage")
        stage = stage if isinstance(stage, Message) else None
        counts = stage.params if stage else params
        done, total = (cast(float, counts.get(key, 0)) for key in ("done", "total"))
        self._job.advance(done, total, unit, stage)
        self._board.publish(working=working)

    def end(self) -> bool:
        """End the job, if there is one; return whether a visitor has stopped it."""
        is_stopped = self.is_stopped
        if self._job is not None:
            self._jobs.end(self._job)
            self._job = None
        return is_stopped
