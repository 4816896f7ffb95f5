"""The rounds of the worker: each step looks at what is missing and does that.

There is no queue, so that work which was cut off goes on by itself.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable

from searcher.errors import StoreUnavailable, StrangeStores, TwinlensError
from searcher.export.install import make_baselines
from searcher.files import cannot_write
from searcher.images.sources import Source, find_sources
from searcher.library.core import Library
from searcher.library.installer import Installer
from searcher.library.status_board import INSTALL, StatusBoard
from searcher.library.upkeep import put_in_order
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE

log = logging.getLogger(__name__)

RECOVERED = "recovered"  # the key of what the stores had to repair
Step = Callable[[], Iterable[Message] | None]
QUERIES = "queries"  # the folder of examples beside the sample pictures; never indexed


class Rounds:
    """Makes a library whole. Runs in one thread; `again` may be set from any."""

    def __init__(
        self, library: Library, board: StatusBoard, installer: Installer, stop: threading.Event
    ) -> None:
        """Do nothing yet.

        Args:
            library: What is to be made whole.
            board: Gets the progress and what went wrong.
            installer: Installs the networks that are asked for.
            stop: Once it is set, the round ends after the chunk of pictures under way.
        """
        # Asks for one more look for missing vectors, also of pictures that failed before.
        self.again = threading.Event()
        self._library = library
        self._board = board
        self._installer = installer
        self._stop = stop
        self._unreadable: set[str] = set()
        self._examined: object = None  # pictures and coverage when all was last looked through

    def run(self) -> None:
        """Do one round."""
        # Stores first: without them nothing else can be kept.
        steps: tuple[tuple[str, Step], ...] = (
            ("baselines", self._make_baselines),
            ("library", self._refresh),
            ("order", self._put_in_order),
            ("samples", self._index_samples),
            (INSTALL, self._install_models),
            ("library", self._complete),
            ("speeds", self._measure),
        )
        for name, step in steps:
            if self._stop.is_set() or not self._try(name, step):
                break
        self._board.publish(working=None)

    def _try(self, name: str, step: Step) -> bool:
        """Run a step; keep the problems that it returns or meets.

        Returns:
            False where the round can't go on.
        """
        try:
            self._board.problem(name, *(step() or ()))
        except TwinlensError as error:
            self._board.problem(name, error.message)
            # A store that is back may have lost its last changes.
            self._library.has_leftovers |= isinstance(error, StoreUnavailable)
            return not isinstance(error, (StoreUnavailable, StrangeStores))
        except OSError as error:
            log.exception("step %s failed", name)
            self._board.problem(name, cannot_write(error).message)
        except Exception:
            log.exception("step %s failed", name)
            self._board.problem(name, message("work.failed"))
        return True

    def _make_baselines(self) -> None:
        make_baselines(self._library.settings.models_dir)

    def _refresh(self) -> None:
        models = tuple(self._library.models())
        pictures = self._library.records.count()
        coverage = tuple(self._library.coverage().items())
        self._board.publish(opened=True, pictures=pictures, models=models, coverage=coverage)

    def _put_in_order(self) -> None:
        recovered = [recovery.message for recovery in self._library.recoveries()]
        self._board.problem(RECOVERED, *recovered)
        if done := put_in_order(self._library):
            self._board.problem("damaged", *([done.problem] if done.problem else []))
            if done.count:
                self._refresh()

    def _index_samples(self) -> None:
        folder = self._library.settings.samples_dir
        if not folder.is_dir() or self._library.records.note("samples"):
            return
        inner = [path for path in sorted(folder.iterdir()) if path.name != QUERIES]
        sources = [source for path in inner if path.is_dir() for source in find_sources([path])]
        if sources:
            self._index(sources, "work.indexing_samples")
            if not self._stop.is_set():
                self._library.records.note("samples", {"indexed": str(time.time())})

    def _install_models(self) -> list[Message]:
        def report(name: str, stage: Message) -> None:
            self._board.publish(
                working=message("work.installing", title=CATALOGUE[name].title, stage=stage),
                models=tuple(self._library.models()),
            )

        def installed() -> None:
            self._refresh()
            self._complete()

        self._installer.install_pending(report, installed)
        return self._library.installs.problems()

    def _complete(self) -> None:
        if self._library.is_indexing:
            return  # what is being added is not missing
        if self.again.is_set():
            self.again.clear()  # before the look: who asks from now on gets another
            self._unreadable.clear()
            self._examined = None
        status = self._board.status
        if (status.pictures, status.coverage) == self._examined:
            return  # looking takes a while with many pictures
        missing = self._library.incomplete()
        readable = [source for source in missing if source.path not in self._unreadable]
        if readable:
            self._index(readable, "work.indexing")
        status = self._board.status
        self._examined = (status.pictures, status.coverage)
        lost = sum(source.path in self._unreadable for source in missing)
        self._board.problem("lost", *([message("work.not_embeddable", n=lost)] if lost else []))

    def _index(self, sources: list[Source], code: str) -> None:
        def progress(done: int) -> None:
            self._board.publish(working=Message(code, {"done": done, "total": len(sources)}))
            if done % 64 == 0:
                self._refresh()

        progress(0)
        report = self._library.index(sources, progress, self._stop.is_set)
        self._unreadable.update(path for path, _ in report.skipped)
        self._refresh()

    def _measure(self) -> None:
        status = self._board.status
        if any(model.state == "checking" for model in status.models):
            return  # a check takes the processor, too
        speeds = self._library.speeds.measure(status.ready, self._stop.is_set)
        self._board.publish(speeds=tuple(speeds.items()))
