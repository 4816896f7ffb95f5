"""What must not grow with the library: `python -m benchmarks.requests [PICTURES]`.

At 20,000 pictures by default: the label counts and a filter as the page and the API ask for them,
what a search adds to say what its distances mean, and the share of a core that watching a folder of
as many files takes while nothing happens. Records have no files and vectors are random.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.common import milliseconds, percentile, table, temporary_library
from searcher.export.install import make_baselines
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.watch import Watch
from searcher.stores.records import Record

PICTURES = 20_000
RUNS = 9
BATCH = 1_000
WATCHED_S = 30.0
MODEL = "colour"


def fill(library: Library, pictures: int) -> None:
    """Records of `pictures` files that are not there, 100 labels, and a vector of each."""
    collection = library.registry.get(MODEL).collection
    generator = np.random.default_rng(0)
    for start in range(1, pictures + 1, BATCH):
        ids = range(start, min(start + BATCH, pictures + 1))
        library.records.put(
            Record(
                id=i,
                path=f"/none/{i}.jpg",
                name=f"IMG_{i:07}.jpg",
                label=f"folder {i % 100}",
                width=640,
                height=480,
                bytes=100_000,
                digest=f"{i:032x}",
                added=float(i),
                fingerprint=f"{i:032x}",
            )
            for i in ids
        )
        vectors = np.abs(generator.standard_normal((len(ids), collection.dim))).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        library.vectors.upsert(collection, ids, vectors)
    library.vectors.flush(collection)


def requests(library: Library, pictures: int) -> dict[str, Callable[[], object]]:
    """What is asked, by name."""
    return {
        "label counts of /status": lambda: (library.records.count(), serializers.labels(library)),
        "first page without a filter": lambda: library.browse("", 0),
        "filter: a label": lambda: library.browse("folder 42", 0),
        "filter: one old name": lambda: library.browse(f"img_{7:07}", 0),
        "filter: nothing": lambda: library.browse("none of them", 0),
        "filter: last page": lambda: library.browse("img", pictures // 48),
        "percentiles of a search": lambda: library.percentiles(MODEL),
    }


def watching(library: Library, files: int) -> float:
    """The share of a core that a folder of `files` takes while nothing happens there, in %."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(files):
            (folder / f"{i // BATCH}").mkdir(exist_ok=True)
            (folder / f"{i // BATCH}" / f"{i}.jpg").touch()
        watch = Watch(library, [folder])
        # All files are there as if they had been indexed: what is measured is looking at them.
        watch._stamps = watch._scan()[0]
        wait = getattr(watch, "wait", lambda: time.sleep(2.0))  # as earlier versions did
        for _ in looks(watch, wait, 2):
            pass
        began, spent = time.monotonic(), time.process_time()
        for _ in looks(watch, wait):
            if time.monotonic() - began > WATCHED_S:
                break
        return 100 * (time.process_time() - spent) / (time.monotonic() - began)


def looks(watch: Watch, wait: Callable[[], object], most: int | None = None) -> Iterator[None]:
    """Look and wait, again and again."""
    for number in count():
        if number == most:
            return
        watch.step()
        wait()
        yield


def main() -> None:
    """Print the tables."""
    pictures = int(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    with tempfile.TemporaryDirectory() as models:
        make_baselines(Path(models))
        baselines = sorted(Path(models).glob("*.onnx"))
        with temporary_library(baselines) as library:
            fill(library, pictures)
            rows = []
            for name, ask in requests(library, pictures).items():
                ask()
                times = milliseconds(ask, RUNS)
                rows.append([name, percentile(times, 50), percentile(times, 95)])
            table([f"{pictures:,} pictures", "p50 ms", "p95 ms"], rows)
            share = watching(library, pictures)
            table([f"watching {pictures:,} files", "% of a core"], [["nothing happens", share]])


if __name__ == "__main__":
    main()
