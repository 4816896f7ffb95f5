"""What a distance means: how many random pairs of pictures are further apart in the same model.

Distances of two models are not comparable; these shares are.
"""

import json
import time

import numpy as np

from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray

SAMPLE = 400  # pictures; all pairs among them are 79,800
MIN_PAIRS = 10  # fewer say nothing
QUANTILES = np.linspace(0, 1, 1001)
GROWTH = 1.2  # sampled anew when the collection is a fifth larger or smaller
SEED = 0
RECHECK_S = 60.0  # what other processes add counts after this time
MOST_DRAWS = 4  # times SAMPLE: pictures that are looked up for a sample, at most


class Percentiles:
    """Of one collection: from a distance to the share of random pairs that are further apart."""

    def __init__(self, quantiles: FloatArray) -> None:
        """`quantiles` are the distances below which 0 to 100 % of the pairs lie; may be empty."""
        self._quantiles = quantiles

    def closer_than(self, distance: float) -> float | None:
        """Return the share of random pairs that are further apart, 0 to 1; None if not known."""
        if not len(self._quantiles):
            return None
        below = np.searchsorted(self._quantiles, distance, side="right")
        return float(1 - below / len(self._quantiles))


class PercentileCache:
    """The percentiles of each collection, in memory; kept in Redis for the next process.

    Safe to use from several threads: at worst two of them sample at once.
    """

    def __init__(self, records: RecordStore, vectors: VectorStore) -> None:
        self._records = records
        self._vectors = vectors
        self._entries: dict[str, tuple[float, Percentiles]] = {}  # by collection, with its expiry

    def get(self, collection: Collection) -> Percentiles:
        """Return a collection's percentiles, sampled anew where it has changed a lot.

        Whether it has is asked every RECHECK_S and after `invalidate`; otherwise no store is.
        Raises StoreUnavailable.
        """
        expiry, cached = self._entries.get(collection.name, (0.0, None))
        if cached is None or time.monotonic() > expiry:
            cached = self._load(collection)
            self._entries[collection.name] = time.monotonic() + RECHECK_S, cached
        return cached

    def invalidate(self) -> None:
        """Ask for the sizes of collections once more: this process has changed some."""
        self._entries.clear()

    def _load(self, collection: Collection) -> Percentiles:
        key = f"pairs:{collection.name}"
        count = self._vectors.count(collection)
        stored = self._records.note(key)
        if stored and 1 / GROWTH <= int(stored["count"]) / max(count, 1) <= GROWTH:
            return Percentiles(np.array(json.loads(stored["quantiles"]), dtype=np.float32))
        distances = pair_distances(self._sample(collection, count))
        quantiles = (
            np.quantile(distances, QUANTILES) if len(distances) >= MIN_PAIRS else np.empty(0)
        )
        written = json.dumps([round(float(value), 5) for value in quantiles])
        self._records.note(key, {"count": str(count), "quantiles": written})
        return Percentiles(quantiles.astype(np.float32))

    def _sample(self, collection: Collection, count: int) -> FloatArray:
        """Vectors [N, D] of up to SAMPLE pictures, the same each time."""
        if count <= SAMPLE:
            return self._vectors.fetch(collection, self._vectors.ids(collection))
        # Listing all ids would take longer the more there are.
        pictures = self._records.count()
        # Of a model that has seen few pictures only some of those chosen have a vector.
        chosen = min(pictures, SAMPLE * min(MOST_DRAWS, -(-pictures // count)))
        places = np.random.default_rng(SEED).choice(pictures, chosen, replace=False)
        ids = self._records.at(places.tolist())
        present = self._vectors.present(collection, ids)
        return self._vectors.fetch(collection, [i for i in ids if i in present][:SAMPLE])


def pair_distances(unit: FloatArray) -> FloatArray:
    """Euclidean distances of all pairs among unit vectors [N, D]: float32 [N (N - 1) / 2]."""
    rows, columns = np.triu_indices(len(unit), k=1)
    cosines = (unit @ unit.T)[rows, columns]
    distances: FloatArray = np.sqrt(np.maximum(0, 2 - 2 * cosines), dtype=np.float32)
    return distances
