"""One background worker: makes the library whole, step by step, and says how far it is.

It keeps no queue. Each round looks at what is missing (baselines, the sample pictures, models to
install, vectors of a new model) and does that, so that work which was cut off goes on by itself.
"""

import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable

from searcher.errors import (
    ExportFailed,
    InstallCancelled,
    ModelNotReady,
    ReadOnly,
    StoreUnavailable,
    TwinlensError,
    WeightsUnavailable,
)
from searcher.export.catalogue import CATALOGUE
from searcher.export.install import Installation, make_baselines
from searcher.installs import NO_WEIGHTS
from searcher.library import Library
from searcher.models import Model
from searcher.sources import Source, find_sources
from searcher.status import Status
from searcher.uploads import sweep

log = logging.getLogger(__name__)

ROUND_S = 3.0
QUERIES = "queries"  # the folder of examples beside the sample pictures; never indexed


class Worker:
    """Runs the rounds in a daemon thread. `status` may be read from anywhere at any time.

    What visitors ask for raises ReadOnly where the settings say so, and StoreUnavailable.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._problems: dict[str, str] = {}
        self._unreadable: set[str] = set()
        self._examined: object = None  # pictures and coverage when all was last looked through
        self._installation: Installation | None = None
        self._swept = False
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self.status = Status(working="Opening the library")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is under way."""
        self._stop.set()
        self._wake.set()

    def install(self, *names: str) -> None:
        """Install networks, or try once more. Raises ModelNotReady for unknown ones."""
        self._refuse_if_read_only()
        for name in names:
            self._library.installs.want(name)
        self._wake.set()

    def retry(self) -> None:
        """Try all installations that failed once more."""
        self.install(*(m.name for m in self._library.installs.models() if m.state == "failed"))

    def cancel(self, name: str) -> None:
        """Stop an installation, or no longer wait for it."""
        self._refuse_if_read_only()
        self._library.installs.decline(name)
        installation = self._installation
        if installation is not None and installation.name == name:
            installation.cancel()
        self._wake.set()

    def remove(self, name: str) -> None:
        """Delete a model's file and its vectors. Raises ModelNotReady."""
        self._refuse_if_read_only()
        self._library.remove_model(name)
        self._wake.set()

    def index_now(self) -> None:
        """Look once more for pictures that a model lacks, also at those that failed before."""
        self._refuse_if_read_only()
        self._unreadable.clear()
        self._examined = None
        self._wake.set()

    def _refuse_if_read_only(self) -> None:
        if self._library.settings.read_only:
            raise ReadOnly("Nothing can be changed here: this library is read-only.")

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            # Stores first: without them nothing else can be kept.
            steps: tuple[tuple[str, Callable[[], None]], ...] = (
                ("baselines", self._make_baselines),
                ("library", self._refresh),
                ("networks", self._install_at_hand),
                ("orphans", self._sweep),
                ("samples", self._index_samples),
                ("install", self._install_models),
                ("library", self._complete),
                ("speeds", self._measure),
            )
            for name, step in steps:
                if not self._try(name, step):
                    break
            self._publish(working="")
            self._wake.wait(ROUND_S)

    def _try(self, name: str, step: Callable[[], None]) -> bool:
        """Run a step; keep what went wrong as a sentence. False where the round can't go on."""
        try:
            step()
            self._problems.pop(name, None)
        except TwinlensError as error:
            self._problems[name] = str(error)
            return not isinstance(error, StoreUnavailable)
        except OSError as error:
            log.exception("step %s failed", name)
            self._problems[name] = (
                "The disk is full. Free some space; work then goes on by itself."
                if error.errno == errno.ENOSPC
                else f"A file could not be written ({error.strerror}): check the permissions of "
                "the data and models folders."
            )
        except Exception:
            log.exception("step %s failed", name)
            self._problems[name] = "Background work failed; the log says why. It is tried again."
        return True

    def _make_baselines(self) -> None:
        make_baselines(self._library.settings.models_dir)

    def _refresh(self) -> None:
        models = tuple(self._library.models())
        pictures = self._library.records.count()
        coverage = tuple(self._library.coverage().items())
        self._publish(opened=True, pictures=pictures, models=models, coverage=coverage)

    def _sweep(self) -> None:
        """Once: delete what uploads left that were cut off with the process before."""
        if not self._swept:
            sweep(self._library)
        self._swept = True

    def _index_samples(self) -> None:
        folder = self._library.settings.samples_dir
        if not folder.is_dir() or self._library.records.note("samples"):
            return
        inner = [path for path in sorted(folder.iterdir()) if path.name != QUERIES]
        sources = [source for path in inner if path.is_dir() for source in find_sources([path])]
        if sources:
            self._index(sources, "Indexing the sample pictures")
            self._library.records.note("samples", {"indexed": str(time.time())})

    def _install_models(self) -> None:
        installs = self._library.installs
        for name in installs.pending():
            self._install(name)
            self._refresh()
            self._complete()
        if sentences := installs.problems():
            raise ExportFailed(" ".join(sentences))

    def _install_at_hand(self) -> None:
        """First of all: what needs no download takes seconds, and sees the samples at once."""
        for name in self._library.installs.at_hand():
            self._install(name)
            self._refresh()

    def _install(self, name: str) -> None:
        installs = self._library.installs
        title = CATALOGUE[name].title

        def advance(stage: str) -> None:
            installs.advance(name, stage)
            self._publish(
                working=f"Installing {title}: {stage}", models=tuple(self._library.models())
            )

        try:
            self._installation = Installation(name, "imagenet", self._library.settings.models_dir)
            advance("starting")
            self._installation.run(advance)
            installs.forget(name)
        except InstallCancelled:
            installs.decline(name)
        except WeightsUnavailable:
            installs.fail(name, NO_WEIGHTS)
        except ExportFailed as error:
            installs.fail(name, str(error))
        finally:
            self._installation = None

    def _complete(self) -> None:
        state = (self.status.pictures, self.status.coverage)
        if state == self._examined or self._library.is_indexing:
            return  # looking takes a while with many pictures; what is being added is not missing
        missing = self._library.incomplete()
        readable = [source for source in missing if source.path not in self._unreadable]
        if readable:
            self._index(readable, "Indexing")
        self._examined = (self.status.pictures, self.status.coverage)
        lost = sum(source.path in self._unreadable for source in missing)
        self._problems.pop("lost", None)
        if lost:
            self._problems["lost"] = (
                f"{lost} picture{'s' if lost > 1 else ''} can't be embedded because the original "
                "is gone or damaged; `python -m searcher doctor` lists them."
            )

    def _index(self, sources: list[Source], what: str) -> None:
        def progress(done: int) -> None:
            self._publish(working=f"{what}: {done} of {len(sources)}")
            if done % 64 == 0:
                self._refresh()

        progress(0)
        report = self._library.ingest(sources, progress)
        self._unreadable.update(path for path, _ in report.skipped)
        self._refresh()

    def _measure(self) -> None:
        known = dict(self.status.speeds)
        for model in self.status.ready:
            with contextlib.suppress(ModelNotReady):  # removed a moment ago
                known[model.name] = self._library.milliseconds(model.name)
        self._publish(speeds=tuple(known.items()))

    def _publish(self, **changes: object) -> None:
        problems = tuple(dict.fromkeys(self._problems.values()))
        can_retry = "install" in self._problems and not self._library.settings.read_only
        current = {**self.status.__dict__, **changes}
        models: tuple[Model, ...] = current["models"]
        broken = tuple(model.reason for model in models if model.state == "broken")
        self.status = Status(**current | {"problems": problems + broken, "can_retry": can_retry})
