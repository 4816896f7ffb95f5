"""The status that the page shows, kept current by whoever has news."""

import threading
from collections.abc import Callable
from itertools import chain

from searcher.file_locks import waits
from searcher.library.status import Status
from searcher.messages.message import Message
from searcher.models.registry import Model

INSTALL = "install"  # the key of the problems that trying again may solve


class StatusBoard:
    """The latest status, and what is wrong by key. Safe to use from several threads."""

    def __init__(self, working: Message, read_only: bool) -> None:
        self.status = Status(working=working)
        self._read_only = read_only
        self._problems: dict[str, tuple[Message, ...]] = {}
        self._listeners: list[Callable[[], None]] = []
        # Of the status, while the next one is made of it, and of the problems.
        self._lock = threading.RLock()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, by whoever has news, whenever the status has changed.

        It must not wait for anything.
        """
        self._listeners.append(listener)

    def problem(self, key: str, *messages: Message) -> None:
        """Keep what is wrong, shown with the next status; without a message nothing is."""
        with self._lock:
            self._problems.pop(key, None)
            if messages:
                self._problems[key] = messages

    def publish(self, **changes: object) -> None:
        """Make the next status of the latest one, the problems and the waits for locks."""
        with self._lock:
            current = {**self.status.__dict__, **changes}
            models: tuple[Model, ...] = current["models"]
            broken = [m.reason for m in models if m.state == "broken" and m.reason]
            told = chain.from_iterable(self._problems.values())
            problems = [*waits.current(), *told, *broken]
            can_retry = INSTALL in self._problems and not self._read_only
            named = {"problems": tuple(dict.fromkeys(problems)), "can_retry": can_retry}
            status = Status(**current | named)
            if status == self.status:
                return
            self.status = status
            # Under the lock, so that no listener ends with an older status than another.
            for listener in self._listeners:
                listener()
