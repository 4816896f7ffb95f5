"""Percentiles of distances: the share of random queries and pictures that are further apart.

Distances of two models are not comparable, nor are those of words and of pictures; their
percentiles are. The random queries have the same signature as the query: pictures of the library
stand for pictures, ordinary phrases for words.
"""

import json
import time
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from searcher.models.embedder import BATCH
from searcher.models.registry import Model, ModelRegistry
from searcher.models.text_embedder import TextEmbedder
from searcher.search.phrases import PHRASES
from searcher.search.random_distances import random_distances
from searcher.search.signature import PICTURE, TEXT, Signature
from searcher.stores.forms import Form
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray

SAMPLE = 400  # pictures; all pairs among them are 79,800
MIN_PICTURES = 5  # fewer give no percentiles
QUANTILES = np.linspace(0, 1, 1001)
GROWTH = 1.2  # sampled again when the collection has grown or shrunk by this factor
SEED = 0
RECHECK_S = 60.0  # seconds after which pictures that other processes added are counted
MAX_ENTRIES = 256  # in memory, of 4 kB; then the older half is dropped
NOTES = {PICTURE: "pairs", TEXT: "texts"}  # signatures whose quantiles are stored, and their keys
PROBE = 16  # leading values of a text's vector that tell text files apart
PROBE_TOLERANCE = 5e-3  # the same file gives slightly other values on other machines
MAX_DRAWS = 4  # times SAMPLE: the most pictures that are looked up for a sample


class Percentiles:
    """The percentiles of one collection's distances to queries of one signature."""

    def __init__(self, quantiles: FloatArray) -> None:
        """Look percentiles up in quantiles.

        Args:
            quantiles: Distances [1001] below which 0 to 100 % of random pairs lie, in steps of
                0.1 %; empty where there are too few pictures.
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
    """Percentiles by collection and signature, in memory.

    Those of one picture or one text are stored in Redis for the next process as well. Safe to use
    from several threads: at worst two of them sample at once.
    """

    def __init__(self, registry: ModelRegistry, records: RecordStore, vectors: VectorStore) -> None:
        self._registry = registry
        self._records = records
        self._vectors = vectors
        # With their expiry.
        self._entries: dict[tuple[str, Signature], tuple[float, Percentiles]] = {}
        self._phrases: WeakKeyDictionary[TextEmbedder, FloatArray] = WeakKeyDictionary()

    def get(self, model: Model, signature: Signature) -> Percentiles:
        """Return percentiles, sampled again where the size of the collection has changed a lot.

        The size is checked every RECHECK_S seconds and after `invalidate`; other calls ask no
        store.

        Raises:
            ModelNotReady: The signature has words, which the model can't see.
            StoreUnavailable: A store does not answer.
        """
        key = model.collection.name, signature
        expiry, cached = self._entries.get(key, (0.0, None))
        if cached is None or time.monotonic() > expiry:
            cached = self._load(model, signature)
            if len(self._entries) >= MAX_ENTRIES:
                self._entries = dict(list(self._entries.items())[MAX_ENTRIES // 2 :])
            self._entries[key] = time.monotonic() + RECHECK_S, cached
        return cached

    def invalidate(self) -> None:
        """Check the sizes of collections at the next call: this process has changed some."""
        self._entries.clear()

    def _load(self, model: Model, signature: Signature) -> Percentiles:
        collection = model.collection
        has_words = any(kind == "text" for kind, _ in signature)
        embedder = self._registry.load_text(model.name) if has_words else None
        probe = embedder.embed_text(PHRASES[0])[:PROBE].tolist() if embedder else []
        count = self._vectors.count(collection)
        key = f"{NOTES[signature]}:{collection.name}" if signature in NOTES else ""
        stored = self._records.note(key) if key else {}
        form = self._vectors.form(collection)
        is_same_form = stored.get("form", "") == _form_name(form)
        if stored and is_same_form and _is_current(stored, count, probe):
            return Percentiles(np.array(json.loads(stored["quantiles"]), dtype=np.float32))
        distances = self._distances(collection, count, signature, embedder, form)
        quantiles = np.quantile(distances, QUANTILES) if len(distances) else np.empty(0)
        if key:
            values = json.dumps([round(float(value), 5) for value in quantiles])
            note = {"count": str(count), "quantiles": values, "probe": json.dumps(probe)}
            note["form"] = _form_name(form)
            self._records.note(key, note)
        return Percentiles(quantiles.astype(np.float32))

    def _distances(
        self,
        collection: Collection,
        count: int,
        signature: Signature,
        embedder: TextEmbedder | None,
        form: Form,
    ) -> FloatArray:
        """Return the distances of random queries; none where there are too few pictures."""
        pools = {"picture": self._sample(collection, count)}
        if len(pools["picture"]) < MIN_PICTURES:
            return np.empty(0, dtype=np.float32)
        if embedder:
            pools["text"] = form.rounded(self._embedded_phrases(embedder))
        return random_distances(signature, pools)

    def _embedded_phrases(self, embedder: TextEmbedder) -> FloatArray:
        """Return the vectors [N, D] of the phrases, computed once for a network in memory."""
        vectors = self._phrases.get(embedder)
        if vectors is None:
            starts = range(0, len(PHRASES), BATCH)
            vectors = np.concatenate([embedder.embed_texts(PHRASES[i : i + BATCH]) for i in starts])
            self._phrases[embedder] = vectors
        return vectors

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


def _form_name(form: Form) -> str:
    """Return the name of the variant of shrunken vectors, "" of full ones."""
    return "" if form.variant.is_full else form.variant.name


def _is_current(stored: Mapping[str, str], count: int, probe: Sequence[float]) -> bool:
    """Whether stored quantiles are those of a collection of this size, and of this text file."""
    if not 1 / GROWTH <= int(stored["count"]) / max(count, 1) <= GROWTH:
        return False
    former = json.loads(stored.get("probe", "[]"))
    return len(former) == len(probe) and np.allclose(former, probe, rtol=0, atol=PROBE_TOLERANCE)
