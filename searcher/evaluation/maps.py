"""Maps of the library: a model's vectors in two dimensions.

PCA is there at once. t-SNE and the neighbours of each picture take longer: they are made in a
thread that yields to searches, one map after the other, and kept in files.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searcher.errors import TwinlensError
from searcher.evaluation import layout_files
from searcher.evaluation.layout_files import Layout, state_of
from searcher.library.core import Library
from searcher.library.jobs import LIBRARY, JobStopped
from searcher.messages.message import message
from searcher.metrics.nearest_neighbours import Rows, nearest
from searcher.metrics.projection import (
    METHODS,
    MIN_POINTS,
    NEIGHBOURS,
    PCA,
    TSNE,
    Projection,
    pca,
    tsne,
)
from searcher.models.registry import Model

MAX_POINTS = 50_000
MAX_VALUES = 2**26  # of vectors in memory, 256 MB; of over 1,342 dimensions fewer fit
CACHE_SIZE = 8  # maps; each takes up to 4 MB
NEAR_SHARE = 0.4  # of the time that a layout takes: finding the neighbours

log = logging.getLogger(__name__)
Step = Callable[[float], None]


@dataclass(frozen=True)
class Map:
    """One model's map.

    Attributes:
        model: The model's name.
        title: The model's title.
        state: A digest of the pictures on it.
        ids: The pictures in the projection's rows, int64 [N].
        total: The number of vectors in all.
        method: How the projection was made: PCA while t-SNE is being made.
        projection: The positions.
        rows: The neighbours of each picture, int32 [N, NEIGHBOURS]; None until they are known.
        progress: The share of the layout that is done, 0 to 1; None while none is being made.
        is_stopped: Whether none is made until somebody asks for it again.
    """

    model: str
    title: str
    state: str
    ids: npt.NDArray[np.int64]
    total: int
    method: str
    projection: Projection
    rows: Rows | None
    progress: float | None
    is_stopped: bool = False


@dataclass
class _Entry:
    """A collection's state: what is known of its map."""

    model: Model
    state: str
    ids: npt.NDArray[np.int64]
    total: int
    pca: Projection
    rows: Rows | None  # of few pictures, which t-SNE can't place
    layout: Layout | None
    progress: float | None = None
    has_failed: bool = False

    def map(self, method: str, is_stopped: bool = False) -> Map:
        layout = self.layout
        projection = Projection(layout.points, None) if layout and method == TSNE else self.pca
        return Map(
            self.model.name,
            self.model.display,
            self.state,
            self.ids,
            self.total,
            TSNE if projection is not self.pca else PCA,
            projection,
            layout.rows if layout else self.rows,
            None if layout else self.progress,
            is_stopped and method == TSNE and layout is None,
        )


class Maps:
    """Makes maps and caches the latest ones. Thread-safe."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = library.settings.data / "maps"
        self._entries: OrderedDict[tuple[str, int, int], _Entry] = OrderedDict()
        self._queue: deque[_Entry] = deque()
        self._stopped: set[str] = set()  # the models whose map somebody has stopped
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()  # of all of these; not held while a map is made

    def of(self, name: str, method: str = TSNE, again: bool = False) -> Map:
        """Return a model's map as far as it is made, and have the rest made in the background.

        While pictures are being added nothing is made but PCA.

        Args:
            name: The model's name.
            method: PCA or TSNE.
            again: Whether to make it though it was stopped.

        Returns:
            A map of up to MAX_POINTS pictures: of a larger library, a random sample.

        Raises:
            ModelNotReady: The model is not ready.
            StoreUnavailable: Redis or Milvus does not answer.
        """
        entry = self._entry(name, method)
        with self._lock:
            self._stopped -= {name} if again else set()
            is_stopped = name in self._stopped
            if not (is_stopped or self._library.is_indexing) and self._is_due(entry):
                self._enqueue(entry)
        return entry.map(method, is_stopped)

    def make(self, name: str, method: str = TSNE, step: Step = lambda share: None) -> Map:
        """Return a model's map when it is made, in this thread; see `of`.

        Args:
            name: The model's name.
            method: PCA or TSNE.
            step: Called with the share that is done; it may raise, to end early.
        """
        entry = self._entry(name, method)
        if method == TSNE and self._is_due(entry):
            self._make(entry, step)
        return entry.map(method)

    def _entry(self, name: str, method: str) -> _Entry:
        if method not in METHODS:
            raise ValueError(f"{method} is not one of {', '.join(METHODS)}")
        library = self._library
        with library.priority.query():
            model = library.registry.get(name)
            total = library.vectors.count(model.collection)
            newest = next(iter(library.records.ordered(0, 1)), 0)
            key = (model.collection.name, total, newest)
            with self._lock:
                if key in self._entries:
                    self._entries.move_to_end(key)
                    return self._entries[key]
            entry = self._read(model, total)
        with self._lock:
            self._entries[key] = entry
            while len(self._entries) > CACHE_SIZE:
                self._entries.popitem(last=False)
        return entry

    def _read(self, model: Model, total: int) -> _Entry:
        # Ids are hashes of the pictures, so the smallest ones are a random sample. It is the same
        # for every model, so that a picture is on all maps or on none.
        most = min(MAX_POINTS, MAX_VALUES // model.collection.dim)
        listed = self._library.vectors.id_array(model.collection)[:most].tolist()
        vectors = self._library.vectors.fetch(model.collection, listed)
        present = vectors.any(axis=1)  # vectors removed in between are returned as zeros
        ids, vectors = np.array(listed, dtype=np.int64)[present], vectors[present]
        state = state_of(ids)
        layout = layout_files.load(self._folder, model.collection.name, state)
        rows = nearest(vectors, NEIGHBOURS)[0] if NEIGHBOURS < len(ids) < MIN_POINTS else None
        return _Entry(model, state, ids, total, pca(vectors), rows, layout)

    @staticmethod
    def _is_due(entry: _Entry) -> bool:
        return entry.layout is None and not entry.has_failed and len(entry.ids) >= MIN_POINTS

    def _enqueue(self, entry: _Entry) -> None:
        if entry.progress is not None:
            return
        entry.progress = 0.0
        self._queue.append(entry)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="maps", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                entry = self._queue.popleft() if self._queue else None
                if entry is None:
                    self._thread = None
                    return
            try:
                what = message("job.map", title=entry.model.display)
                with self._library.jobs.begin(LIBRARY, what) as job:
                    self._make(entry, job.follow)
            except JobStopped:
                with self._lock:
                    self._stopped.add(entry.model.name)
                if self._library.is_closed:
                    return
            except TwinlensError as error:  # of a store or the disk; the next opening tries again
                log.warning("a map was not made: %s", error)
            except Exception:
                entry.has_failed = True  # and would fail again, each time that the page asks
                log.exception("a map was not made")
            finally:
                entry.progress = None

    def _make(self, entry: _Entry, report: Step) -> None:
        library = self._library

        def step(share: float) -> None:
            if library.is_closed:
                raise JobStopped
            entry.progress = share
            report(share)
            library.priority.yield_to_queries()

        collection = entry.model.collection
        vectors = library.vectors.fetch(collection, entry.ids.tolist())
        rows, _ = nearest(vectors, NEIGHBOURS, lambda share: step(NEAR_SHARE * share))
        del vectors
        points = tsne(
            rows,
            entry.pca.points,
            lambda share: step(NEAR_SHARE + (1 - NEAR_SHARE) * share),
        ).points
        layout = Layout(points, rows)
        current = {model.collection.name for model in library.registry.ready()}
        entry.layout = layout
        layout_files.save(self._folder, collection.name, entry.state, layout, current)
