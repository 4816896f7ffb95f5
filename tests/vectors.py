"""Vectors, and stores of vectors: the private server and others over the network."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from searcher.stores.private.client import EmbeddedStores
from searcher.stores.vectors import VectorStore
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
