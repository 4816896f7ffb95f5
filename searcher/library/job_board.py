"""Exchanging jobs with other processes through Redis: how far they are, and which to stop."""

import secrets
import threading
from dataclasses import replace

from searcher.errors import TwinlensError
from searcher.library.identity import Identity
from searcher.library.job_documents import running, stored
from searcher.library.jobs import Jobs, JobState
from searcher.stores.job_store import JobStore

INTERVAL_S = 0.25  # between two exchanges, while there are jobs
IDLE_S = 2.0  # while there are none, where those of others are shown
JOIN_S = 0.5  # for an exchange that is under way


class JobBoard:
    """Writes the jobs to Redis while there are any, in a thread; an app's reads others' as well."""

    def __init__(
        self, jobs: Jobs, store: JobStore, identity: Identity, listens: bool = False
    ) -> None:
        """Do nothing yet.

        Args:
            jobs: The jobs of this process, which learn of those of others.
            store: The jobs of all.
            identity: Nothing is exchanged where it says that Redis is another library's.
            listens: Whether to look for jobs of others.
        """
        self._jobs = jobs
        self._store = store
        self._identity = identity
        self._listens = listens
        self._process = secrets.token_hex(8)
        self._is_written = False  # whether Redis has jobs of this process
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        jobs.on_change(self._changed.set)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current exchange, for which this waits a moment.

        The jobs leave Redis: those that have not ended yet do so with the process.
        """
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def stop_elsewhere(self, number: int) -> None:
        """Have a job of another process stopped, by its id. Raises StoreUnavailable."""
        self._store.request_stop(number)
        states = self._jobs.elsewhere
        stopping = (replace(s, is_stopping=s.is_stopping or s.id == number) for s in states)
        self._jobs.show_elsewhere(tuple(stopping))  # at once, for whoever has asked for it

    def _run(self) -> None:
        while not self._ended.is_set():
            self._changed.wait(IDLE_S if self._listens else None)
            self._changed.clear()
            while self._exchange(self._jobs.states()) and not self._ended.wait(INTERVAL_S):
                pass
        self._exchange(())

    def _exchange(self, states: tuple[JobState, ...]) -> bool:
        """Write jobs, stop those that others ask for, and return whether there are any at all."""
        is_known = bool(states) or self._is_written
        try:
            # A library without an id is seen by nobody else; `restore` is about to give it one.
            if not self._identity.id:
                return bool(states)
            if is_known or self._listens:
                self._identity.require(vectors=False)
            if is_known:
                asked = self._store.write(self._process, map(stored, states))
                self._is_written = bool(states)
                for job in filter(None, map(self._jobs.find, asked)):
                    if not job.is_stopped:
                        job.stop()
            if self._listens:
                self._listen()
        except TwinlensError:  # the status says what is wrong with Redis
            self._jobs.show_elsewhere(())
        return bool(states or self._jobs.elsewhere)

    def _listen(self) -> None:
        """Look for jobs of others, which are stopping from the moment that somebody asks."""
        states = running(self._store, self._process)
        stops = self._store.stops() if states or self._jobs.elsewhere else ()
        stopping = (replace(s, is_stopping=s.is_stopping or s.id in stops) for s in states)
        self._jobs.show_elsewhere(tuple(stopping), stops)
