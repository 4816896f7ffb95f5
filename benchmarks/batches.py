"""Would batching simultaneous queries be faster? `python -m benchmarks.batches`.

Milliseconds per picture: one by one, in batches, and from four threads with one picture each, as
when several visitors search at the same time.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.common import network, pictures, table
from searcher.images.pictures import UInt8Array, model_inputs, open_picture
from searcher.models.embedder import Embedder

BATCHES = (1, 2, 4, 8)
THREADS = 4
PICTURES = 16  # per measurement
ROUNDS = 5


def batched(embedder: Embedder, inputs: UInt8Array, size: int) -> None:
    """Embed all, `size` at a time."""
    for first in range(0, len(inputs), size):
        embedder.embed(inputs[first : first + size])


def at_once(embedder: Embedder, inputs: UInt8Array) -> None:
    """Embed all one by one, from several threads at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: embedder.embed(inputs[number : number + 1]), range(PICTURES)))


def measure(path: Path) -> list[object]:
    """Return a row of the table: medians over rounds in which the alternatives take turns."""
    embedder = Embedder(path)
    decoded = [open_picture(source.read(), source.name) for source in pictures()[:PICTURES]]
    inputs = model_inputs(decoded, embedder.height, embedder.width)
    calls = [partial(batched, embedder, inputs, size) for size in BATCHES]
    calls.append(partial(at_once, embedder, inputs))
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for milliseconds, call in zip(times, calls, strict=True):
            start = time.perf_counter()
            call()
            milliseconds.append((time.perf_counter() - start) / PICTURES * 1000)
    return [path.stem, *(statistics.median(milliseconds) for milliseconds in times)]


def main() -> None:
    """Print the table."""
    models = [network(n) for n in ("resnet50", "vgg16", "efficientnet_lite0", "mobilenet_v2")]
    header = ["model", *(f"batches of {size} ms" for size in BATCHES), f"{THREADS} threads ms"]
    table(header, [measure(path) for path in models])


if __name__ == "__main__":
    main()
