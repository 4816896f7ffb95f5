"""Decode pictures in this process's threads, or in processes where these are measured to be faster.

Threads are enough where the models take most of the time. A run begins with them. If inference
waits for pictures, processes are started, tried, and kept if they deliver more.
"""

import logging
import time
from collections.abc import Collection

from searcher.images.picture_forms import Form, Rendered
from searcher.indexing.render_files import Files, render_files
from searcher.indexing.render_processes import RenderProcesses

TRIAL_S = 0.5  # of measuring each way
TRIAL_PICTURES = 256  # at least: shorter runs would not get back what starting processes takes
STARVED = 0.2  # the share of the time that inference waits, from which processes are tried
GAIN = 1.1  # by how much processes must be faster, to be worth their memory

log = logging.getLogger(__name__)


class Renderer:
    """Decodes the pictures of one run. `render` is safe to call from several threads.

    Attributes:
        is_decided: Whether the way is chosen that the run will go.
    """

    def __init__(self, count: int) -> None:
        """Start nothing yet.

        Args:
            count: The number of threads that call `render`, and of processes if there will be any.
        """
        self._count = count
        self._processes: RenderProcesses | None = None
        self._is_active = False  # whether the processes decode
        self.is_decided = count < 2
        self._thread_pace = 0.0  # seconds a picture
        self._pictures, self._waited, self._start = 0, 0.0, 0.0  # of the present measurement
        self._skipped = 1  # pictures that began before it

    @property
    def processes(self) -> RenderProcesses | None:
        """The processes; None where threads decode."""
        return self._processes if self._is_active else None

    def render(self, data: bytes, name: str, forms: Collection[Form], files: Files) -> Rendered:
        """Decode a file as `render_files` does. Raises BadImage, DiskFull, CannotWrite."""
        processes = self.processes
        if processes:
            return processes.render(data, name, forms, files)
        return render_files(data, name, forms, files)

    def observe(self, pictures: int, waited: float, in_progress: int) -> None:
        """Take note of a chunk whose pictures are decoded, and choose the way of the next ones.

        Args:
            pictures: That were decoded.
            waited: Seconds in which inference waited for them.
            in_progress: Pictures that are submitted to threads already.
        """
        now = time.monotonic()
        if self.is_decided or self._is_starting(in_progress, now):
            return
        if self._skipped > 0:  # decoded in the other way
            self._skipped -= pictures
            self._start = now
            return
        self._pictures += pictures
        self._waited += waited
        seconds = now - self._start
        if seconds < TRIAL_S or self._pictures < TRIAL_PICTURES:
            return
        pace = seconds / self._pictures
        if self._is_active:
            self.is_decided = True
            if pace * GAIN > self._thread_pace:
                self._is_active = False  # closed at the end: some still decode
            paces = 1000 * self._thread_pace, 1000 * pace
            log.debug("Decoding: %.2f ms in threads, %.2f in processes", *paces)
        elif self._waited < STARVED * seconds:
            self.is_decided = True
        else:
            self._thread_pace = pace
            self._start_processes()

    def close(self) -> None:
        """End the processes. Nothing may be decoded any more."""
        if self._processes:
            self._processes.close()

    def _start_processes(self) -> None:
        try:
            self._processes = RenderProcesses(self._count)
        except OSError as error:
            self._give_up(error)

    def _is_starting(self, in_progress: int, now: float) -> bool:
        """Let the processes decode once all are ready; return whether they have yet to be."""
        if self._processes is None or self._is_active:
            return False
        if self._processes.are_ready:
            try:
                self._processes.accept()
            except (EOFError, OSError) as error:
                self._give_up(error)
            else:
                self._is_active = True
                self._pictures, self._waited, self._start = 0, 0.0, now
                self._skipped = in_progress
        return True

    def _give_up(self, error: Exception) -> None:
        log.warning("Pictures are decoded in threads: processes can't start (%s)", error)
        self.is_decided = True
        self.close()
        self._processes = None
