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
    kind, indexed = vectors.index_state(collection)
    if kind != HNSW.build["index_type"]:
        raise NotAllowed("shrink.exact", model=model.display)
    with library.priority.query():
        points = recall_by_ef(vectors, collection, asking(is_stopped, progress))
    return IndexRecall(model, vectors.count(collection), indexed, HNSW.search["ef"], points)


def recall_by_ef(
    vectors: VectorReader, collection: Collection, advance: Progress = lambda share: None
) -> list[EfPoint]:
    """Search for stored vectors with each of EFS, and compare with brute force.

    `advance` is called with the completed share, 0 to 1, and may raise to end early.
    """
    ids = vectors.ids(collection)
    chosen = random.Random(SEED).sample(ids, min(QUERIES, len(ids)))
    queries = vectors.fetch(collection, chosen)
    truth: list[list[tuple[float, int]]] = [[] for _ in chosen]
    for start in range(0, len(ids), BLOCK):
        advance(READING_SHARE * start / len(ids))
        block = ids[start : start + BLOCK]
        similarity = queries @ vectors.fetch(collection, block).T
        for row, line in enumerate(similarity):
            best = np.argsort(-line, kind="stable")[: K + 1]
            others = [(float(line[i]), block[i]) for i in best if block[i] != chosen[row]]
            truth[row] = heapq.nlargest(K, truth[row] + others)
    expected = max(1, sum(map(len, truth)))
    for query in queries[:WARM_UP]:
        vectors.search(collection, query, K + 1)
    points = []
    for number, ef in enumerate(EFS):
        advance(READING_SHARE + (1 - READING_SHARE) * number / len(EFS))
        found, seconds = 0, 0.0
        for picture_id, query, nearest in zip(chosen, queries, truth, strict=True):
            start_s = time.perf_counter()
            hits = vectors.search(collection, query, K + 1, ef=ef)
            seconds += time.perf_counter() - start_s
            others_found = [i for i, _ in hits if i != picture_id][:K]
            found += len({i for _, i in nearest}.intersection(others_found))
        points.append(EfPoint(ef, found / expected, seconds / max(1, len(chosen)) * 1000))
    return points
