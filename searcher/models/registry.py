"""The registry: the model files of a folder, their state, and the networks in memory."""

import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from searcher.errors import ModelNotReady, UnknownModel
from searcher.memory import trim_memory
from searcher.messages.message import Message
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.checks import Check, Checks, Stamp
from searcher.models.embedder import Embedder
from searcher.models.verdicts import Verdicts
from searcher.types import Collection

# Models of the catalogue come first, then other files, then the baselines.
FIRST = tuple(CATALOGUE)
LAST = tuple(BASELINES)


@dataclass(frozen=True)
class Model:
    """A model: its file, or a network of the catalogue that can be installed.

    The `state` of a file is "ready", "broken" or "checking"; for the states of other models see
    installs.py. `reason` says why a model is not ready. Models that are not ready have no sizes and
    no digest; `download` are the megabytes that installing one downloads.
    """

    name: str
    state: str
    reason: Message | None = None
    title: str = ""
    architecture: str = ""
    weights: str = ""
    licence: str = ""
    dim: int = 0
    height: int = 0
    width: int = 0
    megabytes: float = 0.0
    digest: str = ""
    download: float = 0.0

    @property
    def ready(self) -> bool:
        """Whether the model is ready for searches."""
        return self.state == "ready"

    @property
    def untrained(self) -> bool:
        """Whether the model's weights are random."""
        return self.weights.startswith("untrained")

    @property
    def display(self) -> str:
        """The name to show; that of an untrained network says so."""
        title = self.title or self.name
        return f"{title} (untrained)" if self.untrained else title

    @property
    def collection(self) -> Collection:
        """The collection of its vectors, whose name has the digest: a new file gets a new one."""
        # Milvus allows letters, digits and underscores only, and no digit first.
        safe = re.sub(r"\W", "_", self.name, flags=re.ASCII)
        prefix = "_" if safe[:1].isdigit() else ""
        return Collection(f"{prefix}{safe}_{self.digest[:8]}", self.dim)


def by_preference(models: Iterable[Model]) -> list[Model]:
    """Sort models for a first choice, the one that is likely to be best first.

    Trained networks, then the baselines, then untrained networks.
    """
    preferred = ("resnet50", "vgg16", "efficientnet_lite2", "efficientnet_lite0")

    def key(model: Model) -> tuple[bool, bool, int]:
        rank = preferred.index(model.name) if model.name in preferred else len(preferred)
        return model.untrained, model.name in BASELINES, rank

    return sorted(models, key=key)


class ModelRegistry:
    """The models of a folder. Safe to use from several threads."""

    def __init__(self, folder: Path, cache: int, verdicts: Path | None = None) -> None:
        """Load nothing yet.

        Args:
            folder: Of the model files.
            cache: The number of models in memory, those that are being loaded included; the least
                recently used is evicted first. Models that a caller refers to stay in memory.
            verdicts: The folder where verdicts on files are stored, if there is one.
        """
        self.folder = folder
        self.checks = Checks(folder, Verdicts(verdicts))
        self._cache = cache
        self._loaded: OrderedDict[str, Embedder] = OrderedDict()
        # Models that an indexing run holds beyond the cache are not loaded again for a search.
        self._in_use: WeakValueDictionary[tuple[str, Stamp], Embedder] = WeakValueDictionary()
        self._loads: set[str] = set()  # names of the models that are being loaded
        self._lock = threading.Lock()  # guards these three; never held while a file is read
        # Two requests may arrive for a model that neither has loaded. There is one lock a model, so
        # that a loaded model is returned while another one is loaded.
        self._model_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._slots = threading.BoundedSemaphore(cache)

    def models(self) -> list[Model]:
        """Return every model file, working or not, in the order of `sort_key`."""
        checks = [self.checks.begin(name) for name in self.names()]
        return sorted((_model(self.checks.wait(check)) for check in checks if check), key=sort_key)

    def ready(self) -> list[Model]:
        """Return the models that are ready for searches."""
        return [model for model in self.models() if model.ready]

    def get(self, name: str) -> Model:
        """Return a working model.

        Raises:
            ModelNotReady: It is broken or still being checked; the message has the reason.
            UnknownModel: There is no such file.
        """
        return self._look_up(name)[1]

    def load(self, name: str) -> tuple[Model, Embedder]:
        """Return a working model and its network, both of the same state of the file.

        Raises:
            ModelNotReady: It is broken or still being checked; the message has the reason.
            UnknownModel: There is no such file.
        """
        while True:
            stamp, model = self._look_up(name)
            with self._lock:
                model_lock = self._model_locks[name]
            with model_lock:
                embedder = self._embedder(name, stamp)
            if embedder is not None:
                return model, embedder

    def remove(self, name: str) -> None:
        """Delete a model's file and release its memory. Raises OSError."""
        (self.folder / f"{name}.onnx").unlink()
        with self._lock:
            self._loaded.pop(name, None)

    def names(self) -> list[str]:
        """Return the names of all model files, working or not."""
        return self.checks.names()

    def _look_up(self, name: str) -> tuple[Stamp, Model]:
        # Names come from visitors: only a name in the listing becomes a path.
        check = self.checks.begin(name) if name in self.names() else None
        if check is None:
            names = ", ".join(m.name for m in self.ready())
            if not names:
                raise UnknownModel("model.unknown_none_ready", name=name[:80])
            raise UnknownModel("model.unknown_choice", name=name[:80], names=names)
        model = _model(self.checks.wait(check))
        if model.reason:
            raise ModelNotReady.of(model.reason)
        return check.stamp, model

    def _embedder(self, name: str, stamp: Stamp) -> Embedder | None:
        """Return the network of a file in one state; None where the file has changed since."""
        with self._lock:
            embedder = self._in_use.get((name, stamp))
        if embedder is None:
            with self._slots, self._room(name):
                embedder = Embedder(self.folder / f"{name}.onnx")
        if self.checks.stamp(name) != stamp:
            return None
        with self._lock:
            self._in_use[name, stamp] = embedder
            self._loaded[name] = embedder
            self._loaded.move_to_end(name)
        self._evict()
        return embedder

    @contextmanager
    def _room(self, name: str) -> Iterator[None]:
        """Make room in memory for a model, and keep it while the model is loaded."""
        with self._lock:
            self._loads.add(name)
            self._loaded.pop(name, None)  # of an earlier state of the file
        self._evict()
        try:
            yield
        finally:
            with self._lock:
                self._loads.discard(name)

    def _evict(self) -> None:
        """Release the least recently used models beyond the size of the cache."""
        with self._lock:
            surplus = len(self._loaded) + len(self._loads) - self._cache
            for _ in range(surplus):
                self._loaded.popitem(last=False)
        if surplus > 0:
            trim_memory()


def _model(check: Check) -> Model:
    """Return the model that a check describes; its state is "checking" until the check ends."""
    if not check.done.is_set() or not check.digest:
        return Model(check.name, "broken" if check.done.is_set() else "checking", check.reason)
    metadata = check.verdict.metadata
    return Model(
        name=check.name,
        state="ready",
        title=metadata.get("title") or check.name,
        architecture=metadata.get("architecture", ""),
        weights=metadata.get("weights", ""),
        licence=metadata.get("licence", ""),
        dim=check.verdict.dim,
        height=check.verdict.height,
        width=check.verdict.width,
        megabytes=check.stamp.size / 1e6,
        digest=check.digest,
    )


def sort_key(model: Model) -> tuple[int, str]:
    """Return the key by which models are ordered in every list."""
    name = model.name
    if name in LAST:
        return len(FIRST) + 1 + LAST.index(name), name
    return FIRST.index(name) if name in FIRST else len(FIRST), name
