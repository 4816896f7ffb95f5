"""The zoo: what is in models/, whether it works, and the models kept in memory."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from searcher.embedding import Embedder, give_back_memory
from searcher.errors import BrokenModel, ModelNotReady
from searcher.export.catalogue import BASELINES, CATALOGUE
from searcher.stores.schema import Collection

# The article's two come first, then what else can be installed, other files, and the baselines.
FIRST = tuple(CATALOGUE)
LAST = tuple(BASELINES)


@dataclass(frozen=True)
class Model:
    """A model, of which `state` says whether it can be searched with, and `reason` why not.

    Files are "ready" or "broken" (which have only their name and reason); for what is not there,
    see installs.py.
    """

    name: str
    state: str
    reason: str = ""
    title: str = ""
    architecture: str = ""
    weights: str = ""
    licence: str = ""
    dim: int = 0
    height: int = 0
    width: int = 0
    megabytes: float = 0.0
    digest: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be searched with."""
        return self.state == "ready"

    @property
    def untrained(self) -> bool:
        """Whether its weights are random."""
        return self.weights.startswith("untrained")

    @property
    def display(self) -> str:
        """The name to show: nobody may take an untrained network for the real one."""
        title = self.title or self.name
        return f"{title} (untrained)" if self.untrained else title

    @property
    def collection(self) -> Collection:
        """Where its vectors are: bound to the file's content, so a new file starts anew."""
        # Milvus takes letters, digits and underscores only, and no digit first.
        safe = re.sub(r"\W", "_", self.name, flags=re.ASCII)
        prefix = "_" if safe[:1].isdigit() else ""
        return Collection(f"{prefix}{safe}_{self.digest[:8]}", self.dim)


@dataclass(frozen=True)
class _Stamp:
    """Changes whenever the file's content does."""

    modified_ns: int
    size: int
    inode: int


def by_preference(models: Iterable[Model]) -> list[Model]:
    """The best first, as far as can be told without measuring: what a page starts with.

    Trained networks, then the baselines, then what is untrained.
    """
    preferred = ("resnet50", "vgg16", "efficientnet_lite2", "efficientnet_lite0")

    def key(model: Model) -> tuple[bool, bool, int]:
        known = model.name in preferred
        place = preferred.index(model.name) if known else len(preferred)
        return model.untrained, model.name in BASELINES, place

    return sorted(models, key=key)


class Zoo:
    """The models of a folder. Safe to use from several threads."""

    def __init__(self, folder: Path, cache: int) -> None:
        """`cache` is how many loaded models are kept; the least recently used goes first."""
        self.folder = folder
        self._cache = cache
        self._known: dict[str, tuple[_Stamp, Model]] = {}
        self._loaded: OrderedDict[str, Embedder] = OrderedDict()
        # What an indexing run holds beyond the cache is not loaded a second time for a search.
        self._in_use: WeakValueDictionary[tuple[str, _Stamp], Embedder] = WeakValueDictionary()
        # Two requests may arrive for a model that neither has loaded.
        self._lock = threading.Lock()

    def models(self) -> list[Model]:
        """Every model file, working or not, in the order in which they are offered."""
        found = [model for name in self.names() if (model := self._examine(name))]
        return sorted(found, key=place)

    def ready(self) -> list[Model]:
        """The models that can be searched with."""
        return [model for model in self.models() if model.ready]

    def get(self, name: str) -> Model:
        """Return a working model. Raises ModelNotReady with the reason."""
        # Names come from visitors: only one that is in the listing is ever made a path.
        model = self._examine(name) if name in self.names() else None
        if model is None:
            offered = ", ".join(m.name for m in self.ready()) or "none"
            raise ModelNotReady(f"There is no model “{name[:80]}”; ready are: {offered}.")
        if not model.ready:
            raise ModelNotReady(model.reason)
        return model

    def load(self, name: str) -> tuple[Model, Embedder]:
        """Return a working model and its network, both of the same state of the file.

        Raises ModelNotReady with the reason.
        """
        self.get(name)
        with self._lock:
            return self._load(name)

    def remove(self, name: str) -> None:
        """Delete a model's file and let it go from memory. Raises OSError."""
        (self.folder / f"{name}.onnx").unlink()
        with self._lock:
            self._known.pop(name, None)
            self._loaded.pop(name, None)

    def names(self) -> list[str]:
        """The names of all model files, working or not."""
        try:
            return [p.stem for p in self.folder.glob("*.onnx") if not p.name.startswith(".")]
        except OSError:
            return []

    def _examine(self, name: str) -> Model | None:
        stamp = self._stamp(name)
        if stamp is None:
            return None
        known = self._known.get(name)
        if known and known[0] == stamp:
            return known[1]
        with self._lock:
            try:
                model = self._load(name)[0]
            except ModelNotReady as error:
                model = Model(name, "broken", str(error))
                self._known[name] = (stamp, model)
        return model

    def _load(self, name: str) -> tuple[Model, Embedder]:
        stamp = self._stamp(name)
        if stamp is None:
            raise ModelNotReady(f"The file of {name} is gone.")
        known = self._known.get(name)
        model = known[1] if known and known[0] == stamp and known[1].ready else None
        embedder = self._in_use.get((name, stamp))
        if model is None or embedder is None:
            path = self.folder / f"{name}.onnx"
            try:
                digest = model.digest if model else _sha256(path)
                embedder = Embedder(path)
            except OSError as error:
                raise BrokenModel(f"{path.name} can't be read ({error.strerror}).") from error
            model = _describe(name, embedder, digest, stamp.size)
        self._known[name] = (stamp, model)
        self._in_use[name, stamp] = embedder
        self._loaded[name] = embedder
        self._loaded.move_to_end(name)
        if len(self._loaded) > self._cache:
            self._loaded.popitem(last=False)
            give_back_memory()
        return model, embedder

    def _stamp(self, name: str) -> _Stamp | None:
        try:
            status = (self.folder / f"{name}.onnx").stat()
        except OSError:
            return None
        return _Stamp(status.st_mtime_ns, status.st_size, status.st_ino)


def _describe(name: str, embedder: Embedder, digest: str, size: int) -> Model:
    said = embedder.metadata
    return Model(
        name=name,
        state="ready",
        title=said.get("title") or name,
        architecture=said.get("architecture", ""),
        weights=said.get("weights", ""),
        licence=said.get("licence", ""),
        dim=embedder.dim,
        height=embedder.height,
        width=embedder.width,
        megabytes=size / 1e6,
        digest=digest,
    )


def place(model: Model) -> tuple[int, str]:
    """The key by which models are ordered wherever they are listed."""
    name = model.name
    if name in LAST:
        return len(FIRST) + 1 + LAST.index(name), name
    return FIRST.index(name) if name in FIRST else len(FIRST), name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
