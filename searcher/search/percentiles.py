"""Percentiles of distances: the share of random pairs of pictures that are further apart.

Distances of two models are not comparable; their percentiles are.
"""

import json
import time

import numpy as np

from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray

SAMPLE = 400  # pictures; all pairs among them are 79,800
MIN_PAIRS = 10  # fewer give no percentiles
QUANTILES = np.linspace(0, 1, 1001)
GROWTH = 1.2  # sampled again when the collection has grown or shrunk by this factor
SEED = 0
RECHECK_S = 60.0  # seconds after which pictures that other processes added are counted
MAX_DRAWS = 4  # times SAMPLE: the most pictures that are looked up for a sample


class Percentiles:
    """The percentiles of one collection's distances."""

    def __init__(self, quantiles: FloatArray) -> None:
        """Look percentiles up in quantiles.

        Args:
            quantiles: Distances [1001] below which 0 to 100 % of random pairs lie, in steps of
                0.1 %; empty where there are too few pairs.
        """
        self._quantiles = quantiles

    def percentile(self, distance: float) -> float | None:
        """Return the percentile of a distance.

        Args:
            distance: Euclidean distance between two unit vectors.

        Returns:
            The share of random pairs that are further apart, 0 to 1; None without quantiles.
        """
        if not len(self._quantiles):
            return None
        below = np.searchsorted(self._quantiles, distance, side="right")
        return float(1 - below / len(self._quantiles))


class PercentileCache:
    """The percentiles of each collection, in memory; stored in Redis for the next process.

    Safe to use from several threads: at worst two of them sample at once.
    """

    def __init__(self, records: RecordStore, vectors: VectorStore) -> None:
        self._records = records
        self._vectors = vectors
        self._entries: dict[str, tuple[float, Percentiles]] = {}  # by collection, with its expiry

    def get(self, collection: Collection) -> Percentiles:
        """Return a collection's percentiles, sampled again where its size has changed a lot.

        Its size is checked every RECHECK_S seconds and after `invalidate`; other calls ask no
        store.

        Raises:
            StoreUnavailable: A store does not answer.
        """
        expiry, cached = self._entries.get(collection.name, (0.0, None))
        if cached is None or time.monotonic() > expiry:
            cached = self._load(collection)
            self._entries[collection.name] = time.monotonic() + RECHECK_S, cached
        return cached

    def invalidate(self) -> None:
        """Check the sizes of collections at the next call: this process has changed some."""
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
        values = json.dumps([round(float(value), 5) for value in quantiles])
        self._records.note(key, {"count": str(count), "quantiles": values})
        return Percentiles(quantiles.astype(np.float32))

    def _sample(self, collection: Collection, count: int) -> FloatArray:
        """Return the vectors [N, D] of up to SAMPLE pictures, the same at each call."""
        if count <= SAMPLE:
            return self._vectors.fetch(collection, self._vectors.ids(collection))
        # Listing all ids would take time in proportion to their number.
        pictures = self._records.count()
        # Where coverage is low, only some of the pictures drawn have a vector.
        draws = min(pictures, SAMPLE * min(MAX_DRAWS, -(-pictures // count)))
        positions = np.random.default_rng(SEED).choice(pictures, draws, replace=False)
        ids = self._records.at(positions.tolist())
        present = self._vectors.present(collection, ids)
        return self._vectors.fetch(collection, [i for i in ids if i in present][:SAMPLE])


def pair_distances(unit: FloatArray) -> FloatArray:
    """Return the Euclidean distances of all pairs of vectors.

    Args:
        unit: Vectors of unit length [N, D].

    Returns:
        float32 [N (N - 1) / 2].
    """
    rows, columns = np.triu_indices(len(unit), k=1)
    cosines = (unit @ unit.T)[rows, columns]
    distances: FloatArray = np.sqrt(np.maximum(0, 2 - 2 * cosines), dtype=np.float32)
    return distances
