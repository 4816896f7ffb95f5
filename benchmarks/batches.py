"""Would queries that wait at once be faster together? `python -m benchmarks.batches`.

Milliseconds a picture: alone, in batches, and from four threads at once, one picture each, which
is what visitors who search at the same time are to the model.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.common import network, pictures, table
from searcher.embedding import Embedder
from searcher.images import UInt8Array, model_inputs, open_picture

BATCHES = (1, 2, 4, 8)
THREADS = 4
PICTURES = 16  # in each turn
ROUNDS = 5


def batched(embedder: Embedder, inputs: UInt8Array, size: int) -> None:
    """Embed all, `size` at a time."""
    for first in range(0, len(inputs), size):
        embedder.embed(inputs[first : first + size])


def at_once(embedder: Embedder, inputs: UInt8Array) -> None:
    """Embed all one by one, several threads at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: embedder.embed(inputs[number : number + 1]), range(PICTURES)))


def measure(path: Path) -> list[object]:
    """A row of the table: medians over rounds in which the ways take turns."""
    embedder = Embedder(path)
    decoded = [open_picture(source.read(), source.name) for source in pictures()[:PICTURES]]
    inputs = model_inputs(decoded, embedder.height, embedder.width)
    ways = [lambda size=size: batched(embedder, inputs, size) for size in BATCHES]
    ways.append(lambda: at_once(embedder, inputs))
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for own, way in zip(times, ways, strict=True):
            start = time.perf_counter()
            way()
            own.append((time.perf_counter() - start) / PICTURES * 1000)
    return [path.stem, *(statistics.median(own) for own in times)]


def main() -> None:
    """Print the table."""
    models = [network("resnet50"), network("vgg16"), network("efficientnet_lite0")]
    header = ["model", *(f"batches of {size}" for size in BATCHES), f"{THREADS} threads"]
    table(header, [measure(path) for path in models])


if __name__ == "__main__":
    main()
