"""Compare model files on labelled pictures: `python -m benchmarks.models FOLDER A.onnx B.onnx`.

Prints a Markdown table. precision@5 is the share of the five nearest other pictures that have the
query's label, averaged over all pictures. Cosine and overlap@10 are means, compared with the first
file; the cosine is meaningful only between files of the same network.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.tables import table
from searcher.images.pictures import UInt8Array, model_input
from searcher.metrics.ranking import overlap
from searcher.models.embedder import Embedder
from tools.command import run
from tools.pictures import labelled_sources, readable

ROUNDS = 7
CALLS = 100  # per model and round


def measure(options: argparse.Namespace) -> None:
    """Print the table. Raises TwinlensError if pictures or models cannot be read."""
    embedders = [Embedder(path) for path in options.models]
    labels: list[str] = []
    inputs: list[list[UInt8Array]] = [[] for _ in embedders]
    for picture, label in readable(labelled_sources(options.folder)):
        labels.append(label)
        for images, embedder in zip(inputs, embedders, strict=True):
            images.append(model_input(picture, embedder.height, embedder.width))
    batches = [np.stack(images) for images in inputs]
    vectors = [e.embed_many(batch) for e, batch in zip(embedders, batches, strict=True)]
    rankings = [nearest_others(matrix) for matrix in vectors]
    milliseconds = times(embedders, batches)

    def row(number: int, path: Path) -> list[object]:
        same_space = vectors[number].shape == vectors[0].shape
        cosine = np.sum(vectors[number] * vectors[0], axis=1).mean() if same_space else None
        shared = [
            overlap(a[:10], b[:10]) for a, b in zip(rankings[0], rankings[number], strict=True)
        ]
        quality = precision(rankings[number], labels, 5), cosine, np.mean(shared)
        return [path.name, path.stat().st_size / 1e6, *quality, milliseconds[number]]

    table(
        ["file", "MB", "precision@5", "cosine", "overlap@10", "a picture ms"],
        (row(number, path) for number, path in enumerate(options.models)),
    )


def nearest_others(vectors: np.ndarray) -> list[list[int]]:
    """Return for each row of [N, D] all other rows, most similar first."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    ranked: list[list[int]] = np.argsort(-similarity, axis=1, kind="stable")[:, :-1].tolist()
    return ranked


def precision(rankings: list[list[int]], labels: list[str], k: int) -> float:
    """Return the mean share of equal labels among the first k."""
    return statistics.fmean(
        labels[other] == label
        for ranking, label in zip(rankings, labels, strict=True)
        for other in ranking[:k]
    )


def times(embedders: list[Embedder], batches: list[UInt8Array]) -> list[float]:
    """Return median milliseconds per picture, one at a time; the models take turns."""
    rounds: list[list[float]] = [[] for _ in embedders]
    for _ in range(ROUNDS):
        for milliseconds, embedder, batch in zip(rounds, embedders, batches, strict=True):
            start = time.perf_counter()
            for call in range(CALLS):
                number = call % len(batch)
                embedder.embed(batch[number : number + 1])
            milliseconds.append((time.perf_counter() - start) / CALLS * 1000)
    return [statistics.median(milliseconds) for milliseconds in rounds]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures, in one folder per label")
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(measure, parse(sys.argv[1:])))
