"""The search stage alone, on each kind of store: `python -m benchmarks.search [--large]`.

Milvus Lite as the library runs it, a standalone Milvus if there is one (`make test-server`), and
exhaustive search in numpy for comparison. `--large` adds 50,000 vectors.

The vectors resemble pooled features: non-negative, with 32 degrees of freedom, in 50 clusters.
Recall is the share of the exact nearest 10 among the hits.
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
from searcher.config.http_proxies import prepare_proxies
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
    """Return seeded random unit vectors, float32 [count, dim]."""
    generator = np.random.default_rng(0)
    groups = generator.standard_normal((50, 32)).astype(np.float32)
    spread = generator.standard_normal((32, dim)).astype(np.float32)
    inner = groups[generator.integers(0, 50, count)]
    inner = inner + generator.standard_normal((count, 32)).astype(np.float32)
    vectors: FloatArray = np.maximum(inner @ spread, 0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@contextmanager
def stores() -> Iterator[dict[str, tuple[VectorStore, Address]]]:
    """Yield the available stores, empty, with their addresses."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedStores(Path(folder) / "lite")

        def lite() -> str:
            return embedded.addresses().milvus

        kinds = {"Milvus Lite": (VectorStore(lite, writing=embedded.writing, index=ONE_LIST), lite)}
        server = None
        if find_executable():
            (Path(folder) / "standalone").mkdir()
            server = MilvusServer(Path(folder) / "standalone")
            server.start()
            uri = server.uri
            for kind, index in (("FLAT", FLAT), ("HNSW", HNSW)):
                store = VectorStore(lambda: uri, index=index)
                kinds[f"standalone, {kind}"] = (store, lambda: uri)
        try:
            yield kinds
        finally:
            embedded.release()
            wait_for_supervisor(embedded.folder)
            if server:
                server.kill()


def exactly(vectors: FloatArray, query: FloatArray) -> list[int]:
    """Return the ids of the K nearest vectors [N, D]; ids are rows, counted from 1."""
    similarity = vectors @ query
    best = np.argpartition(-similarity, K)[:K]
    return [int(i) + 1 for i in best[np.argsort(-similarity[best])]]


def measure(name: str, vectors: FloatArray, queries: FloatArray, find: Find) -> list[object]:
    """Return a row of the table."""
    find(queries[0])
    remaining = iter(queries)
    times = milliseconds(lambda: find(next(remaining)), len(queries))
    shared = [len(set(find(q)) & set(exactly(vectors, q))) for q in queries]
    recall = sum(shared) / (K * len(queries))
    p50, p95 = percentile(times, 50), percentile(times, 95)
    return [f"{len(vectors):,}", vectors.shape[1], name, p50, p95, recall]


def fill(store: VectorStore, address: Address, collection: Collection, vectors: FloatArray) -> None:
    """Write all vectors, and wait for their index."""
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        store.upsert(collection, range(start + 1, start + 1 + len(part)), part)
    store.flush(collection)
    client = MilvusClient(address())
    # Milvus builds an index in the background.
    pending = 1
    while pending:
        time.sleep(2)
        state = client.describe_index(collection.name, "embedding", timeout=60)
        pending = int(state.get("pending_index_rows", 0))
    client.close()


def rows(sizes: Sequence[int]) -> Iterator[list[object]]:
    """Measure each size, dimension and store, one after the other."""
    with stores() as kinds:
        for dim, size in itertools.product(DIMS, sizes):
            combined = features(size + QUERIES, dim)
            vectors, queries = combined[:size], combined[size:]
            yield measure("numpy", vectors, queries, partial(exactly, vectors))
            for name, (store, address) in kinds.items():
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
    prepare_proxies()
    sizes = (*SIZES, LARGE) if "--large" in sys.argv else SIZES
    table(["vectors", "dim", "store", "p50 ms", "p95 ms", "recall@10"], rows(sizes))


if __name__ == "__main__":
    main()
