"""The rounds of the worker: each step finds what is missing and makes it.

There is no queue: after an interruption the next round finds the rest of the work.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

from searcher.errors import StoreUnavailable, StrangeStores, TwinlensError
from searcher.export.install import make_baselines, make_text_file
from searcher.files import cannot_write
from searcher.images.sources import Source
from searcher.library.core import Library
from searcher.library.current_work import CurrentWork
from searcher.library.example import Examples
from searcher.library.facets import SourceCounts
from searcher.library.filtering import FieldUpgrades
from searcher.library.installer import Installer
from searcher.library.jobs import MEGABYTES, PICTURES, VECTORS
from searcher.library.lasting import Lasting
from searcher.library.library_stores import size_problems
from searcher.library.query_label import sample_sources
from searcher.library.shard_runs import shard_runs
from searcher.library.status_board import INSTALL, StatusBoard
from searcher.library.upkeep import put_in_order
from searcher.library.vector_variants import ShrinkRequests
from searcher.messages.message import Message, message
from searcher.models.registry import Model

log = logging.getLogger(__name__)

RECOVERED = "recovered"  # the key of repairs of the private stores
TEXTS, HUB = "texts", "hub"  # files for words; the models of HUB_MODELS
# What a visitor stops of these goes on when somebody asks for it, or with the next process.
HELD_STEPS = ("fields", "vectors", "samples", HUB)
Step = Callable[[], Iterable[Message] | None]


class Rounds:
    """Makes a library complete. Runs in one thread; the events may be set from any thread."""

    def __init__(
        self, library: Library, board: StatusBoard, installer: Installer, stop: threading.Event
    ) -> None:
        """Do nothing yet.

        Args:
            library: The library.
            board: Receives progress and problems.
            installer: Installs the requested networks.
            stop: Once it is set, the round ends after the current chunk of pictures.
        """
        # Requests another check for missing vectors, also of pictures that failed before.
        self.recheck = threading.Event()
        self.resume = threading.Event()  # requests that what was stopped goes on
        self._library = library
        self._board = board
        self._installer = installer
        self._stop = stop
        self._upgrades = FieldUpgrades(library)
        self.shrinks = ShrinkRequests(library)
        self.examples = Examples(library)
        self._sources = SourceCounts(library)
        self.lasting = Lasting(library)
        self._work = CurrentWork(library.jobs, board)
        self._held: set[str] = set()  # those of HELD_STEPS that were stopped
        self._unreadable: set[str] = set()
        self._examined: object = None  # pictures and coverage at the latest check

    def run(self) -> None:
        """Do one round."""
        if self.resume.is_set():
            self.resume.clear()
            self._held.clear()
            self._board.publish(can_resume=False)
        # First the steps that the others depend on.
        steps: tuple[tuple[str, Step], ...] = (
            ("baselines", self._make_baselines),
            ("library", self._refresh),
            ("networks", self._install_bundled),
            (TEXTS, self._complete_texts),
            ("order", self._put_in_order),
            ("fields", self._complete_fields),
            ("vectors", self._shrink),
            ("samples", self._index_samples),
            ("example", self._compare_example),  # the page's opening, before long installations
            ("lasting", self.lasting.keep_votes),
            (HUB, partial(self.lasting.fetch_models, self._work, self._is_stopped)),
            (INSTALL, self._install_models),
            ("complete", self._complete),
            ("speeds", self._measure),
        )
        for name, step in steps:
            if self._stop.is_set() or (name not in self._held and not self._try(name, step)):
                break
        self._board.publish(working=None)

    def _try(self, name: str, step: Step) -> bool:
        """Run a step, and publish the problems that it returns or raises.

        Returns:
            Whether the round can continue.
        """
        try:
            self._board.problem(name, *(step() or ()), of_models=name in (INSTALL, TEXTS))
        except TwinlensError as error:
            self._board.problem(name, error.message)
            # A store that was unavailable may have lost its latest changes.
            self._library.has_leftovers |= isinstance(error, StoreUnavailable)
            return not isinstance(error, (StoreUnavailable, StrangeStores))
        except OSError as error:
            log.exception("step %s failed", name)
            self._board.problem(name, cannot_write(error).message)
        except Exception:
            log.exception("step %s failed", name)
            self._board.problem(name, message("work.failed"))
        finally:
            if self._work.end() and name in HELD_STEPS:
                self._held.add(name)
                self._board.publish(can_resume=True)
        return True

    def _make_baselines(self) -> None:
        make_baselines(self._library.settings.models_dir)

    def _refresh(self) -> None:
        pictures = self._library.records.count()
        coverage = tuple(self._library.coverage().items())
        runs = shard_runs(self._library.shards)
        self._board.problem("shards", *(p for run in runs for p in run.problems()))
        self._board.problem("size", *size_problems(self._library.settings, pictures))
        self._board.publish(
            opened=True,
            pictures=pictures,
            models=tuple(self._library.models()),
            coverage=coverage,
            sources=tuple(self._sources.update(pictures).items()),
            shards=tuple(run.progress for run in runs if run.is_active),
        )

    def _put_in_order(self) -> None:
        recovered = [recovery.message for recovery in self._library.recoveries()]
        self._board.problem(RECOVERED, *recovered)
        if registration := put_in_order(self._library):
            self._board.problem("damaged", *filter(None, [registration.problem]))
            if registration.count:
                self._refresh()

    def _complete_fields(self) -> Iterable[Message]:
        return self._upgrades.run(partial(self._show_vectors, "work.adding_fields"), self._stops)

    def _show_vectors(self, code: str, model: Model, done: int, total: int) -> None:
        self._work.show(message(code, title=model.display, done=done, total=total), VECTORS)

    def _shrink(self) -> Iterable[Message]:
        return self.shrinks.run(partial(self._show_vectors, "work.shrinking"), self._stops)

    def _stops(self) -> bool:
        self._library.priority.yield_to_queries()
        return self._is_stopped()

    def _is_stopped(self) -> bool:
        return self._stop.is_set() or self._work.is_stopped

    def _index_samples(self) -> None:
        sources = sample_sources(self._library.settings.samples_dir)
        if sources and not self._library.records.note("samples"):
            self._index(sources, "work.indexing_samples")
            if not self._is_stopped():
                self._library.records.note("samples", {"indexed": str(time.time())})

    def _install_bundled(self) -> None:
        """Install what needs no download first, so that it embeds the samples with the others."""
        installs = self._library.installs
        self._installer.install_pending(installs.pending_bundled, self._report, self._end_install)

    def _complete_texts(self) -> list[Message]:
        for network in self._library.installs.without_text():
            make_text_file(self._library.settings.models_dir, network)
            self._refresh()
        return self._library.registry.checks.unused()

    def _install_models(self) -> list[Message]:
        def on_end() -> None:
            self._end_install()
            self._complete()

        installs = self._library.installs
        self._installer.install_pending(installs.pending, self._report, on_end)
        return installs.problems()

    def _end_install(self) -> None:
        self._work.end()
        self._refresh()

    def _report(self, name: str, title: str, stage: Message) -> None:
        # First, so that a waiting network is never listed as the one that is installed.
        self._board.publish(models=tuple(self._library.models()))
        working = message("work.installing", title=title, stage=stage)
        self._work.show(working, MEGABYTES, lambda: self._installer.cancel(name))

    def _complete(self) -> None:
        if self._library.is_indexing:
            return  # pictures that are being added have no vectors yet
        if self.recheck.is_set():
            self.recheck.clear()  # before the check: a request from now on leads to another one
            self._unreadable.clear()
            self._examined = None
        status = self._board.status
        if (status.pictures, status.coverage) == self._examined:
            return  # nothing has changed, and with many pictures the check takes a while
        show = partial(self._show_vectors, "work.copying_vectors")
        if self._library.copy_vectors(show, self._stops):
            self._refresh()
        # What was stopped goes on once pictures, models or coverage change, or somebody asks.
        incomplete = [] if self._is_stopped() else self._library.incomplete()
        readable = [source for source in incomplete if source.path not in self._unreadable]
        if readable:
            self._index(readable, "work.indexing")
        status = self._board.status
        self._examined = (status.pictures, status.coverage)
        count = sum(source.path in self._unreadable for source in incomplete)
        self._board.problem("lost", *([message("work.not_embeddable", n=count)] if count else []))

    def _compare_example(self) -> None:
        if not self._library.is_indexing:
            self.examples.update(self._board.status)
            example = self.examples.current
            self._board.publish(example=example.picture_id if example else 0)

    def _index(self, sources: list[Source], code: str) -> None:
        def progress(count: int) -> None:
            self._work.show(Message(code, {"done": count, "total": len(sources)}), PICTURES)
            if count % 64 == 0:
                self._refresh()

        progress(0)
        report = self._library.index(sources, progress, self._is_stopped)
        self._unreadable.update(path for path, _ in report.skipped)
        self._refresh()

    def _measure(self) -> None:
        status = self._board.status
        if any(model.state == "checking" for model in status.models):
            return  # a check uses the processor, too
        speeds = self._library.speeds.measure(status.ready, self._stop.is_set)
        self._board.publish(speeds=tuple(speeds.items()))
