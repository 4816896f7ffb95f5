"""Compare model files on labelled pictures: `python -m benchmarks.models FOLDER A.onnx B.onnx`.

Prints a Markdown table. precision@5: the share, among the five nearest other pictures, of the
query's own kind, over all pictures. Cosine and overlap@10 are means, with the first file; the
cosine means something only between files of the same network.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from searcher.images.pictures import UInt8Array, model_input
from searcher.metrics.ranking import overlap
from searcher.models.embedder import Embedder
from tools.command import run
from tools.pictures import labelled_sources, readable

ROUNDS = 7
CALLS = 100  # for each model in each round


def measure(options: argparse.Namespace) -> None:
    """Print the table. Raises TwinlensError where pictures or models can't be read."""
    embedders = [Embedder(path) for path in options.models]
    labels: list[str] = []
    inputs: list[list[UInt8Array]] = [[] for _ in embedders]
    for picture, label in readable(labelled_sources(options.folder)):
        labels.append(label)
        for own, embedder in zip(inputs, embedders, strict=True):
            own.append(model_input(picture, embedder.height, embedder.width))
    batches = [np.stack(own) for own in inputs]
    vectors = [e.embed_many(batch) for e, batch in zip(embedders, batches, strict=True)]
    rankings = [nearest_others(own) for own in vectors]
    milliseconds = times(embedders, batches)

    print("| file | MB | precision@5 | cosine | overlap@10 | ms a picture |")
    print("|---|---|---|---|---|---|")
    for number, path in enumerate(options.models):
        same_space = vectors[number].shape == vectors[0].shape
        cosine = f"{np.sum(vectors[number] * vectors[0], axis=1).mean():.4f}" if same_space else "–"
        shared = [
            overlap(a[:10], b[:10]) for a, b in zip(rankings[0], rankings[number], strict=True)
        ]
        print(
            f"| {path.name} | {path.stat().st_size / 1e6:.2f} "
            f"| {precision(rankings[number], labels, 5):.3f} | {cosine} "
            f"| {np.mean(shared):.3f} | {milliseconds[number]:.2f} |"
        )


def nearest_others(vectors: np.ndarray) -> list[list[int]]:
    """For each row, all other rows, the most similar first."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    ranked: list[list[int]] = np.argsort(-similarity, axis=1, kind="stable")[:, :-1].tolist()
    return ranked


def precision(rankings: list[list[int]], labels: list[str], k: int) -> float:
    """The mean share of equal labels among the first k."""
    return statistics.fmean(
        labels[other] == label
        for ranking, label in zip(rankings, labels, strict=True)
        for other in ranking[:k]
    )


def times(embedders: list[Embedder], batches: list[UInt8Array]) -> list[float]:
    """Median milliseconds of one picture at a time; the models take turns in every round."""
    spent: list[list[float]] = [[] for _ in embedders]
    for _ in range(ROUNDS):
        for own, embedder, batch in zip(spent, embedders, batches, strict=True):
            started = time.perf_counter()
            for call in range(CALLS):
                number = call % len(batch)
                embedder.embed(batch[number : number + 1])
            own.append((time.perf_counter() - started) / CALLS * 1000)
    return [statistics.median(own) for own in spent]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures, in one folder a kind")
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(measure, parse(sys.argv[1:])))
