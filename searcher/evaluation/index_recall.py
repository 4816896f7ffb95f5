"""Recall against latency of a server's HNSW index, on a library's own vectors."""

import heapq
import random
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.errors import NotAllowed
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.variant_sample import SEED, K
from searcher.library.core import Library
from searcher.models.registry import Model
from searcher.stores.collection import HNSW
from searcher.stores.vector_reader import VectorReader
from searcher.types import Collection

# Candidates of a search. Milvus wants at least as many as it returns: 28, of which 10 are used.
EFS = (32, 64, 128, 256, 512)
QUERIES = 100
WARM_UP = 5  # searches before the first that is timed
BLOCK = 4096  # vectors that are read at a time
READING_SHARE = 0.8  # of the time
PREFIX = "ef-"  # of the names of searches


@dataclass(frozen=True)
class EfPoint:
    """What one `ef` gives: recall of the first ten, 0 to 1, and milliseconds of a search."""

    ef: int
    recall: float
    milliseconds: float


@dataclass(frozen=True)
class IndexRecall:
    """The measures of a model's index.

    Attributes:
        model: The model.
        pictures: The number of vectors.
        indexed: The number of these in HNSW; the rest is searched exactly.
        ef: What searches use.
        points: The measures, by rising `ef`.
    """

    model: Model
    pictures: int
    indexed: int
    ef: int
    points: list[EfPoint]

    def document(self) -> dict[str, Any]:
        """The `--json` document of `shrink --ef`."""
        return {
            "model": self.model.name,
            "pictures": self.pictures,
            "indexed": self.indexed,
            "ef": self.ef,
            "points": [
                {"ef": p.ef, "recall": round(p.recall, 4), "ms": round(p.milliseconds, 2)}
                for p in self.points
            ],
        }


def read_ef(name: str) -> int | None:
    """Return the `ef` that a name like ef-64 says; None if it is not one of EFS."""
    return next((ef for ef in EFS if name == f"{PREFIX}{ef}"), None)


def measure_index(
    library: Library,
    name: str,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
) -> IndexRecall:
    """Measure the recall and the time of a model's searches for each `ef` of EFS.

    Args:
        library: The library.
        name: The model's name.
        progress: Called with the completed share, 0 to 1.
        is_stopped: Whether to end early.

    Raises:
        EvaluationStopped: `is_stopped` has become true.
        NotAllowed: Searches are exact: there is no HNSW.
        ModelNotReady: The model is not ready.
        StoreUnavailable: Milvus does not answer.
    """
    model = library.registry.get(name)
    vectors, collection = library.vectors, model.collection
    indexed = indexed_vectors(vectors, model)
    with library.priority.query():
        points = recall_by_ef(vectors, collection, asking(is_stopped, progress))
    return IndexRecall(model, vectors.count(collection), indexed, HNSW.search["ef"], points)


def indexed_vectors(vectors: VectorReader, model: Model) -> int:
    """Return how many of a model's vectors are in HNSW.

    Raises:
        NotAllowed: Searches are exact: there is no HNSW.
        StoreUnavailable: Milvus does not answer.
    """
    kind, indexed = vectors.index_state(model.collection)
    if kind != HNSW.build["index_type"]:
        raise NotAllowed("shrink.exact", model=model.display)
    return indexed


def recall_by_ef(
    vectors: VectorReader, collection: Collection, advance: Progress = lambda share: None
) -> list[EfPoint]:
    """Search for stored vectors with each of EFS, and compare with brute force.

    Args:
        vectors: The store.
        collection: The collection.
        advance: Called with the completed share, 0 to 1; what it raises ends the measurement.
    """
    sample = IndexSample(vectors, collection, lambda share: advance(READING_SHARE * share))
    expected = max(1, sum(map(len, sample.truth)))
    for query in sample.vectors[:WARM_UP]:
        vectors.search(collection, query, K + 1)
    points = []
    for place, ef in enumerate(EFS):
        advance(READING_SHARE + (1 - READING_SHARE) * place / len(EFS))
        nearest, seconds = sample.search(ef)
        found = sum(
            len({*true} & {*near}) for true, near in zip(sample.truth, nearest, strict=True)
        )
        points.append(EfPoint(ef, found / expected, seconds / max(1, len(nearest)) * 1000))
    return points


class IndexSample:
    """Some stored pictures as queries, the same at each call.

    Attributes:
        ids: The queries [Q].
        vectors: Their vectors, float32 [Q, D].
        truth: The K nearest others of each by an exact search, nearest first.
    """

    def __init__(
        self, vectors: VectorReader, collection: Collection, advance: Progress = lambda share: None
    ) -> None:
        """Search exactly; `advance` is called with the completed share of it, 0 to 1."""
        self._store, self._collection = vectors, collection
        ids = vectors.ids(collection)
        self.ids = random.Random(SEED).sample(ids, min(QUERIES, len(ids)))
        self.vectors = vectors.fetch(collection, self.ids)
        best: list[list[tuple[float, int]]] = [[] for _ in self.ids]
        for start in range(0, len(ids), BLOCK):
            advance(start / len(ids))
            block = ids[start : start + BLOCK]
            similarity = self.vectors @ vectors.fetch(collection, block).T
            for row, line in enumerate(similarity):
                first = np.argsort(-line, kind="stable")[: K + 1]
                others = [(float(line[i]), block[i]) for i in first if block[i] != self.ids[row]]
                best[row] = heapq.nlargest(K, best[row] + others)
        self.truth = [[picture_id for _, picture_id in pairs] for pairs in best]

    def search(self, ef: int) -> tuple[list[list[int]], float]:
        """Return the K nearest others that the index finds, and the seconds of all searches."""
        nearest, seconds = [], 0.0
        for picture_id, query in zip(self.ids, self.vectors, strict=True):
            start_s = time.perf_counter()
            hits = self._store.search(self._collection, query, K + 1, ef=ef)
            seconds += time.perf_counter() - start_s
            nearest.append([i for i, _ in hits if i != picture_id][:K])
        return nearest, seconds
