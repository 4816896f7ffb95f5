"""The current status, which the page shows."""

import threading
from collections.abc import Callable
from itertools import chain

from searcher.file_locks import waits
from searcher.library.jobs import Jobs
from searcher.library.status import Status
from searcher.messages.message import Message
from searcher.models.checks import CHECKING
from searcher.models.registry import Model

INSTALL = "install"  # the key of problems that another attempt may solve


class StatusBoard:
    """The current status, and problems by key. Safe to use from several threads."""

    def __init__(self, working: Message, read_only: bool, jobs: Jobs) -> None:
        self.status = Status(working=working)
        self._read_only = read_only
        self._jobs = jobs
        self._problems: dict[str, tuple[Message, ...]] = {}
        self._model_keys: set[str] = set()  # of problems that the list of models shows
        self._listeners: list[Callable[[], None]] = []
        # Guards the problems, and the status while the next one is derived from it.
        self._lock = threading.RLock()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function whenever the status has changed, in the thread that changed it.

        Args:
            listener: The function; it must not block.
        """
        self._listeners.append(listener)

    def problem(self, key: str, *messages: Message, of_models: bool = False) -> None:
        """Replace the problems of a key, shown with the next status; no messages clear them.

        Args:
            key: What they are about.
            messages: The problems.
            of_models: Whether they concern some models only, not the whole library.
        """
        with self._lock:
            self._problems.pop(key, None)
            (self._model_keys.add if of_models else self._model_keys.discard)(key)
            if messages:
                self._problems[key] = messages

    def publish(self, **changes: object) -> None:
        """Derive the next status from the current one, the problems, the jobs and waits for locks.

        Args:
            changes: Attributes of Status with their new values.
        """
        with self._lock:
            current = {**self.status.__dict__, **changes}
            models: tuple[Model, ...] = current["models"]
            broken = [m.reason for m in models if m.state == "broken" and m.reason]
            reasons = [model.words_reason for model in models if model.words_reason]
            broken += [reason for reason in reasons if reason.code != CHECKING]
            messages = chain.from_iterable(self._problems.values())
            problems = [*waits.current(), *messages, *broken]
            of_models = chain.from_iterable(self._problems.get(key, ()) for key in self._model_keys)
            derived = {
                "problems": tuple(dict.fromkeys(problems)),
                "model_problems": frozenset([*of_models, *broken]),
                "jobs": self._jobs.states() + self._jobs.elsewhere,
                "stopped": self._jobs.stopped,
                "can_retry": INSTALL in self._problems and not self._read_only,
            }
            status = Status(**current | derived)
            if status == self.status:
                return
            self.status = status
            # Under the lock, so that every listener receives the statuses in order.
            for listener in self._listeners:
                listener()
