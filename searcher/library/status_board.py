"""The status that the page shows, kept current by whoever has news."""

import threading
from collections.abc import Callable

from searcher.file_locks import waits
from searcher.library.status import Status
from searcher.models.registry import Model

INSTALL = "install"  # the key of the problems that trying again may solve


class StatusBoard:
    """The latest status, and what is wrong by key. Safe to use from several threads."""

    def __init__(self, working: str, read_only: bool) -> None:
        self.status = Status(working=working)
        self._read_only = read_only
        self._problems: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []
        # Of the status, while the next one is made of it, and of the problems.
        self._lock = threading.RLock()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, by whoever has news, whenever the status has changed.

        It must not wait for anything.
        """
        self._listeners.append(listener)

    def problem(self, key: str, sentence: str = "") -> None:
        """Keep what is wrong, shown with the next status; without a sentence nothing is."""
        with self._lock:
            self._problems.pop(key, None)
            if sentence:
                self._problems[key] = sentence

    def clear(self, prefix: str) -> None:
        """Forget all problems whose key begins so."""
        with self._lock:
            for key in [key for key in self._problems if key.startswith(prefix)]:
                del self._problems[key]

    def publish(self, **changes: object) -> None:
        """Make the next status of the latest one, the problems and the waits for locks."""
        with self._lock:
            current = {**self.status.__dict__, **changes}
            models: tuple[Model, ...] = current["models"]
            broken = [model.reason for model in models if model.state == "broken"]
            problems = [*waits.current(), *self._problems.values(), *broken]
            can_retry = INSTALL in self._problems and not self._read_only
            named = {"problems": tuple(dict.fromkeys(problems)), "can_retry": can_retry}
            status = Status(**current | named)
            if status == self.status:
                return
            self.status = status
            # Under the lock, so that no listener ends with an older status than another.
            for listener in self._listeners:
                listener()
