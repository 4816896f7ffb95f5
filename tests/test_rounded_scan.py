"""Searching with rounded vectors first finds what comparing with all vectors finds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from milvus_lite.engine import collection as lite
from milvus_lite.index.faiss_ivf_flat import FaissIvfFlatIndex
from milvus_lite.search.executor_indexed import execute_search_with_index

from searcher.stores.collection import ONE_LIST
from searcher.stores.private.lite_search_internals import search
from searcher.stores.private.milvus_lite_internals import Server
from searcher.stores.private.rounded_scan import RoundedScan
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.vectors import unit

PARAMS = {"nprobe": 128}
K = 28


class Counted:
    """An index that counts the rows which it compares with."""

    def __init__(self, vectors: Any) -> None:
        self.index = FaissIvfFlatIndex.build(vectors, "L2", {"nlist": 1})
        self.rows: list[int] = []

    def search(self, queries: Any, top_k: int, mask: Any = None, params: Any = None) -> Any:
        self.rows.append(self.index.num_vectors if mask is None else int(mask.sum()))
        return self.index.search(queries, top_k, mask, params)


def clustered(count: int, dim: int, spread: float) -> Any:
    """Unit vectors round some centres, each `spread` away from its own."""
    centres = unit(max(2, count // 40), dim, seed=3)
    vectors = centres.repeat(40, 0)[:count] + spread * unit(count, dim, seed=4)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    "vectors",
    [unit(4000, 64), clustered(4000, 256, 0.4), np.maximum(clustered(4000, 128, 0.8), 0)],
)
def test_few_rows_are_compared_exactly_and_the_hits_are_the_same(vectors: Any) -> None:
    index = Counted(vectors)
    scan = RoundedScan(index, vectors)
    for query in [*vectors[:20], *unit(20, vectors.shape[1], seed=9)]:
        expected = index.index.search(query[None], K, None, PARAMS)
        for mine, theirs in zip(scan.search(query[None], K, None, PARAMS), expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert np.median(index.rows) <= 8 * K


def test_all_rows_are_compared_where_rounding_leaves_doubts() -> None:
    vectors = clustered(4000, 64, 0.001)  # rounding moves them farther than they are apart
    index = Counted(vectors)
    scan = RoundedScan(index, vectors)
    query = vectors[7:8]
    expected = index.index.search(query, 60, None, PARAMS)
    for mine, theirs in zip(scan.search(query, 60, None, PARAMS), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    equal = np.repeat(vectors[:1], 4000, 0)
    scan = RoundedScan(index := Counted(equal), equal)
    assert scan.search(query, K, None, PARAMS)[0].min() >= 0
    assert index.rows[-1] == 4000


def test_conditions_and_many_hits_are_left_to_the_index() -> None:
    vectors = unit(4000, 32)
    scan = RoundedScan(index := Counted(vectors), vectors)
    mask = np.arange(4000) % 2 == 0
    rows, _ = scan.search(vectors[:1], K, mask, PARAMS)
    assert (rows % 2 == 0).all()
    scan.search(vectors[:1], 3000, None, PARAMS)
    assert index.rows == [2000, 4000]


def test_large_segments_are_searched_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searcher.stores.private.rounded_scan.LEAST_BYTES", 0)
    server = Server(tmp_path)
    store = VectorStore(lambda: server.url, index=ONE_LIST)
    collection, vectors = Collection("t_rounded", 48), clustered(2000, 48, 0.6)
    try:
        store.upsert(collection, range(2000), vectors)
        store.flush(collection)
        store.delete(collection, range(0, 40))
        store.upsert(collection, range(40, 60), -vectors[40:60])
        stored = server._db.get_collection("t_rounded")
        stored._wait_for_bg()  # the index; without it distances differ in their last bits
        answers = []
        for function in (execute_search_with_index, search, search):
            monkeypatch.setattr(lite, "execute_search_with_index", function)
            answers.append([store.search(collection, vector, 12) for vector in vectors[:200:7]])
        assert answers[0] == answers[1] == answers[2]
        (segment,) = stored._segment_cache.values()
        assert isinstance(segment.indexes["embedding"], RoundedScan)
    finally:
        store.close()
        server.stop()
