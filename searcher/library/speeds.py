"""Speed of each model, measured while nothing else is running."""

import platform
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from searcher.cores import cores
from searcher.errors import ModelNotReady, StrangeStores
from searcher.file_locks import exclusive
from searcher.indexing.priority import PriorityGate
from searcher.library.identity import Identity
from searcher.models.providers import device, preferred
from searcher.models.registry import Model, ModelRegistry
from searcher.stores.records import RecordStore


@dataclass(frozen=True)
class Speed:
    """Milliseconds for one picture, and where the model runs, such as `CPU` or `CUDA`."""

    ms: float
    device: str


class Speeds:
    """The speeds on this machine, stored in Redis. Safe to use from several threads.

    Indexing or searching makes a model ten times as slow. So speeds are measured only while neither
    is running, and a measurement during which one started is discarded. Methods raise
    StoreUnavailable where Redis does not answer.
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
            records: Redis, which stores the speeds.
            registry: The models.
            identity: Whether Redis is this library's; otherwise speeds are not stored.
            priority: The searches and indexing runs of this process.
            lock: The path of the file that indexing runs of all processes lock.
        """
        self._records = records
        self._registry = registry
        self._identity = identity
        self._priority = priority
        self._lock_file = lock
        self._requested: set[str] = set()  # collections whose models are to be measured again
        self._lock = threading.Lock()  # guards the line above

    def get(self, model: Model) -> Speed | None:
        """Return a model's speed; None if it was not measured on this machine."""
        note = self._records.note(_key(model))
        # Earlier versions stored measurements made during indexing, and no machine.
        if note.get("machine") != _machine():
            return None
        return Speed(float(note["ms"]), note.get("device") or device(preferred(True)[0][0]))

    def request(self, models: Iterable[Model]) -> None:
        """Request that models are measured again."""
        with self._lock:
            self._requested.update(model.collection.name for model in models)

    def measure(
        self, models: Iterable[Model], is_stopped: Callable[[], bool] = lambda: False
    ) -> dict[str, Speed]:
        """Measure models without a speed, and those that `request` was called for.

        Nothing is measured while a search or an indexing run is active.

        Args:
            models: Ready models; those without a network are left out.
            is_stopped: Whether to measure no further model.

        Returns:
            The speeds by model; models without one are left out.
        """
        speeds: dict[str, Speed] = {}
        for model in (model for model in models if model.embeds):
            with self._lock:
                is_requested = model.collection.name in self._requested
            speed = self.get(model)
            if (speed is None or is_requested) and not is_stopped():
                speed = self._measure(model) or speed
            if speed is not None:
                speeds[model.name] = speed
        return speeds

    def _measure(self, model: Model) -> Speed | None:
        activity = self._priority.activity()
        if activity is None:
            return None
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(self._lock_file) as is_alone:
            if not is_alone:
                return None
            try:
                # As late as possible: loading may evict another model from memory.
                _, embedder = self._registry.load(model.name)
            except ModelNotReady:
                return None  # removed a moment ago
            speed = Speed(round(embedder.milliseconds(), 2), embedder.device)
        if self._priority.activity() != activity:
            return None
        with self._lock:
            self._requested.discard(model.collection.name)
        try:
            self._identity.require(vectors=False)
        except StrangeStores:
            return speed
        values = {"ms": f"{speed.ms:.2f}", "machine": _machine(), "device": speed.device}
        self._records.note(_key(model), values)
        return speed


def _key(model: Model) -> str:
    """Return the name of a model's note; that of a changed file is another one."""
    return f"speed:{platform.node()}:{model.collection.name}"


def _machine() -> str:
    """Describe what a network's speed depends on."""
    providers = [device(name) for name, _ in preferred(True)[:-1]]  # the last is the CPU
    runtime = ", ".join([f"onnxruntime {onnxruntime.__version__}", *providers])
    return f"{platform.machine()} x {cores()}, {runtime}"
