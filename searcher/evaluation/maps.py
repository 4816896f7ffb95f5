"""Maps of the library: a model's vectors, projected on two dimensions."""

import heapq
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from searcher.library.core import Library
from searcher.metrics.projection import PCA, Projection, project

MAX_POINTS = 5000
CACHE_SIZE = 8  # maps; each takes 100 kB at 5,000 points


@dataclass(frozen=True)
class Map:
    """One model's map: `ids` of the pictures in the projection's rows, `total` vectors in all."""

    title: str
    ids: list[int]
    total: int
    projection: Projection


class Maps:
    """Makes maps and caches the latest ones. Thread-safe."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._cache: OrderedDict[tuple[str, int, int, str], Map] = OrderedDict()
        self._lock = threading.Lock()  # of the cache; not held while a map is made

    def of(self, name: str, method: str = PCA) -> Map:
        """Return a model's map, cached until the number of vectors or the latest picture changes.

        Args:
            name: The model's name.
            method: One of `projection.methods()`.

        Returns:
            A map of up to MAX_POINTS pictures: of a larger library, a random sample.

        Raises:
            ModelNotReady: The model is not ready.
            StoreUnavailable: Redis or Milvus does not answer.
        """
        with self._library.priority.query():
            return self._of(self._library, name, method)

    def _of(self, library: Library, name: str, method: str) -> Map:
        model = library.registry.get(name)
        collection = model.collection
        total = library.vectors.count(collection)
        newest = next((record.id for record in library.records.newest(0, 1)), 0)
        key = (collection.name, total, newest, method)
        with self._lock:
            if key in self._cache:
                return self._cache[key]
        # Ids are hashes of the pictures, so the smallest ones are a random sample. It is the same
        # for every model, so that a picture is on all maps or on none.
        ids = heapq.nsmallest(MAX_POINTS, library.vectors.ids(collection))
        vectors = library.vectors.fetch(collection, ids)
        present = vectors.any(axis=1)  # vectors removed in between are returned as zeros
        ids = [ids[row] for row in np.flatnonzero(present)]
        result = Map(model.display, ids, total, project(vectors[present], method))
        with self._lock:
            self._cache[key] = result
            while len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return result
