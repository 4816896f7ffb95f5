"""Vectors, and stores of vectors: the private server and others over the network."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from pymilvus import DataType, MilvusClient

from searcher.stores.collection import FLAT, create
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests import forks
from tests.milvus import MilvusServer
from tests.parameters import SERVER
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
        location: str | MilvusServer = request.getfixturevalue(fixture)
        uri = location if isinstance(location, str) else location.uri
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


def make_bare(
    store: VectorStore, collection: Collection, ids: list[int], stored: np.ndarray
) -> None:
    """Write vectors as earlier versions did, into a collection without fields."""
    store.names()  # starts the server
    client = MilvusClient(store._connection.address())
    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=collection.dim)
    client.create_collection(collection.name, schema=schema)
    create(client, collection, FLAT)
    rows = [{"id": i, "embedding": vector} for i, vector in zip(ids, stored, strict=True)]
    client.upsert(collection.name, rows)
    client.flush(collection.name)
    client.close()
