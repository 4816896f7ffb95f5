"""Seconds and memory of an evaluation, with random vectors round centres.

python -m benchmarks.evaluation [--models 5] [--dim 512] [1000 10000 50000]
"""

import argparse
import multiprocessing
import resource
import time
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from searcher.evaluation.evaluate import measure
from searcher.evaluation.task import PictureTable, Task
from searcher.library.core import Library
from searcher.metrics.ground_truth import LabelTruth
from searcher.models.registry import Model
from searcher.types import Collection, FloatArray

PER_LABEL = 100  # pictures
NOISE = 3.0  # of each model more than of the one before


class RandomVectors:
    """In place of Milvus: vectors round one centre for each label, from a seed."""

    def __init__(self, labels: Any) -> None:
        self._labels = labels

    def fetch(self, collection: Collection, ids: list[int]) -> FloatArray:
        seed = int(collection.name.split("_")[1])
        shape = (self._labels.max() + 1, collection.dim)
        centres = np.random.default_rng(seed).standard_normal(shape, np.float32)
        generator = np.random.default_rng([seed, ids[0]])  # vectors are fetched in parts
        vectors = generator.standard_normal((len(ids), collection.dim), np.float32)
        vectors *= NOISE + seed / 10
        vectors += centres[self._labels[ids]]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def run(count: int, models: int, dim: int) -> None:
    """Measure one size in this process, and print a line."""
    labels = np.arange(count) % max(2, count // PER_LABEL)
    texts = labels.astype(np.str_)
    hashes = np.random.default_rng(0).integers(1, 2**63, (count, 2)).astype(np.uint64)
    table = PictureTable(np.arange(count), texts, [f"{i}.jpg" for i in range(count)], hashes)
    places = np.arange(count)
    task = Task(table, table, places, LabelTruth(texts, texts, places))
    library = SimpleNamespace(
        vectors=RandomVectors(labels), speeds=SimpleNamespace(get=lambda model: None)
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    evaluation = measure(
        cast(Library, library),
        [Model(f"m_{i}", "ready", dim=dim, digest=f"{i:08}") for i in range(models)],
        task,
    )
    seconds = time.perf_counter() - start
    computing = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    means = " ".join(f"{quality.means['map']:.3f}" for quality in evaluation.models)
    print(
        f"{count:>7,} pictures × {models} models: {seconds:6.1f} s, {computing:.0f} s of CPU, "
        f"peak {peak:,.0f} MB ({before:,.0f} MB before); mAP {means}",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000, 50_000])
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--dim", type=int, default=512)
    options = parser.parse_args()
    for size in options.sizes:
        process = multiprocessing.get_context("spawn").Process(
            target=run, args=(size, options.models, options.dim)
        )
        process.start()
        process.join()
