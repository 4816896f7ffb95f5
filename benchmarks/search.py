"""The search stage alone, on each kind of store: `python -m benchmarks.search [--large]`.

Milvus Lite as the library runs it, a standalone Milvus where there is one (`make test-server`),
and numpy, which compares the query with every vector, as the floor. `--large` adds 50,000.

The vectors have the shape of pooled features: non-negative, of 32 degrees of freedom, in 50
groups. Recall is the share of the exact nearest 10 that were found.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from pymilvus import MilvusClient

from benchmarks.common import milliseconds, percentile, table, wait_for_supervisor
from searcher.config.settings import reach_loopback_directly
from searcher.stores.collection import FLAT, HNSW, ONE_LIST
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray
from tests.milvus import MilvusServer, find_executable

SIZES = (1_000, 10_000)
LARGE = 50_000
DIMS = (512, 2048)
QUERIES = 40
K = 10
BATCH = 1_000

Find = Callable[[FloatArray], list[int]]
Address = Callable[[], str]


def features(count: int, dim: int) -> FloatArray:
    """Unit vectors [count, dim], the same every time."""
    generator = np.random.default_rng(0)
    groups = generator.standard_normal((50, 32)).astype(np.float32)
    spread = generator.standard_normal((32, dim)).astype(np.float32)
    inner = groups[generator.integers(0, 50, count)]
    inner = inner + generator.standard_normal((count, 32)).astype(np.float32)
    vectors: FloatArray = np.maximum(inner @ spread, 0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@contextmanager
def stores() -> Iterator[dict[str, tuple[VectorStore, Address]]]:
    """The stores that are here, empty, with their addresses."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedStores(Path(folder) / "lite")

        def lite() -> str:
            return embedded.addresses().milvus

        found = {"Milvus Lite": (VectorStore(lite, writing=embedded.writing, index=ONE_LIST), lite)}
        server = None
        if find_executable():
            (Path(folder) / "standalone").mkdir()
            server = MilvusServer(Path(folder) / "standalone")
            server.start()
            uri = server.uri
            for kind, index in (("FLAT", FLAT), ("HNSW", HNSW)):
                store = VectorStore(lambda: uri, index=index)
                found[f"standalone, {kind}"] = (store, lambda: uri)
        try:
            yield found
        finally:
            embedded.release()
            wait_for_supervisor(embedded.folder)
            if server:
                server.kill()


def exactly(vectors: FloatArray, query: FloatArray) -> list[int]:
    """The ids of the K nearest: places from 1."""
    similarity = vectors @ query
    best = np.argpartition(-similarity, K)[:K]
    return [int(i) + 1 for i in best[np.argsort(-similarity[best])]]


def measure(name: str, vectors: FloatArray, queries: FloatArray, find: Find) -> list[object]:
    """A row of the table."""
    find(queries[0])
    places = iter(queries)
    times = milliseconds(lambda: find(next(places)), len(queries))
    shared = [len(set(find(q)) & set(exactly(vectors, q))) for q in queries]
    recall = sum(shared) / (K * len(queries))
    p50, p95 = percentile(times, 50), percentile(times, 95)
    return [f"{len(vectors):,}", vectors.shape[1], name, p50, p95, recall]


def fill(store: VectorStore, address: Address, collection: Collection, vectors: FloatArray) -> None:
    """Write all vectors, and wait until their index is built."""
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        store.upsert(collection, range(start + 1, start + 1 + len(part)), part)
    store.flush(collection)
    client = MilvusClient(address())
    # Milvus builds an index after the answer, and not at once.
    unbuilt = 1
    while unbuilt:
        time.sleep(2)
        state = client.describe_index(collection.name, "embedding", timeout=60)
        unbuilt = int(state.get("pending_index_rows", 0))
    client.close()


def rows(sizes: Sequence[int]) -> Iterator[list[object]]:
    """Measure one after the other."""
    with stores() as found:
        for dim, size in itertools.product(DIMS, sizes):
            everything = features(size + QUERIES, dim)
            vectors, queries = everything[:size], everything[size:]
            yield measure("numpy", vectors, queries, partial(exactly, vectors))
            for name, (store, address) in found.items():
                collection = Collection(f"bench_{dim}_{size}", dim)
                fill(store, address, collection, vectors)

                def find(
                    q: FloatArray, s: VectorStore = store, c: Collection = collection
                ) -> list[int]:
                    return [i for i, _ in s.search(c, q, K)]

                yield measure(name, vectors, queries, find)
                store.drop(collection.name)


def main() -> None:
    """Print the table."""
    reach_loopback_directly()
    sizes = (*SIZES, LARGE) if "--large" in sys.argv else SIZES
    table(["vectors", "dim", "store", "p50 ms", "p95 ms", "recall@10"], rows(sizes))


if __name__ == "__main__":
    main()
