"""One suite of behaviours for the private servers and for servers over the network."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import StoreUnavailable
from searcher.stores.embedded import EmbeddedStores
from searcher.stores.records import Record, RecordStore
from searcher.stores.schema import Collection
from searcher.stores.vectors import VectorStore
from tests.conftest import SERVER
from tests.milvus import MilvusServer
from tests.servers import answers, free_port, wait_for


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStores]:
    stores = EmbeddedStores(tmp_path_factory.mktemp("stores"))
    yield stores
    stores.release()


@pytest.fixture(scope="module")
def milvus_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Milvus Lite server as a process of its own, reached by MILVUS_URI."""
    port = free_port()
    folder = tmp_path_factory.mktemp("milvus")
    command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
    command += ["--data-dir", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_for(lambda: answers(port), what="milvus-lite server")
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(params=["embedded", "server"])
def records(request: pytest.FixtureRequest) -> Iterator[RecordStore]:
    if request.param == "embedded":
        stores: EmbeddedStores = request.getfixturevalue("embedded")
        store = RecordStore(lambda: stores.addresses().redis)
    else:
        url: str = request.getfixturevalue("redis_url")
        store = RecordStore(lambda: url)
    yield store
    store.remove(list(store.ids()))
    store.close()


@pytest.fixture(params=["embedded", "lite", SERVER])
def vectors(request: pytest.FixtureRequest) -> Iterator[VectorStore]:
    if request.param == "embedded":
        stores: EmbeddedStores = request.getfixturevalue("embedded")
        store = VectorStore(lambda: stores.addresses().milvus, writing=stores.writing)
    else:
        fixture = {"lite": "milvus_uri", "server": "milvus_server"}[request.param]
        found: str | MilvusServer = request.getfixturevalue(fixture)
        uri = found if isinstance(found, str) else found.uri
        store = VectorStore(lambda: uri)
    yield store
    for name in store.names():
        store.drop(name)
    store.close()


def record(number: int, **changes: object) -> Record:
    fields: dict[str, object] = {
        "id": number,
        "path": f"/pictures/{number}.jpg",
        "name": f"{number}.jpg",
        "label": "numbers",
        "width": 640,
        "height": 480,
        "bytes": 1000,
        "digest": "ab",
        "added": 1e9 + number,
    }
    return Record(**(fields | changes))  # type: ignore[arg-type]


def unit(count: int, dim: int, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_records_come_back_in_the_order_asked(records: RecordStore) -> None:
    records.put(record(i) for i in (1, 2, 3))
    assert records.get([3, 9, 1]) == [record(3), None, record(1)]
    assert records.get([]) == []


def test_putting_twice_is_one_record(records: RecordStore) -> None:
    records.put([record(5)])
    records.put([record(5, label="other")])
    assert records.count() == 1
    assert records.get([5]) == [record(5, label="other")]


def test_ids_are_listed_by_time_added(records: RecordStore) -> None:
    records.put(record(i, added=1e9 - i) for i in range(1, 26))
    assert list(records.ids(page=10)) == list(range(25, 0, -1))


def test_any_name_survives(records: RecordStore) -> None:
    odd = record(2**63 - 1, name="é\n日本 '\"", path="/caf\udce9/ü.jpg")
    records.put([odd])
    assert records.get([odd.id]) == [odd]


def test_removed_is_gone(records: RecordStore) -> None:
    records.put([record(1), record(2)])
    records.remove([1, 77])
    assert list(records.ids()) == [2]
    assert records.get([1]) == [None]


def test_incomplete_records_count_as_missing(records: RecordStore) -> None:
    records.put([record(4)])
    records.connection.call(lambda client: client.hdel("twinlens:image:4", "width"))
    assert records.get([4]) == [None]


def test_notes_are_replaced_whole(records: RecordStore) -> None:
    assert records.note("test") == {}
    records.note("test", {"a": "1", "b": "2"})
    records.note("test", {"a": "3"})
    assert records.note("test") == {"a": "3"}
    records.note("test", {})
    assert records.note("test") == {}


def test_nearest_first_with_true_euclidean_distances(vectors: VectorStore) -> None:
    collection, stored = Collection("t_a", 32), unit(100, 32)
    vectors.upsert(collection, list(range(1, 101)), stored)
    query = unit(1, 32, seed=9)[0]
    expected = np.linalg.norm(stored - query, axis=1)
    found = vectors.search(collection, query, 10)
    assert [i for i, _ in found] == list(np.argsort(expected)[:10] + 1)
    assert [d for _, d in found] == pytest.approx(np.sort(expected)[:10], abs=1e-4)


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
    assert list(vectors.ids(collection)) == []
    assert vectors.present(collection, [1, 2]) == set()
    assert vectors.get(collection, 1) is None
    assert collection.name not in vectors.names()  # asking makes none


def test_a_collection_dropped_elsewhere_is_made_again(vectors: VectorStore) -> None:
    collection = Collection("t_d", 16)
    vectors.upsert(collection, [1], unit(1, 16))
    other = VectorStore(vectors._address)
    other.drop("t_d")
    other.close()
    assert vectors.count(collection) == 0
    vectors.upsert(collection, [2], unit(1, 16))
    assert vectors.count(collection) == 1


@pytest.mark.parametrize("call", ["records", "vectors"])
def test_a_server_that_is_away_gets_a_sentence(call: str) -> None:
    port = free_port()
    calls: dict[str, Callable[[], object]] = {
        "records": RecordStore(lambda: f"redis://127.0.0.1:{port}").count,
        "vectors": VectorStore(lambda: f"http://127.0.0.1:{port}").names,
    }
    with pytest.raises(StoreUnavailable, match="does not answer"):
        calls[call]()


def test_work_goes_on_when_the_server_is_back(tmp_path: Path) -> None:
    executable = shutil.which("redis-server")
    if not executable:
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = [executable, "--port", str(port), "--dir", str(tmp_path), "--appendonly", "yes"]
    store = RecordStore(lambda: f"redis://127.0.0.1:{port}")
    for expected in (0, 1):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            wait_for(lambda: answers(port), what="redis-server")
            assert store.count() == expected
            store.put([record(1)])
            server.kill()
        with pytest.raises(StoreUnavailable):
            store.count()
