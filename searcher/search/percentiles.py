"""What a distance means: how many random pairs of pictures are further apart in the same model.

Distances of two models are not comparable; these shares are.
"""

import json

import numpy as np

from searcher.models.registry import Model
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import FloatArray

SAMPLE = 400  # pictures; all pairs among them are 79,800
MIN_PAIRS = 10  # fewer say nothing
QUANTILES = np.linspace(0, 1, 1001)
GROWTH = 1.2  # sampled anew when the collection is a fifth larger or smaller
SEED = 0


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


def percentiles(
    records: RecordStore, vectors: VectorStore, model: Model, count: int
) -> Percentiles:
    """Return a model's percentiles, sampled anew where the collection has changed a lot.

    `count` is how many vectors it has. They are kept in Redis. Raises StoreUnavailable.
    """
    key = f"pairs:{model.collection.name}"
    kept = records.note(key)
    if kept and 1 / GROWTH <= int(kept["count"]) / max(count, 1) <= GROWTH:
        return Percentiles(np.array(json.loads(kept["quantiles"]), dtype=np.float32))
    distances = pair_distances(_sample(vectors, model))
    quantiles = np.quantile(distances, QUANTILES) if len(distances) >= MIN_PAIRS else np.empty(0)
    written = json.dumps([round(float(value), 5) for value in quantiles])
    records.note(key, {"count": str(count), "quantiles": written})
    return Percentiles(quantiles.astype(np.float32))


def pair_distances(unit: FloatArray) -> FloatArray:
    """Euclidean distances of all pairs among unit vectors [N, D]: float32 [N (N - 1) / 2]."""
    rows, columns = np.triu_indices(len(unit), k=1)
    cosines = (unit @ unit.T)[rows, columns]
    distances: FloatArray = np.sqrt(np.maximum(0, 2 - 2 * cosines), dtype=np.float32)
    return distances


def _sample(vectors: VectorStore, model: Model) -> FloatArray:
    ids = vectors.ids(model.collection)
    chosen = np.random.default_rng(SEED).permutation(len(ids))[:SAMPLE]
    return vectors.fetch(model.collection, [ids[i] for i in chosen])
