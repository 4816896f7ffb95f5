"""Other stores, in the virtual environment of `make bench-peers`; a program of benchmarks.peers.

`python benchmarks/peer_stores.py STORE FOLDER K` writes `FOLDER/vectors.npy` into a new store, asks
it for the K nearest of each of `FOLDER/queries.npy`, and prints JSON: seconds of writing,
milliseconds and ids of each query. An id is a row, from 1. Imports nothing of this project, which
is not installed there.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 1_000
Find = Callable[[Any], list[int]]


def lancedb_exact(vectors: Any, folder: Path, k: int) -> Find:
    """LanceDB without an index."""
    table = _lancedb(vectors, folder)
    return lambda q: [
        row["id"] for row in table.search(q).select(["id", "_distance"]).limit(k).to_list()
    ]


def lancedb_hnsw(vectors: Any, folder: Path, k: int) -> Find:
    """LanceDB with its HNSW index of vectors quantised to bytes, re-ranked by the full ones."""
    table = _lancedb(vectors, folder)
    table.create_index(
        metric="l2", vector_column_name="vector", index_type="IVF_HNSW_SQ", num_partitions=1
    )

    def find(query: Any) -> list[int]:
        search = (
            table.search(query)
            .select(["id", "_distance"])
            .limit(k)
            .nprobes(1)
            .ef(256)
            .refine_factor(4)
        )
        return [row["id"] for row in search.to_list()]

    return find


def _lancedb(vectors: Any, folder: Path) -> Any:
    import lancedb
    import pyarrow as pa

    kind = pa.list_(pa.float32(), vectors.shape[1])
    schema = pa.schema([pa.field("id", pa.int64()), pa.field("vector", kind)])

    def batches() -> Any:
        for start in range(0, len(vectors), BATCH):
            part = vectors[start : start + BATCH]
            ids = pa.array(range(start + 1, start + 1 + len(part)), pa.int64())
            flat = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), vectors.shape[1])
            yield pa.record_batch([ids, flat], schema=schema)

    return lancedb.connect(folder / "lancedb").create_table("bench", batches(), schema=schema)


def qdrant_local(vectors: Any, folder: Path, k: int) -> Find:
    """Qdrant's local mode in memory; on disk it commits each point on its own, in 10 ms or more."""
    from qdrant_client import QdrantClient, models

    client = QdrantClient(":memory:")
    client.create_collection(
        "bench", models.VectorParams(size=vectors.shape[1], distance=models.Distance.EUCLID)
    )
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        ids = list(range(start + 1, start + 1 + len(part)))
        client.upsert("bench", models.Batch(ids=ids, vectors=part.tolist()))
    return lambda q: [p.id for p in client.query_points("bench", query=q, limit=k).points]


STORES = {"lancedb": lancedb_exact, "lancedb-hnsw": lancedb_hnsw, "qdrant": qdrant_local}


def ask(find: Find, queries: Any) -> tuple[list[float], list[list[int]]]:
    """Return the milliseconds and the ids of each query; the first is asked once more before."""
    find(queries[0])
    milliseconds, ids = [], []
    for query in queries:
        start = time.perf_counter()
        ids.append(find(query))
        milliseconds.append((time.perf_counter() - start) * 1000)
    return milliseconds, ids


def main(store: str, folder: Path, k: int) -> None:
    """Measure one store."""
    vectors, queries = np.load(folder / "vectors.npy"), np.load(folder / "queries.npy")
    start = time.perf_counter()
    find = STORES[store](vectors, folder, k)
    writing = time.perf_counter() - start
    milliseconds, ids = ask(find, queries)
    print(json.dumps({"writing": writing, "milliseconds": milliseconds, "ids": ids}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
