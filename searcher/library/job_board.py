"""Telling other processes of the jobs of this app, and hearing which of them to stop."""

import secrets
import threading

from searcher.errors import TwinlensError
from searcher.library.identity import Identity
from searcher.library.jobs import Jobs
from searcher.stores.job_store import JobStore

INTERVAL_S = 1.0  # between two requests to Redis, while there are jobs
JOIN_S = 0.5  # for a request that is under way


class JobBoard:
    """Writes the jobs to Redis while there are any, in a thread; without any it does nothing."""

    def __init__(self, jobs: Jobs, store: JobStore, identity: Identity) -> None:
        """Write nothing yet; nothing ever where `identity` says that Redis is another library's."""
        self._jobs = jobs
        self._store = store
        self._identity = identity
        self._process = secrets.token_hex(8)
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        jobs.on_change(self._changed.set)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after its current request, for which this waits a moment."""
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._changed.wait()
            self._changed.clear()
            while self._exchange() and not self._ended.wait(INTERVAL_S):
                pass

    def _exchange(self) -> bool:
        """Write the jobs, stop those that are asked for, and return whether there are any."""
        states = self._jobs.states()
        try:
            self._identity.require(vectors=False)
            for number in self._store.write(self._process, (s.document() for s in states)):
                if job := self._jobs.find(number):
                    job.stop()
        except TwinlensError:  # the status says what is wrong with Redis
            pass
        except (OSError, ValueError):  # of a connection that was closed during the request
            if not self._ended.is_set():
                raise
        return bool(states)
