"""One background worker: makes the library whole, and says how far it is."""

import threading
from collections.abc import Callable

from searcher.errors import ReadOnly
from searcher.file_locks import waits
from searcher.library.core import Library
from searcher.library.installer import Installer
from searcher.library.rounds import Rounds
from searcher.library.status import Status
from searcher.library.status_board import StatusBoard
from searcher.messages.message import message

ROUND_S = 3.0
JOIN_S = 1.5  # the app ends within 3 s; a batch of pictures, which can't be interrupted, takes less


class Worker:
    """Runs the rounds in a daemon thread. `status` may be read from anywhere at any time.

    What visitors ask for raises ReadOnly where the settings say so, and StoreUnavailable.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._board = StatusBoard(message("work.opening"), library.settings.read_only)
        self._installer = Installer(library.installs, library.settings.models_dir, self._stop)
        self._rounds = Rounds(library, self._board, self._installer, self._stop)
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    @property
    def status(self) -> Status:
        """What there is, what goes on and what is wrong."""
        return self._board.status

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, join_s: float = JOIN_S) -> bool:
        """End: an installation at once, indexing after the chunk that is under way.

        Args:
            join_s: Seconds to wait for the end.

        Returns:
            Whether it has ended. Close the library afterwards in any case: a closed one opens no
            stores for what may still go on.
        """
        self._stop.set()
        self._wake.set()
        self._installer.interrupt()
        if self._thread.is_alive():
            self._thread.join(join_s)
        return not self._thread.is_alive()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in any thread, whenever the status has changed."""
        self._board.on_change(listener)

    def install(self, *names: str) -> None:
        """Install networks, or try once more. Raises NotFound for unknown ones."""
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        for name in names:
            self._library.installs.want(name)
        self._wake.set()

    def retry(self) -> None:
        """Try all installations that failed once more."""
        self.install(*(m.name for m in self._library.installs.models() if m.state == "failed"))

    def cancel(self, name: str) -> None:
        """Stop an installation, or no longer wait for it."""
        self._refuse_if_read_only()
        self._library.identity.require(vectors=False)
        self._installer.cancel(name)
        self._wake.set()

    def remove(self, name: str) -> None:
        """Delete a model's file and its vectors. Raises ModelNotReady."""
        self._refuse_if_read_only()
        self._library.remove_model(name)
        self._wake.set()

    def index_now(self) -> None:
        """Look once more for pictures that a model lacks, also at those that failed before."""
        self._refuse_if_read_only()
        self._rounds.again.set()
        self._wake.set()

    def measure(self) -> None:
        """Measure every model's speed again, as soon as nothing else goes on."""
        self._refuse_if_read_only()
        self._library.speeds.request(self.status.ready)
        self._wake.set()

    def _refuse_if_read_only(self) -> None:
        if self._library.settings.read_only:
            raise ReadOnly("library.read_only")

    def _run(self) -> None:
        with waits.listening(self._board.publish):
            while not self._stop.is_set():
                self._wake.clear()
                self._rounds.run()
                self._wake.wait(ROUND_S)
