"""How long each model takes for one picture, measured while nothing else goes on."""

import os
import platform
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import onnxruntime

from searcher.errors import ModelNotReady, StrangeStores
from searcher.file_locks import exclusive
from searcher.indexing.priority import PriorityGate
from searcher.library.identity import Identity
from searcher.models.registry import Model, ModelRegistry
from searcher.stores.records import RecordStore


class Speeds:
    """The speeds on this machine, kept in Redis. Safe to use from several threads.

    Indexing or searching makes a model ten times as slow. So only who is idle measures, and what
    was disturbed is discarded. Every method raises StoreUnavailable.
    """

    def __init__(
        self,
        records: RecordStore,
        registry: ModelRegistry,
        identity: Identity,
        priority: PriorityGate,
        lock: Path,
    ) -> None:
        """Measure nothing yet.

        Args:
            records: Keep the speeds.
            registry: Of the models.
            identity: Of the stores: a stranger's keep nothing.
            priority: Says what goes on in this process.
            lock: A file that indexing runs of all processes have locked.
        """
        self._records = records
        self._registry = registry
        self._identity = identity
        self._priority = priority
        self._lock_file = lock
        self._requested: set[str] = set()  # collections whose models are to be measured again
        self._lock = threading.Lock()  # of these

    def get(self, model: Model) -> float | None:
        """Milliseconds for one picture; None where they were not measured on this machine."""
        note = self._records.note(_key(model))
        # Earlier versions kept what was measured in the middle of indexing, and no machine.
        return float(note["ms"]) if note.get("machine") == _machine() else None

    def request(self, models: Iterable[Model]) -> None:
        """Have models measured again, whatever is kept of them."""
        with self._lock:
            self._requested.update(model.collection.name for model in models)

    def measure(
        self, models: Iterable[Model], is_stopped: Callable[[], bool] = lambda: False
    ) -> dict[str, float]:
        """Measure what was not yet, or is to be again; return all speeds, by name.

        Where something goes on, what is missing stays so until the next call.
        """
        speeds: dict[str, float] = {}
        for model in models:
            with self._lock:
                is_requested = model.collection.name in self._requested
            milliseconds = self.get(model)
            if (milliseconds is None or is_requested) and not is_stopped():
                milliseconds = self._measure(model) or milliseconds
            if milliseconds is not None:
                speeds[model.name] = milliseconds
        return speeds

    def _measure(self, model: Model) -> float | None:
        activity = self._priority.activity()
        if activity is None:
            return None
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(self._lock_file) as is_alone:
            if not is_alone:
                return None
            try:
                # Only now, as another model may have to go from memory for it.
                _, embedder = self._registry.load(model.name)
            except ModelNotReady:
                return None  # removed a moment ago
            milliseconds = round(embedder.milliseconds(), 2)
        if self._priority.activity() != activity:
            return None
        with self._lock:
            self._requested.discard(model.collection.name)
        try:
            self._identity.require(vectors=False)
        except StrangeStores:
            return milliseconds
        values = {"ms": f"{milliseconds:.2f}", "machine": _machine()}
        self._records.note(_key(model), values)
        return milliseconds


def _key(model: Model) -> str:
    """A changed file has another collection, and so another speed."""
    return f"speed:{platform.node()}:{model.collection.name}"


def _machine() -> str:
    """Changes with what decides how fast a network is."""
    return f"{platform.machine()} x {os.cpu_count()}, onnxruntime {onnxruntime.__version__}"
