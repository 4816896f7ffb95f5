"""Indexing: pictures per second by the project, compared with the bare model and others.

`python -m benchmarks.index [FOLDER]`: by default the sample pictures and crops of them, enough for
a run of 20 seconds. In turn, for each network: onnxruntime alone on decoded pictures at its best
batch size; the project; Keras' `predict` in batches of 8; and the method of the article: a session
for every picture, vectors and paths written one by one. The networks' int8 variants, calibrated on
the sample pictures, are compared with Keras and the article using the float32 networks. A second
table has also quick networks, and what decoding leaves to all of them on the same cores: at most
1 / (1/bare + 1/preparing), each measured alone on all cores.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime as ort

from benchmarks.common import network, pictures, table, temporary_library
from searcher.config.folders import ROOT
from searcher.cores import cores
from searcher.export.int8 import SUFFIX
from searcher.images.picture_forms import Form, render
from searcher.images.pictures import UInt8Array, identify, model_inputs, open_picture
from searcher.images.sources import Source, find_sources
from searcher.models.catalog import CATALOGUE
from searcher.models.embedder import Embedder
from searcher.models.networks import KerasNetwork
from searcher.types import Collection

NAMES = ("resnet50", "vgg16")
QUICK = ("mobilenet_v2", "efficientnet_lite0")
BATCHES = (4, 8, 16)
ARTICLE_PICTURES = 12
RUN_S = 20  # long enough for one-time costs, such as the last flush, to matter little
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
    """Write `count` different files: the pictures themselves, then ever smaller crops of them."""
    for number in range(count):
        turn, position = divmod(number, len(sources))
        source = sources[position]
        pixels = open_picture(source.read(), source.name).pixels
        width, height = pixels.size
        crop = pixels.crop((turn * 4, turn * 4, width - turn * 4, height - turn * 4))
        crop.save(folder / f"{number}.jpg", quality=90)
    return list(find_sources([folder]))


def seconds(embedder: Embedder, inputs: UInt8Array, batch: int) -> float:
    """Return the seconds that onnxruntime alone takes for all inputs."""
    start = time.perf_counter()
    for first in range(0, len(inputs), batch):
        embedder.embed(inputs[first : first + batch])
    return time.perf_counter() - start


def bare(embedder: Embedder, inputs: UInt8Array, batch: int) -> list[float]:
    """Measure onnxruntime alone for half a run; return the seconds of each repetition."""
    times: list[float] = []
    while sum(times) < RUN_S / 2:
        times.append(seconds(embedder, inputs, batch))
    return times


def project(model: Path, sources: list[Source]) -> tuple[float, float]:
    """Return pictures per second of a first run, and the duration of a second as a share of it."""
    with temporary_library([model]) as library:
        library.vectors.names()  # starts the private servers, which is not measured
        library.records.count()
        first = library.index(sources)
        again = library.index(sources)
    return first.added / first.seconds, again.seconds / first.seconds


def prepare(sources: list[Source], form: Form) -> float:
    """Return the seconds in which one process reads, hashes and decodes files for a model."""
    start = time.perf_counter()
    for source in sources:
        data = source.read()
        identify(data)
        render(data, source.name, [form], True)
    return time.perf_counter() - start


def preparing(sources: list[Source], form: Form) -> float:
    """Return pictures per second of a process for each core, which all prepare at once."""
    parts = [sources[first :: cores()] for first in range(cores())]
    with ProcessPoolExecutor(len(parts), get_context("spawn")) as pool:
        list(pool.map(prepare, [part[:8] for part in parts], [form] * len(parts)))
        times = pool.map(prepare, parts, [form] * len(parts))
        return sum(len(part) / spent for part, spent in zip(parts, times, strict=True))


def keras_predict(name: str, inputs: UInt8Array) -> float:
    """Return pictures per second of Keras on decoded pictures, in batches of 8: best of three runs.

    On 2 cores some runs are only half as fast as others, as if on one core.
    """
    entry = CATALOGUE[name]
    assert isinstance(entry, KerasNetwork)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inputs.npy"
        np.save(path, inputs)
        arguments = [entry.module, entry.function, entry.pooling, str(path)]
        process = subprocess.run(
            [sys.executable, "-c", KERAS, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
    return float(process.stdout.split()[-1])


def article(model: Path, sources: list[Source]) -> float:
    """Return pictures per second without caching or batches; a reimplementation of the article."""
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
    originals = pictures(options.folder)
    with tempfile.TemporaryDirectory() as folder:
        measure(multiply(originals, options.pictures, Path(folder)))


def measure(sources: list[Source]) -> None:
    """Print the tables for some pictures."""
    rows, limits = [], []
    decoded = [open_picture(source.read(), source.name) for source in sources[:ALONE]]
    for name in NAMES + QUICK:
        embedder = Embedder(network(name))
        inputs = model_inputs(decoded, embedder.height, embedder.width)
        prepared = preparing(sources[: 8 * ALONE], embedder.form)
        if name in NAMES:
            keras = keras_predict(name, inputs)
            plain = article(network(name), sources[:ARTICLE_PICTURES])
        for variant in (name, name + SUFFIX) if name in NAMES else (name,):
            alone, ours, again = beside_bare(network(variant), inputs, sources)
            limit = 1 / (1 / alone + 1 / prepared)
            limits.append([variant, alone, prepared, limit, ours, ours / limit])
            if name in NAMES:
                ratios = ours / alone, keras, ours / keras, plain, ours / plain
                rows.append([variant, alone, ours, *ratios, again])
    table(
        [
            "network",
            "bare pictures/s",
            "project pictures/s",
            "of bare",
            "Keras predict pictures/s",
            "times Keras",
            "article pictures/s",
            "times article",
            "second run's share",
        ],
        rows,
    )
    names = "bare pictures/s", "preparing pictures/s", "limit pictures/s", "project pictures/s"
    table(["network beside decoding", *names, "of the limit"], limits)


def beside_bare(
    model: Path, inputs: UInt8Array, sources: list[Source]
) -> tuple[float, float, float]:
    """Return pictures per second of onnxruntime alone and of the project; see also `project`."""
    embedder = Embedder(model)
    best = min(BATCHES, key=lambda batch: seconds(embedder, inputs, batch))
    # Measured before and after, since the machine's speed drifts by some percent.
    times = bare(embedder, inputs, best)
    count = round(RUN_S * len(inputs) / statistics.median(times))
    ours, again = project(model, sources[:count])
    times += bare(embedder, inputs, best)
    return len(inputs) * len(times) / sum(times), ours, again


if __name__ == "__main__":
    main(sys.argv[1:])
