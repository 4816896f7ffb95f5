"""Maps of the library: where a model's vectors are, in two dimensions."""

import heapq
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from searcher.library.core import Library
from searcher.metrics.projection import PCA, Projection, project

MAX_POINTS = 5000
CACHE_SIZE = 8  # maps; one of 5,000 points takes 100 kB


@dataclass(frozen=True)
class Map:
    """One model's map: `ids` are the pictures of the projection's rows, `total` all there are."""

    title: str
    ids: list[int]
    total: int
    projection: Projection


class Maps:
    """Makes maps and keeps the latest ones. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._cache: OrderedDict[tuple[str, int, int, str], Map] = OrderedDict()
        self._lock = threading.Lock()  # of the cache; not held while a map is made

    def of(self, name: str, method: str = PCA) -> Map:
        """Return a model's map; of a large library one of MAX_POINTS pictures.

        It is kept until the number of vectors or the latest picture changes. Raises ModelNotReady,
        StoreUnavailable.
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
        # Ids are hashes of the pictures, so the smallest are a random sample, the same one
        # every time and of every model: a picture is on both maps or on none.
        ids = heapq.nsmallest(MAX_POINTS, library.vectors.ids(collection))
        vectors = library.vectors.fetch(collection, ids)
        present = vectors.any(axis=1)  # one that was removed in between comes back as zeros
        ids = [ids[row] for row in np.flatnonzero(present)]
        result = Map(model.display, ids, total, project(vectors[present], method))
        with self._lock:
            self._cache[key] = result
            while len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return result
