"""One background worker: makes the library whole, step by step, and says how far it is.

It keeps no queue. Each round looks at what is missing (baselines, the sample pictures, models to
install, vectors of a new model) and does that, so that work which was cut off goes on by itself.
"""

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable

from searcher.errors import (
    ExportFailed,
    InstallCancelled,
    ModelNotReady,
    ReadOnly,
    StoreUnavailable,
    StrangeStores,
    TwinlensError,
)
from searcher.export.install import Installation, make_baselines
from searcher.files import cannot_write
from searcher.images.sources import Source, find_sources
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.library.upkeep import put_in_order
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.registry import Model

log = logging.getLogger(__name__)

RECOVERED = "recovered"  # the key of what the stores had to repair
ROUND_S = 3.0
QUERIES = "queries"  # the folder of examples beside the sample pictures; never indexed


class Worker:
    """Runs the rounds in a daemon thread. `status` may be read from anywhere at any time.

    What visitors ask for raises ReadOnly where the settings say so, and StoreUnavailable.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._problems: dict[str, tuple[Message, ...]] = {}
        self._unreadable: set[str] = set()
        self._examined: object = None  # pictures and coverage when all was last looked through
        self._installation: Installation | None = None
        self._listeners: list[Callable[[], None]] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self.status = Status(working=message("work.opening"))

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is under way."""
        self._stop.set()
        self._wake.set()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called by the worker's thread whenever the status has changed."""
        self._listeners.append(listener)

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
        self._library.installs.decline(name)
        installation = self._installation
        if installation is not None and installation.name == name:
            installation.cancel()
        self._wake.set()

    def remove(self, name: str) -> None:
        """Delete a model's file and its vectors. Raises NotAllowed, UnknownModel, CannotWrite."""
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
            raise ReadOnly("library.read_only")

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            # Stores first: without them nothing else can be kept.
            steps: tuple[tuple[str, Callable[[], Iterable[Message] | None]], ...] = (
                ("baselines", self._make_baselines),
                ("library", self._refresh),
                ("order", self._put_in_order),
                ("samples", self._index_samples),
                ("install", self._install_models),
                ("library", self._complete),
                ("speeds", self._measure),
            )
            for name, step in steps:
                if not self._try(name, step):
                    break
            self._publish(working=None)
            self._wake.wait(ROUND_S)

    def _try(self, name: str, step: Callable[[], Iterable[Message] | None]) -> bool:
        """Run a step; keep the problems that it returns or meets.

        Returns:
            False where the round can't go on.
        """
        try:
            problems = tuple(step() or ())
            self._problems.pop(name, None)
            if problems:
                self._problems[name] = problems
        except TwinlensError as error:
            self._problems[name] = (error.message,)
            # A store that is back may have lost its last changes.
            self._library.has_leftovers |= isinstance(error, StoreUnavailable)
            return not isinstance(error, (StoreUnavailable, StrangeStores))
        except OSError as error:
            log.exception("step %s failed", name)
            self._problems[name] = (cannot_write(error).message,)
        except Exception:
            log.exception("step %s failed", name)
            self._problems[name] = (message("work.failed"),)
        return True

    def _make_baselines(self) -> None:
        make_baselines(self._library.settings.models_dir)

    def _refresh(self) -> None:
        models = tuple(self._library.models())
        pictures = self._library.records.count()
        coverage = tuple(self._library.coverage().items())
        self._publish(opened=True, pictures=pictures, models=models, coverage=coverage)

    def _put_in_order(self) -> None:
        recovered = [recovery.message for recovery in self._library.recoveries()]
        self._problems |= {RECOVERED: tuple(recovered)}
        if done := put_in_order(self._library):
            self._problems["damaged"] = (done.problem,) if done.problem else ()
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
            self._library.records.note("samples", {"indexed": str(time.time())})

    def _install_models(self) -> list[Message]:
        installs = self._library.installs
        for name in installs.pending():
            self._install(name)
            self._refresh()
            self._complete()
        return installs.problems()

    def _install(self, name: str) -> None:
        installs = self._library.installs
        title = CATALOGUE[name].title

        def advance(stage: Message) -> None:
            installs.advance(name, stage)
            working = message("work.installing", title=title, stage=stage)
            self._publish(working=working, models=tuple(self._library.models()))

        try:
            self._installation = Installation(name, "imagenet", self._library.settings.models_dir)
            advance(message("install.starting"))
            self._installation.run(advance)
            installs.forget(name)
        except InstallCancelled:
            installs.decline(name)
        except ExportFailed as error:
            installs.fail(name, error.message)
        finally:
            self._installation = None

    def _complete(self) -> None:
        state = (self.status.pictures, self.status.coverage)
        if state == self._examined or self._library.is_indexing:
            return  # looking takes a while with many pictures; what is being added is not missing
        missing = self._library.incomplete()
        readable = [source for source in missing if source.path not in self._unreadable]
        if readable:
            self._index(readable, "work.indexing")
        self._examined = (self.status.pictures, self.status.coverage)
        lost = sum(source.path in self._unreadable for source in missing)
        self._problems.pop("lost", None)
        if lost:
            self._problems["lost"] = (message("work.not_embeddable", n=lost),)

    def _index(self, sources: list[Source], code: str) -> None:
        def progress(done: int) -> None:
            self._publish(working=Message(code, {"done": done, "total": len(sources)}))
            if done % 64 == 0:
                self._refresh()

        progress(0)
        report = self._library.index(sources, progress)
        self._unreadable.update(path for path, _ in report.skipped)
        self._refresh()

    def _measure(self) -> None:
        known = dict(self.status.speeds)
        for model in self.status.ready:
            with contextlib.suppress(ModelNotReady):  # removed a moment ago
                known[model.name] = self._library.milliseconds(model.name)
        self._publish(speeds=tuple(known.items()))

    def _publish(self, **changes: object) -> None:
        kept = itertools.chain.from_iterable(self._problems.values())
        problems = tuple(dict.fromkeys(kept))
        can_retry = "install" in self._problems and not self._library.settings.read_only
        current = {**self.status.__dict__, **changes}
        models: tuple[Model, ...] = current["models"]
        broken = tuple(m.reason for m in models if m.state == "broken" and m.reason)
        status = Status(**current | {"problems": problems + broken, "can_retry": can_retry})
        if status != self.status:
            self.status = status
            for listener in self._listeners:
                listener()
