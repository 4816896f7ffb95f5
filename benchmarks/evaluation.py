"""Seconds and memory of an evaluation, with random vectors round centres.

python -m benchmarks.evaluation [--models 5] [--dim 512] [1000 10000 50000]
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator
from statistics import fmean
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from benchmarks.tables import table
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


def run(count: int, models: int, dim: int, results: Any) -> None:
    """Measure one size in this process, and send a row of the table."""
    labels = np.arange(count) % max(2, count // PER_LABEL)
    texts = labels.astype(np.str_)
    hashes = np.random.default_rng(0).integers(1, 2**63, (count, 2)).astype(np.uint64)
    described = PictureTable(np.arange(count), texts, [f"{i}.jpg" for i in range(count)], hashes)
    places = np.arange(count)
    task = Task(described, described, places, LabelTruth(texts, texts, places))
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
    quality = fmean(quality.means["map"] for quality in evaluation.models)
    results.put([f"{count:,}", models, seconds, computing, peak, before, quality])


def rows(options: argparse.Namespace) -> Iterator[list[object]]:
    """Measure each size in a process of its own."""
    context = multiprocessing.get_context("spawn")
    for size in options.sizes:
        results = context.Queue()
        arguments = size, options.models, options.dim, results
        process = context.Process(target=run, args=arguments)
        process.start()
        yield results.get()
        process.join()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000, 50_000])
    parser.add_argument("--models", type=int, default=5)
    parser.add_argument("--dim", type=int, default=512)
    header = ["pictures", "models", "time s", "CPU s", "peak MB", "before MB", "mean mAP"]
    table(header, rows(parser.parse_args()), keys=2)


if __name__ == "__main__":
    main()
