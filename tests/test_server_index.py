"""The index of a collection on a standalone Milvus: exact while it is small, HNSW beyond."""

import numpy as np
import pytest
from pymilvus import MilvusClient

from searcher.evaluation.index_recall import EFS, IndexSample, recall_by_ef
from searcher.search.filters import parse_filter
from searcher.stores.collection import FLAT, HNSW, Index
from searcher.stores.fields import Fields
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.milvus import MilvusServer
from tests.servers import wait_for

pytestmark = pytest.mark.milvus_server
K = 10


def features(count: int, dim: int) -> np.ndarray:
    """Unit vectors in groups, non-negative, as pooled features are."""
    generator = np.random.default_rng(0)
    groups = generator.standard_normal((30, dim))
    values = groups[generator.integers(0, 30, count)] + generator.standard_normal((count, dim))
    positive = np.maximum(values, 0).astype(np.float32)
    return positive / np.linalg.norm(positive, axis=1, keepdims=True)


def recall(
    store: VectorStore, collection: Collection, stored: np.ndarray, height: int = 1
) -> float:
    """The share of the exact nearest that are found, over some queries.

    With `height` only vectors are searched whose picture has at least that height: one in that
    number.
    """
    queries = features(len(stored) + 40, stored.shape[1])[len(stored) :]
    ids = np.array([i for i in range(1, len(stored) + 1) if describe(i).height >= height])
    where = parse_filter(f'height >= {height} and name like "\\"%"') if height > 1 else ""
    hits = 0
    for query in queries:
        nearest = ids[np.argsort(np.linalg.norm(stored[ids - 1] - query, axis=1))[:K]]
        hits += len({*nearest} & {i for i, _ in store.search(collection, query, K, where)})
    return hits / (K * len(queries))


def describe(picture_id: int) -> Fields:
    """A hundredth of the pictures are 100 high, and a half at least 2."""
    height = 100 if picture_id % 100 == 0 else 2 - picture_id % 2
    return Fields(name=f'"{picture_id}"', height=height)


@pytest.mark.parametrize("index", [FLAT, HNSW])
def test_large_collections_are_found_in(milvus_server: MilvusServer, index: Index) -> None:
    store = VectorStore(lambda: milvus_server.uri, index=index)
    collection = Collection(f"large_{index.build['index_type']}", 64)
    stored = features(6000, 64)
    for start in range(0, len(stored), 1000):
        part = range(start + 1, start + 1001)
        fields = {picture_id: describe(picture_id) for picture_id in part}
        store.upsert(collection, part, stored[start : start + 1000], fields)
    assert recall(store, collection, stored) == 1  # nothing is sealed yet
    store.flush(collection)
    client = MilvusClient(milvus_server.uri)

    def built() -> bool:
        state = client.describe_index(collection.name, "embedding")
        assert state["index_type"] == index.build["index_type"]
        return int(state["indexed_rows"]) == len(stored)

    wait_for(built, 120, "the index")
    for height in (1, 2, 100):
        assert recall(store, collection, stored, height) >= (1 if index is FLAT else 0.98)

    if index is HNSW:
        points = recall_by_ef(store, collection)
        assert [point.ef for point in points] == list(EFS)
        assert 0.9 < points[0].recall <= points[-1].recall > 0.99
        sample = IndexSample(store, collection)  # the queries behind these numbers
        nearest, _ = sample.search(EFS[0])
        pairs = zip(sample.truth, nearest, strict=True)
        missed = sum(len({*true} - {*near}) for true, near in pairs)
        # Milvus may find another of two that are nearly as near, from one search to the next.
        assert points[0].recall == pytest.approx(1 - missed / (K * len(sample.ids)), abs=0.01)
        assert store.index_state(collection) == ("HNSW", len(stored))

    # What is added now is found at once, here and from another process' connection.
    new = features(6001, 64)[-1:]
    store.upsert(collection, [9999], new)
    assert store.search(collection, new[0], 1) == [(9999, pytest.approx(0, abs=1e-3))]
    other = VectorStore(lambda: milvus_server.uri, index=index)
    wait_for(lambda: other.search(collection, new[0], 1)[0][0] == 9999, what="the other one")
    store.drop(collection.name)
    for resource in (client, store, other):
        resource.close()


def test_a_small_collection_is_searched_exactly(milvus_server: MilvusServer) -> None:
    store = VectorStore(lambda: milvus_server.uri, index=HNSW)
    collection = Collection("small", 64)
    stored = features(900, 64)
    store.upsert(collection, range(1, 901), stored)
    store.flush(collection)
    assert recall(store, collection, stored) == 1
    store.drop(collection.name)
    store.close()
