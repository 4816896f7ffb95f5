"""Vectors in Milvus: one suite for the private server and for others over the network."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.servers import wait_for
from tests.vectors import unit


def test_nearest_first_with_true_euclidean_distances(vectors: VectorStore) -> None:
    collection, stored = Collection("t_a", 32), unit(100, 32)
    vectors.upsert(collection, list(range(1, 101)), stored)
    query = unit(1, 32, seed=9)[0]
    expected = np.linalg.norm(stored - query, axis=1)
    hits = vectors.search(collection, query, 10)
    assert [i for i, _ in hits] == list(np.argsort(expected)[:10] + 1)
    assert [d for _, d in hits] == pytest.approx(np.sort(expected)[:10], abs=1e-4)


def test_a_short_result_is_the_start_of_a_long_one(vectors: VectorStore) -> None:
    collection = Collection("t_ties", 8)
    # Groups of equal vectors: whatever is cut, ties must be cut the same way.
    vectors.upsert(collection, list(range(1, 41)), unit(4, 8).repeat(10, 0))
    query = unit(1, 8, seed=3)[0]
    longest = vectors.search(collection, query, 40)
    for k in (1, 5, 15, 33):
        assert vectors.search(collection, query, k) == longest[:k]


def test_upserts_replace(vectors: VectorStore) -> None:
    collection = Collection("t_b", 16)
    vectors.upsert(collection, [1, 2], unit(2, 16))
    vectors.upsert(collection, [2, 3], unit(2, 16, seed=1))
    vectors.flush(collection)
    assert vectors.count(collection) == 3
    assert sorted(vectors.ids(collection)) == [1, 2, 3]
    assert vectors.present(collection, [2, 3, 4]) == {2, 3}
    stored = vectors.get(collection, 2)
    assert stored is not None
    assert stored == pytest.approx(unit(2, 16, seed=1)[0], abs=1e-6)
    assert vectors.get(collection, 99) is None


def test_ids_over_several_pages(vectors: VectorStore) -> None:
    collection = Collection("t_pages", 4)
    ids = list(range(1, 2502))
    vectors.upsert(collection, ids, unit(len(ids), 4))
    assert vectors.present(collection, ids) == set(ids)
    assert sorted(vectors.ids(collection)) == ids


def test_deleted_is_not_found(vectors: VectorStore) -> None:
    collection, stored = Collection("t_c", 16), unit(5, 16)
    vectors.upsert(collection, [1, 2, 3, 4, 5], stored)
    vectors.flush(collection)
    vectors.delete(collection, [3, 77])
    assert vectors.count(collection) == 4
    assert 3 not in [i for i, _ in vectors.search(collection, stored[2], 5)]


def test_an_empty_collection_finds_nothing(vectors: VectorStore) -> None:
    collection = Collection("t_empty", 16)
    assert vectors.count(collection) == 0
    assert vectors.search(collection, unit(1, 16)[0], 5) == []
    assert vectors.ids(collection) == []
    assert vectors.present(collection, [1, 2]) == set()
    assert vectors.get(collection, 1) is None
    assert collection.name not in vectors.names()  # asking makes none


def test_a_collection_dropped_elsewhere_is_made_again(vectors: VectorStore) -> None:
    collection = Collection("t_d", 16)
    vectors.upsert(collection, [1], unit(1, 16))
    other = VectorStore(vectors._connection.address)
    other.drop("t_d")
    other.close()
    assert vectors.count(collection) == 0
    vectors.upsert(collection, [2], unit(1, 16))
    assert vectors.count(collection) == 1


def test_what_a_killed_process_left_half_made_is_finished(vectors: VectorStore) -> None:
    collection, stored = Collection("t_half", 16), unit(3, 16)
    vectors.names()  # starts the server
    client = MilvusClient(vectors._connection.address())
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=16)
    client.create_collection("t_half", schema=schema)  # and then the process was killed
    assert vectors.count(collection) == 0
    assert vectors.search(collection, stored[0], 3) == []
    vectors.upsert(collection, [1, 2, 3], stored)
    assert client.list_indexes("t_half") == ["embedding"]
    client.close()
    assert vectors.count(collection) == 3
    assert [i for i, _ in vectors.search(collection, stored[1], 1)] == [2]


def test_a_collection_can_be_read_while_it_is_made(vectors: VectorStore) -> None:
    done = threading.Event()

    def read(collection: Collection) -> set[int]:
        counts = {vectors.count(collection)}
        while not done.is_set():
            counts.add(len(vectors.present(collection, [1, 2, 3])))
        return counts

    def has_three(collection: Collection) -> bool:
        return vectors.count(collection) == 3

    vectors.names()
    session = vectors._connection._session
    for number in range(5):
        collection = Collection(f"t_race_{number}", 16)
        done.clear()
        with ThreadPoolExecutor(2) as pool:
            readers = [pool.submit(read, collection) for _ in range(2)]
            try:
                vectors.upsert(collection, [1, 2, 3], unit(3, 16))
                wait_for(partial(has_three, collection), what="the vectors")
            finally:
                done.set()
        for reader in readers:
            assert reader.result() <= {0, 3}
    # No thread took the server for unavailable, which would close the shared connection.
    assert vectors._connection._session is session
