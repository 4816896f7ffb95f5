"""The background worker, which makes the library complete and publishes its progress."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from searcher.errors import NotAllowed, ReadOnly, TwinlensError
from searcher.file_locks import waits
from searcher.library.core import Library
from searcher.library.example import Example
from searcher.library.installer import Installer
from searcher.library.job_board import JobBoard
from searcher.library.jobs import LIBRARY
from searcher.library.rounds import Rounds
from searcher.library.status import Status
from searcher.library.status_board import StatusBoard
from searcher.memory import trim_memory
from searcher.messages.message import message
from searcher.models.networks import HubNetwork

ROUND_S = 3.0  # between two rounds
LONG_S = 0.2  # of a round that has done something; others take 20 ms
JOIN_S = 1.5  # a batch of pictures, which can't be interrupted, takes less; the app ends within 3 s


class Worker:
    """Runs the rounds in a daemon thread. `status` may be read from any thread at any time.

    Methods that change the library raise ReadOnly where the settings allow no changes, and
    StoreUnavailable.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._wake = threading.Event()
        self._stop = threading.Event()
        opening = message("work.opening")
        self._board = StatusBoard(opening, library.settings.read_only, library.jobs)
        library.jobs.on_change(self._show_jobs)
        self._job_board = JobBoard(library.jobs, library.job_store, library.identity, listens=True)
        self._installer = Installer(library.installs, library.settings.models_dir, self._stop)
        self._rounds = Rounds(library, self._board, self._installer, self._stop)
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    @property
    def status(self) -> Status:
        """The current state, progress and problems."""
        return self._board.status

    @property
    def example(self) -> Example | None:
        """The comparison that the page opens on; None while there is none."""
        return self._rounds.examples.current

    def start(self) -> None:
        """Start the threads."""
        self._thread.start()
        self._job_board.start()

    def stop(self, join_s: float = JOIN_S) -> bool:
        """Stop an installation at once, and indexing after the current chunk.

        Args:
            join_s: Seconds to wait for the thread.

        Returns:
            Whether the thread has ended. Close the library afterwards in any case: a closed one
            opens no stores for a thread that still runs.
        """
        self._stop.set()
        self._wake.set()
        self._installer.interrupt()
        if self._thread.is_alive():
            self._thread.join(join_s)
        self._job_board.stop()
        return not self._thread.is_alive()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function, in any thread, whenever the status has changed; it must not block."""
        self._board.on_change(listener)

    def install(self, *names: str) -> None:
        """Request the installation of networks, also again after a failure.

        Args:
            names: Names of the catalogue, or of networks that `adopt` has requested.

        Raises:
            NotFound: There is no such network.
        """
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        for name in names:
            self._library.installs.request(name)
        self._wake.set()

    def adopt(self, network: HubNetwork) -> None:
        """Request the installation of a network of the Hub that is not in the catalogue.

        Raises:
            CannotAdopt: There is a model of its name, or its name is not valid.
        """
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        self._library.installs.adopt(network)
        self._wake.set()

    def accept(self, token: str) -> str:
        """Make a model of a proposal, and return its name; see `Proposals.accept`."""
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        name = self._library.proposals.accept(token)
        # A network that waited under this name would be installed once the model is removed.
        self._library.installs.forget(name)
        self._wake.set()
        return name

    def retry(self) -> None:
        """Request all failed installations again."""
        self.install(*(m.name for m in self._library.installs.models() if m.state == "failed"))

    def cancel(self, name: str) -> None:
        """Stop an installation, or withdraw the request for it."""
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        self._installer.cancel(name)
        self._wake.set()

    def remove(self, name: str) -> None:
        """Delete a model's file and its vectors; see `Library.remove_model`."""
        self._refuse_if_read_only()
        self._library.remove_model(name)
        self._wake.set()

    def index_now(self) -> None:
        """Embed pictures that lack a vector, also failed ones, and go on with what was stopped."""
        self._refuse_if_read_only()
        self._rounds.recheck.set()
        self._rounds.resume.set()
        self._wake.set()

    def add_samples(self) -> None:
        """Index the sample pictures, also where they were removed or their indexing was stopped."""
        self._refuse_if_read_only()
        self._library.records.note("samples", {})
        self._rounds.resume.set()
        self._wake.set()

    def measure(self) -> None:
        """Measure every model's speed again as soon as nothing else is running."""
        self._refuse_if_read_only()
        self._library.speeds.request(self.status.ready)
        self._wake.set()

    def shrink(self, model: str, variant: str) -> None:
        """Request that a model's vectors are stored in a variant; see `ShrinkRequests.request`.

        Raises:
            ModelNotReady: The model is not ready.
        """
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        self._rounds.shrinks.request(self._library.registry.get(model), variant)
        self._rounds.resume.set()
        self._wake.set()

    def stop_job(self, number: int, visitor: str) -> bool:
        """Stop a job by its id; return whether it was running still.

        Args:
            number: The job's id.
            visitor: The name or address of who asks.

        Raises:
            NotAllowed: Another visitor has started it, or it can't be stopped.
            StoreUnavailable: Another process does it, and Redis does not answer.
        """
        state = next((job for job in self.status.jobs if job.id == number), None)
        if state is None:
            return False
        if state.owner == LIBRARY:
            self._refuse_if_read_only()
        if not state.can_stop or state.owner not in (LIBRARY, visitor):
            raise NotAllowed("job.not_yours")
        if state.is_elsewhere:
            self._job_board.stop_elsewhere(number)
        elif job := self._library.jobs.find(number):
            job.stop()
        return True

    def _show_jobs(self) -> None:
        """Publish the jobs, and the pictures that they have added so far."""
        changes: dict[str, object] = {}
        if self.status.opened:
            with suppress(TwinlensError):
                changes["pictures"] = self._library.records.count()
        self._board.publish(**changes)

    def _refuse_if_read_only(self) -> None:
        if self._library.settings.read_only:
            raise ReadOnly("library.read_only")

    def _run(self) -> None:
        with waits.listening(self._board.publish):
            while not self._stop.is_set():
                self._wake.clear()
                began = time.monotonic()
                self._rounds.run()
                if time.monotonic() - began > LONG_S:  # all ids were read, of which parts stay
                    trim_memory()
                self._wake.wait(ROUND_S)
            if self._library.settings.kept and self.status.opened:
                with suppress(TwinlensError):  # votes since the latest round
                    self._library.identity.require(vectors=False)
                    self._rounds.lasting.keep_votes()
