"""Installs the networks that are asked for, one at a time; each can be cancelled meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from searcher.errors import ExportFailed, InstallCancelled
from searcher.export.install import Installation
from searcher.library.installs import Installs
from searcher.messages.message import Message, message

Report = Callable[[str, Message], None]  # called with a network's name and its stage


class Installer:
    """Runs installations in the worker's thread. `cancel` may be called from any."""

    def __init__(self, installs: Installs, folder: Path, stop: threading.Event) -> None:
        """Install into the models folder `folder` until `stop` is set."""
        self._installs = installs
        self._folder = folder
        self._stop = stop
        self._current: Installation | None = None
        self._lock = threading.Lock()  # so that a network is either cancelled or begun

    def install_pending(self, report: Report, installed: Callable[[], None]) -> None:
        """Install what is wanted, each network once.

        Args:
            report: Is called whenever there is news of one.
            installed: Is called after each.

        Raises:
            StoreUnavailable: Redis does not answer.
        """
        tried: set[str] = set()
        # Looked up anew each time: while one was installed another may have been cancelled.
        while names := [name for name in self._installs.pending() if name not in tried]:
            if self._stop.is_set():
                return
            tried.add(names[0])
            self._install(names[0], report)
            installed()

    def cancel(self, name: str) -> None:
        """Stop an installation, or no longer wait for it."""
        with self._lock:
            self._installs.decline(name)
            if self._current is not None and self._current.name == name:
                self._current.cancel()

    def interrupt(self) -> None:
        """End what is under way; the next start goes on with it."""
        with self._lock:
            if self._current is not None:
                self._current.cancel()

    def _install(self, name: str, report: Report) -> None:
        def advance(stage: Message) -> None:
            self._installs.advance(name, stage)
            report(name, stage)

        with self._begun(name) as installation:
            if installation is None:
                return
            try:
                advance(message("install.starting"))
                installation.run(advance)
                self._installs.forget(name)
            except InstallCancelled:
                if not self._stop.is_set():
                    self._installs.end(name)
            except ExportFailed as error:
                self._installs.fail(name, error.message)

    @contextmanager
    def _begun(self, name: str) -> Iterator[Installation | None]:
        """The installation that is under way in the block; None where it was cancelled before."""
        with self._lock:
            may_begin = name in self._installs.pending() and not self._stop.is_set()
            self._current = Installation(name, "imagenet", self._folder) if may_begin else None
        try:
            yield self._current
        finally:
            with self._lock:
                self._current = None
