"""One background worker: makes the library whole, step by step, and says how far it is.

It keeps no queue. Each round looks at what is missing (baselines, the sample pictures, models to
install, vectors of a new model) and does that, so that work which was cut off goes on by itself.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from searcher.errors import ExportFailed, StoreUnavailable, TwinlensError, WeightsUnavailable
from searcher.export.catalogue import CATALOGUE
from searcher.export.install import explain_missing, install, make_baselines
from searcher.library import Library
from searcher.models import Model
from searcher.sources import Source, find_sources

log = logging.getLogger(__name__)

ROUND_S = 3.0
WEIGHTS = "weights"  # why an installation failed: they could not be downloaded
QUERIES = "queries"  # the folder of examples beside the sample pictures; never indexed


@dataclass(frozen=True)
class Status:
    """What the page shows of the library without asking the stores."""

    opened: bool = False
    working: str = ""  # what goes on, empty when idle
    pictures: int = 0
    models: tuple[Model, ...] = ()
    coverage: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()
    can_retry: bool = False

    @property
    def ready(self) -> list[Model]:
        """The models that can be searched with."""
        return [model for model in self.models if model.ready]

    def covered(self, name: str) -> int:
        """How many pictures a model has vectors for."""
        return dict(self.coverage).get(name, 0)


class Worker:
    """Runs the rounds in a daemon thread. `status` may be read from anywhere at any time."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._problems: dict[str, str] = {}
        self._unreadable: set[str] = set()
        self._examined: object = None  # pictures and coverage when all was last looked through
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

    def retry(self) -> None:
        """Try the installations that failed once more."""
        for name in self._library.settings.install:
            self._library.records.note(f"install:{name}", {})
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            # Stores first: without them nothing else can be kept.
            steps: tuple[tuple[str, Callable[[], None]], ...] = (
                ("baselines", self._make_baselines),
                ("library", self._refresh),
                ("samples", self._index_samples),
                ("install", self._install_models),
                ("library", self._complete),
            )
            for name, step in steps:
                if not self._try(name, step):
                    break
            self._publish(working="")
            self._wake.wait(ROUND_S)
            self._wake.clear()

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
                f"A file could not be written ({error.strerror}): check the disk's space and the "
                "permissions of the data and models folders."
            )
        except Exception:
            log.exception("step %s failed", name)
            self._problems[name] = "Background work failed; the log says why. It is tried again."
        return True

    def _make_baselines(self) -> None:
        make_baselines(self._library.settings.models_dir)

    def _refresh(self) -> None:
        models = tuple(self._library.zoo.models())
        pictures = self._library.records.count()
        coverage = tuple(self._library.coverage().items())
        self._publish(opened=True, pictures=pictures, models=models, coverage=coverage)

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
        library = self._library
        present = {model.name for model in library.zoo.models()}
        wanted = [n for n in library.settings.install if n in CATALOGUE and n not in present]
        failed: dict[str, str] = {}
        for name in wanted:
            outcome = library.records.note(f"install:{name}")
            if not outcome:
                # Only a failure is kept: it is not tried again at every start.
                outcome = self._install(name)
                library.records.note(f"install:{name}", outcome)
                self._refresh()
                self._complete()
            if outcome:
                failed[name] = outcome["reason"]
        without_weights = [name for name, reason in failed.items() if reason == WEIGHTS]
        sentences = [reason for reason in failed.values() if reason != WEIGHTS]
        if without_weights:
            sentences.insert(0, explain_missing(without_weights))
        if sentences:
            raise ExportFailed(" ".join(sentences))

    def _install(self, name: str) -> dict[str, str]:
        """Return why it failed; nothing when the model is there."""
        title = CATALOGUE[name].title
        self._publish(working=f"Installing {title}")
        try:
            install(
                name,
                "imagenet",
                self._library.settings.models_dir,
                lambda stage: self._publish(working=f"Installing {title}: {stage}"),
            )
        except WeightsUnavailable:
            return {"reason": WEIGHTS}
        except ExportFailed as error:
            return {"reason": str(error)}
        return {}

    def _complete(self) -> None:
        state = (self.status.pictures, self.status.coverage)
        if state == self._examined:
            return  # looking for what is missing takes a while with many pictures
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

    def _publish(self, **changes: object) -> None:
        problems = tuple(dict.fromkeys(self._problems.values()))
        broken = tuple(m.reason for m in self.status.models if not m.ready)
        can_retry = "install" in self._problems and not self._library.settings.read_only
        current = {**self.status.__dict__, **changes}
        self.status = Status(**current | {"problems": problems + broken, "can_retry": can_retry})
