"""Installs the requested networks one at a time; each can be cancelled meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from searcher.errors import ExportFailed, InstallCancelled
from searcher.export.install import Installation
from searcher.library.install_times import Stopwatch
from searcher.library.installs import Installs
from searcher.messages.message import Message, message

Report = Callable[[str, str, Message], None]  # called with a network's name, title and stage


class Installer:
    """Runs installations in the worker's thread. `cancel` may be called from any thread."""

    def __init__(self, installs: Installs, folder: Path, stop: threading.Event) -> None:
        """Install into the models folder `folder` until `stop` is set."""
        self._installs = installs
        self._folder = folder
        self._stop = stop
        self._current: Installation | None = None
        self._lock = threading.Lock()  # so that a network is either cancelled or started

    def install_pending(
        self, pending: Callable[[], list[str]], report: Report, on_end: Callable[[], None]
    ) -> None:
        """Try to install each requested network once.

        Args:
            pending: Returns the names of the networks; raises StoreUnavailable.
            report: Called whenever an installation reaches another stage.
            on_end: Called after each network.

        Raises:
            StoreUnavailable: Redis does not answer.
        """
        attempts: set[str] = set()
        # Looked up each time: another one may have been cancelled during an installation.
        while names := [name for name in pending() if name not in attempts]:
            if self._stop.is_set():
                return
            attempts.add(names[0])
            self._install(names[0], report)
            on_end()

    def cancel(self, name: str) -> None:
        """Stop an installation, or withdraw the request for it. Raises StoreUnavailable."""
        with self._lock:
            self._installs.decline(name)
            if self._current is not None and self._current.name == name:
                self._current.cancel()

    def interrupt(self) -> None:
        """Stop the current installation; it is started again with the next process."""
        with self._lock:
            if self._current is not None:
                self._current.cancel()

    def _install(self, name: str, report: Report) -> None:
        with self._started(name) as installation:
            if installation is None:
                return
            title, network = installation.title, self._installs.network(name)
            watch = Stopwatch()

            def advance(stage: Message) -> None:
                watch.note(stage)
                self._installs.advance(name, stage)
                report(name, title, stage)

            try:
                advance(message("install.starting"))
                installation.run(advance)
                watch.end()
                self._installs.times.record(network, watch)
                self._installs.forget(name)
            except InstallCancelled:
                if not self._stop.is_set():
                    self._installs.end(name)
            except ExportFailed as error:
                self._installs.fail(name, error.message)

    @contextmanager
    def _started(self, name: str) -> Iterator[Installation | None]:
        """Start an installation until the block ends; yields None where it was cancelled before."""
        with self._lock:
            if name in self._installs.pending() and not self._stop.is_set():
                network = self._installs.network(name)
                self._current = Installation(network, "imagenet", self._folder)
        try:
            yield self._current
        finally:
            with self._lock:
                self._current = None
