"""Indexing: pictures a second through the whole project, against the bare model and others.

`python -m benchmarks.index [FOLDER]`: by default the sample pictures and parts of them, so many
that a run takes 20 seconds. In turn, for each network: onnxruntime alone on decoded pictures at
its best batch size; the project; Keras' `predict` in batches of 8; and the way of the article: a
session for every picture, vectors and paths written one by one. The networks' int8 variants,
calibrated on the sample pictures, are compared with what Keras and the article do with the networks
themselves.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from benchmarks.common import network, pictures, table, temporary_library
from searcher.config.folders import ROOT
from searcher.export.int8 import SUFFIX
from searcher.images.pictures import UInt8Array, model_inputs, open_picture
from searcher.images.sources import Source, find_sources
from searcher.models.catalog import CATALOGUE
from searcher.models.embedder import Embedder
from searcher.types import Collection

NAMES = ("resnet50", "vgg16")
BATCHES = (4, 8, 16)
ARTICLE_PICTURES = 12
RUN_S = 20  # so that what is done once, such as the last flush, weighs little
ALONE = 64  # pictures for the bare model and for Keras
KERAS = """
import importlib, sys, time, numpy as np, keras
module, function, pooling, path = sys.argv[1:]
make = getattr(importlib.import_module(f"keras.applications.{module}"), function)
net = make(include_top=False, pooling=pooling, weights=None, input_shape=(224, 224, 3))
x = np.load(path).astype("float32")
net.predict(x[:8], batch_size=8, verbose=0)
rates = []
for _ in range(3):
    start = time.perf_counter()
    net.predict(x, batch_size=8, verbose=0)
    rates.append(len(x) / (time.perf_counter() - start))
print(max(rates))
"""


def multiply(sources: list[Source], count: int, folder: Path) -> list[Source]:
    """Write `count` different files: the pictures themselves, then ever narrower parts of them."""
    for number in range(count):
        turn, which = divmod(number, len(sources))
        source = sources[which]
        pixels = open_picture(source.read(), source.name).pixels
        width, height = pixels.size
        part = pixels.crop((turn * 4, turn * 4, width - turn * 4, height - turn * 4))
        part.save(folder / f"{number}.jpg", quality=90)
    return list(find_sources([folder]))


def seconds(embedder: Embedder, inputs: UInt8Array, batch: int) -> float:
    """Seconds that onnxruntime alone takes for all inputs."""
    start = time.perf_counter()
    for first in range(0, len(inputs), batch):
        embedder.embed(inputs[first : first + batch])
    return time.perf_counter() - start


def bare(embedder: Embedder, inputs: UInt8Array, batch: int) -> list[float]:
    """Seconds of as many turns as fit into half a run."""
    times: list[float] = []
    while sum(times) < RUN_S / 2:
        times.append(seconds(embedder, inputs, batch))
    return times


def project(model: Path, sources: list[Source]) -> tuple[float, float]:
    """Pictures a second of a first run, and the share of its time that a second one takes."""
    with temporary_library([model]) as library:
        library.vectors.names()  # the private servers run before the clock does
        library.records.count()
        first = library.index(sources)
        again = library.index(sources)
    return first.added / first.seconds, again.seconds / first.seconds


def keras_predict(name: str, inputs: UInt8Array) -> float:
    """Pictures a second of Keras on decoded pictures, in batches of 8: the best of three runs.

    On 2 cores some runs are only half as fast as others, as if on one core.
    """
    wanted = CATALOGUE[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inputs.npy"
        np.save(path, inputs)
        arguments = [wanted.module, wanted.function, wanted.pooling, str(path)]
        done = subprocess.run(
            [sys.executable, "-c", KERAS, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
    return float(done.stdout.split()[-1])


def article(model: Path, sources: list[Source]) -> float:
    """Pictures a second when nothing is kept or batched; written anew from the description."""
    dim = Embedder(model).dim
    with temporary_library() as library:
        collection = Collection("article", dim)
        library.vectors.upsert(collection, [1], np.zeros((1, dim), np.float32))
        start = time.perf_counter()
        for number, source in enumerate(sources, start=2):
            session = ort.InferenceSession(model)
            inputs = model_inputs([open_picture(source.read(), source.name)], 224, 224)
            (vector,) = session.run(["embedding"], {"image": inputs})
            library.vectors.upsert(collection, [number], vector)
            library.vectors.flush(collection)
            library.records.note(f"article:{number}", {"path": source.path})
        return len(sources) / (time.perf_counter() - start)


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "sample_images")
    parser.add_argument("--pictures", type=int, default=800, help="at most (800)")
    options = parser.parse_args(arguments)
    given = pictures(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        measure(multiply(given, options.pictures, Path(folder)))


def measure(sources: list[Source]) -> None:
    """Print the table for some pictures."""
    rows = []
    decoded = [open_picture(source.read(), source.name) for source in sources[:ALONE]]
    for name in NAMES:
        embedder = Embedder(network(name))
        inputs = model_inputs(decoded, embedder.height, embedder.width)
        keras = keras_predict(name, inputs)
        plain = article(network(name), sources[:ARTICLE_PICTURES])
        for own in (name, name + SUFFIX):
            embedder = Embedder(network(own))
            best = min(BATCHES, key=lambda batch: seconds(embedder, inputs, batch))
            # Before and after, and as long: the machine's speed drifts by some percent.
            times = bare(embedder, inputs, best)
            count = round(RUN_S * len(inputs) / statistics.median(times))
            ours, again = project(network(own), sources[:count])
            times += bare(embedder, inputs, best)
            alone = len(inputs) * len(times) / sum(times)
            ratios = ours / alone, keras, ours / keras, plain, ours / plain
            rows.append([own, alone, ours, *ratios, again])
    table(
        [
            "network",
            "bare",
            "project",
            "of bare",
            "Keras predict",
            "times that",
            "article",
            "times that",
            "second run's share",
        ],
        rows,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
