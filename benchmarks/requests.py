"""Requests whose time must not grow with the library: `python -m benchmarks.requests [PICTURES]`.

With 20,000 pictures by default: label counts and filters, as for the page and the API; percentiles
of distances, as in a search; `/status` of a running app by four kinds of programs; and the share of
a core for watching a folder of as many files while nothing happens. Records have no files, and
vectors are random.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client

from benchmarks.common import (
    App,
    app_running,
    milliseconds,
    percentile,
    table,
    temporary_library,
)
from searcher.export.install import make_baselines
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.facets import find_facets
from searcher.library.watch import Watch
from searcher.stores.records import Record
from searcher.types import Collection

PICTURES = 20_000
RUNS = 9
BATCH = 1_000
WATCHING_S = 30.0
MODEL = "colour"


def fill(library: Library, pictures: int) -> None:
    """Add records without files, with 100 labels, and a random vector of each for each model."""
    for model in library.registry.ready():
        _fill(library, model.collection, pictures)


def _fill(library: Library, collection: Collection, pictures: int) -> None:
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
    """Return the requests to measure, by name."""
    return {
        "label counts of /status": lambda: (library.records.count(), serializers.labels(library)),
        "first page without a filter": lambda: library.browse("", 0),
        "filter: a label": lambda: library.browse("folder 42", 0),
        "filter: one old name": lambda: library.browse(f"img_{7:07}", 0),
        "filter: nothing": lambda: library.browse("none of them", 0),
        "filter: label, oldest first": lambda: library.browse('label:"folder 42"', 0, oldest=True),
        "filter: source that none has": lambda: library.browse("source:upload", 0),
        "filter: within a day": lambda: library.browse("added:1d", 0),
        "facets": lambda: find_facets(library, pictures, {}, {}),
        "filter: last page": lambda: library.browse("img", pictures // 48),
        "percentiles of a search": lambda: library.percentiles(MODEL),
    }


def status(app: App) -> dict[str, Callable[[], object]]:
    """Return the ways to ask a running app for `/status`, by name."""
    clients = {verify: Client(app.address, ssl_verify=verify, verbose=False) for verify in (1, 0)}
    http = httpx.Client(base_url=f"{app.address}/gradio_api")

    def queued() -> None:
        event = http.post("/call/status", json={"data": []}).json()["event_id"]
        http.get(f"/call/status/{event}").raise_for_status()

    return {
        "one request: run/status": lambda: http.post("/run/status", json={"data": []}),
        "two requests: call/status": queued,
        "gradio_client, no certificates": lambda: clients[0].predict(api_name="/status"),
        "gradio_client": lambda: clients[1].predict(api_name="/status"),
    }


def in_turns(calls: dict[str, Callable[[], object]]) -> list[list[object]]:
    """Return rows of a table: name, median and 95th percentile of calls that take turns."""
    for call in calls.values():
        call()
    rounds = [[milliseconds(call, 1)[0] for call in calls.values()] for _ in range(RUNS)]
    columns = zip(*rounds, strict=True)
    return [
        [name, percentile(times, 50), percentile(times, 95)]
        for name, times in zip(calls, columns, strict=True)
    ]


def watching(library: Library, files: int) -> float:
    """Return the share of a core, in %, for watching a folder of `files` without events."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(files):
            (folder / f"{i // BATCH}").mkdir(exist_ok=True)
            (folder / f"{i // BATCH}" / f"{i}.jpg").touch()
        watch = Watch(library, [folder])
        # Skip indexing: only looking at the files is measured.
        watch._stamps = watch._scan()[0]
        wait = getattr(watch, "wait", lambda: time.sleep(2.0))  # earlier versions have no `wait`
        for _ in looks(watch, wait, 2):
            pass
        start, cpu_start = time.monotonic(), time.process_time()
        for _ in looks(watch, wait):
            if time.monotonic() - start > WATCHING_S:
                break
        return 100 * (time.process_time() - cpu_start) / (time.monotonic() - start)


def looks(watch: Watch, wait: Callable[[], object], limit: int | None = None) -> Iterator[None]:
    """Look and wait repeatedly, yielding after each time."""
    for number in count():
        if number == limit:
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
            rows = in_turns(requests(library, pictures))
            table([f"{pictures:,} pictures", "p50 ms", "p95 ms"], rows)
            share = watching(library, pictures)
            table([f"watching {pictures:,} files", "% of a core"], [["nothing happens", share]])
        with app_running(baselines) as app:
            library = Library(app.settings)
            fill(library, pictures)
            library.close()
            table([f"/status, {pictures:,} pictures", "p50 ms", "p95 ms"], in_turns(status(app)))


if __name__ == "__main__":
    main()
