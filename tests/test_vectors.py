"""Vectors in Milvus: one suite for the private server and for others over the network."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import grpc
import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from searcher.errors import DamagedCollection, StoreUnavailable
from searcher.stores.milvus import Session
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests import forks
from tests.conftest import SERVER
from tests.milvus import MilvusServer
from tests.servers import answers, free_port, stopping, wait_for


@pytest.fixture(scope="module")
def milvus_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Milvus Lite server as a process of its own, reached by MILVUS_URI."""
    port = free_port()
    folder = tmp_path_factory.mktemp("milvus")
    command = [sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"]
    command += ["--data-dir", str(folder), "--port", str(port)]
    with stopping(forks.popen(command, stdout=subprocess.DEVNULL)):
        wait_for(lambda: answers(port), what="milvus-lite server")
        yield f"http://127.0.0.1:{port}"


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
    try:
        yield store
    finally:
        for name in store.names():
            store.drop(name)
        store.close()


def unit(count: int, dim: int, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


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
        found = {vectors.count(collection)}
        while not done.is_set():
            found.add(len(vectors.present(collection, [1, 2, 3])))
        return found

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
    # Nobody took it for a server that is away, whose connection is closed under all the others.
    assert vectors._connection._session is session


def test_a_server_that_is_away_gets_a_sentence() -> None:
    port = free_port()
    with pytest.raises(StoreUnavailable, match="Milvus does not answer"):
        VectorStore(lambda: f"http://127.0.0.1:{port}").names()


class Answer(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Answers every call with one gRPC status, as a gateway before Milvus does."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self.calls = 0
        self._status = status

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def answer(request: object, context: grpc.ServicerContext) -> None:
            self.calls += 1
            context.abort(self._status, "no")

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.mark.parametrize(
    ("status", "tries", "words"),
    [
        (grpc.StatusCode.UNAVAILABLE, 3, "does not answer"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 1, "does not answer"),
        (grpc.StatusCode.UNAUTHENTICATED, 1, "does not accept the token"),
        (grpc.StatusCode.PERMISSION_DENIED, 1, "does not accept the token"),
        (grpc.StatusCode.UNIMPLEMENTED, 1, "refused the request"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_only_what_can_pass_is_tried_again(status: grpc.StatusCode, tries: int, words: str) -> None:
    answer, asked = Answer(status), 0
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((answer,))
    port = server.add_insecure_port("127.0.0.1:0")

    def address() -> str:
        nonlocal asked
        asked += 1
        return f"http://127.0.0.1:{port}"

    server.start()
    try:
        with pytest.raises(StoreUnavailable, match=words):
            VectorStore(address).names()
    finally:
        server.stop(0)
    assert answer.calls
    assert asked == tries


def test_an_address_that_is_none_is_tried_once() -> None:
    asked: list[str] = []

    def address() -> str:
        asked.append("htp:/host")
        return asked[-1]

    with pytest.raises(StoreUnavailable, match="MILVUS_URI is no address"):
        VectorStore(address).names()
    assert len(asked) == 1


def test_a_refused_call_is_made_once_and_closes_nobodys_connection(vectors: VectorStore) -> None:
    vectors.upsert(Collection("t_refused", 16), [1], unit(1, 16))
    session = vectors._connection._session
    calls: list[object] = []

    def write(session: Session) -> None:
        calls.append(session)
        session.client.upsert("t_refused", [{"id": 2, "embedding": unit(1, 4)[0]}])

    with pytest.raises(DamagedCollection, match="can't use the collection t_refused"):
        vectors._connection.call(write, "t_refused")
    assert calls == [session]
    assert vectors._connection._session is session
