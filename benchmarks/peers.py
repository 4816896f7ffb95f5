"""This project beside others, in one run: `make bench-peers`.

`python -m benchmarks.peers indexing` compares ways of indexing (see peer_ways.py, and `article` in
index.py) with one model file and the same pictures. `search [SIZE…]` compares stores with the same
random vectors of 512 dimensions (see search.py): Milvus as the library uses it, FAISS in this
process, LanceDB, and Qdrant in its local mode. Both if nothing is named.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np

from benchmarks.common import network, percentile, pictures, table
from benchmarks.index import ARTICLE_PICTURES, article, multiply, project
from benchmarks.peer_stores import ask
from benchmarks.peer_ways import immich, rclip
from benchmarks.search import QUERIES, K, exactly, features, fill, stores
from searcher.config.folders import ROOT
from searcher.config.http_proxies import prepare_proxies
from searcher.images.pictures import Picture, model_inputs, open_picture
from searcher.images.sources import Source
from searcher.models.embedder import Embedder
from searcher.stores.vectors import VectorStore
from searcher.types import Collection, FloatArray

NETWORKS = ("resnet50", "efficientnet_lite0")
PICTURES = {"resnet50": 160, "efficientnet_lite0": 400}  # some seconds each
ALONE = 64
ROUNDS = 2
SIZES = (10_000, 100_000)
DIM = 512
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
WAYS = {
    "project": "threads decode ahead; records, thumbnails and vectors in batches",
    "rclip": "threads decode ahead, batches of 8; no thumbnails, no service, no vector index",
    "immich": "preview and thumbnail, then one HTTP request and one row a picture",
    "article": "a session, a vector and a path for each picture",
}
STORES = {
    "Milvus Lite": "a service with ids, filters and durable writes, in Python with faiss; exact",
    "standalone, HNSW": "the same over the network, for many machines",
    "FAISS, exact": "a matrix in this process: neither filters nor durable writes",
    "FAISS, HNSW": "the same with a graph, M 16, ef 256",
    "LanceDB, exact": "files read by this process, in Rust; filters",
    "LanceDB, HNSW": "the same with its index of quantised vectors, built once",
    "Qdrant, local": "numpy in this process, nothing on disk; meant for tests",
}
Found = tuple[float, list[float], list[list[int]]]  # seconds of writing, milliseconds, ids


def indexing() -> Iterator[list[object]]:
    """Measure every way in turns, with each network."""
    with tempfile.TemporaryDirectory() as name:
        sources = multiply(pictures(), max(PICTURES.values()), Path(name))
        decoded = [open_picture(source.read(), source.name) for source in sources[:ALONE]]
        for model in NETWORKS:
            yield from _ways(model, sources[: PICTURES[model]], decoded)


def _ways(model: str, sources: list[Source], decoded: list[Picture]) -> Iterator[list[object]]:
    path = network(model)
    embedder = Embedder(path)
    inputs = model_inputs(decoded, embedder.height, embedder.width)
    embedder.embed(inputs[:8])  # the first call of a session is slow
    rates: dict[str, list[float]] = {way: [] for way in ("bare", *WAYS)}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for first in range(0, len(inputs), 8):
            embedder.embed(inputs[first : first + 8])
        rates["bare"].append(len(inputs) / (time.perf_counter() - start))
        rates["project"].append(project(path, sources)[0])
        for index in (rclip, immich):
            with tempfile.TemporaryDirectory() as folder:
                rates[index.__name__].append(index(path, sources, Path(folder)))
        rates["article"].append(article(path, sources[:ARTICLE_PICTURES]))
    bare, ours = (statistics.fmean(rates[way]) for way in ("bare", "project"))
    for way, description in WAYS.items():
        rate = statistics.fmean(rates[way])
        yield [model, way, rate, rate / bare, rate / ours, description]


def search(sizes: Sequence[int], chosen: Sequence[str]) -> Iterator[list[object]]:
    """Measure every store with each number of vectors."""
    for size in sizes:
        combined = features(size + QUERIES, DIM)
        vectors, queries = combined[:size], combined[size:]
        ours = None
        for name, found in _stores(vectors, queries, chosen):
            writing, milliseconds, ids = found
            shared = [
                len(set(i) & set(exactly(vectors, q))) for i, q in zip(ids, queries, strict=True)
            ]
            p50 = percentile(milliseconds, 50)
            ours = p50 if name == "Milvus Lite" else ours
            figures = writing, p50, percentile(milliseconds, 95), sum(shared) / K / len(queries)
            yield [f"{size:,}", name, *figures, ours and p50 / ours, STORES[name]]


def _stores(
    vectors: FloatArray, queries: FloatArray, chosen: Sequence[str]
) -> Iterator[tuple[str, Found]]:
    with stores() as kinds:
        collection = Collection("peers", DIM)
        for name, (store, address) in kinds.items():
            if name in STORES and name in chosen:
                start = time.perf_counter()
                fill(store, address, collection, vectors)
                writing = time.perf_counter() - start
                find = _find_in(store, collection)
                yield name, (writing, *ask(find, queries))
                store.drop(collection.name)
    for name in ("FAISS, exact", "FAISS, HNSW"):
        if name in chosen:
            yield name, _faiss(name, vectors, queries)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "vectors.npy", vectors)
        np.save(Path(folder) / "queries.npy", queries)
        for name, peer in (
            ("LanceDB, exact", "lancedb"),
            ("LanceDB, HNSW", "lancedb-hnsw"),
            ("Qdrant, local", "qdrant"),
        ):
            if name in chosen and PYTHON.exists():
                with tempfile.TemporaryDirectory() as own:
                    for file in Path(folder).iterdir():
                        (Path(own) / file.name).symlink_to(file)
                    yield name, _elsewhere(peer, own)


def _find_in(store: VectorStore, collection: Collection) -> Callable[[FloatArray], list[int]]:
    return lambda query: [i for i, _ in store.search(collection, query, K)]


def _faiss(name: str, vectors: FloatArray, queries: FloatArray) -> Found:
    start = time.perf_counter()
    index: faiss.Index = faiss.IndexFlatL2(DIM)
    if name.endswith("HNSW"):
        index = faiss.IndexHNSWFlat(DIM, 16)
        index.hnsw.efConstruction, index.hnsw.efSearch = 200, 256
    index.add(vectors)
    writing = time.perf_counter() - start
    return writing, *ask(lambda q: [int(i) + 1 for i in index.search(q[None], K)[1][0]], queries)


def _elsewhere(store: str, folder: str) -> Found:
    """Measure a store in the peers' own virtual environment."""
    program = [str(PYTHON), str(Path(__file__).with_name("peer_stores.py")), store, folder, str(K)]
    process = subprocess.run(program, stdout=subprocess.PIPE, check=True, text=True)
    document = json.loads(process.stdout.splitlines()[-1])
    return document["writing"], document["milliseconds"], document["ids"]


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    prepare_proxies()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("stage", choices=["indexing", "search", "both"], nargs="?", default="both")
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--stores", nargs="+", default=list(STORES), help="names in the table")
    options = parser.parse_args(arguments)
    if not PYTHON.exists():
        print("LanceDB and Qdrant are not installed: make bench-peers does it", file=sys.stderr)
    if options.stage != "search":
        header = ["network", "way", "all pictures/s", "of bare", "times project", "what it does"]
        table(header, indexing(), keys=2)
    if options.stage != "indexing":
        header = ["vectors", "store", "write s", "p50 ms", "p95 ms", "recall@10"]
        rows = search(options.sizes, options.stores)
        table([*header, "times Milvus Lite", "what it is"], rows, keys=2)


if __name__ == "__main__":
    main(sys.argv[1:])
