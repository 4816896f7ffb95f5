"""A library of very many pictures, used as the page does: `python -m benchmarks.million FOLDER N`.

It has records, and vectors of 512 dimensions round real ones, but no pictures. It is made in FOLDER
and stays there; one that is smaller grows to N. With MILVUS_URI the vectors go to that server, else
to the embedded store; records are in the private Redis. `--build` only makes it, `--only NAME…`
measures some of search, page, doctor, app.

Recall is the share of the exact nearest 10 among the hits. A page action is timed as its event
calls the library, the first time and again. Megabytes are resident ones, of the app once its
background work is done, of the embedded Milvus, and of Redis.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from benchmarks.common import app_running, connect, milliseconds, percentile, table
from benchmarks.filled import LABELLED, Filling, Vectors, fill, write_model
from searcher.config.folders import ROOT
from searcher.config.settings import Settings
from searcher.library import serializers, trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import find
from searcher.models.catalog import BASELINES
from searcher.search.filters import parse_filter
from searcher.types import FloatArray

QUERIES = 50
K = 10
CHECK_S = 60.0  # that the model file's check may take
STEP = 20_000  # pictures that are written between two flushes
ALL = ("search", "page", "doctor", "app")


def opened(folder: Path) -> tuple[Library, Path]:
    """Return the library of a folder, and its model file."""
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    model = models / "projection.onnx"
    if not model.exists():
        write_model(models)
        for name in BASELINES:  # which the app would embed all pictures with, if it could
            (models / f"{name}.onnx").touch()
    env = {**os.environ, **variables(folder)}
    library = Library(Settings.from_env(env))
    library.registry.checks.patience = CHECK_S
    return library, model


def variables(folder: Path) -> dict[str, str]:
    """Return the variables of a library in a folder."""
    names = {"TWINLENS_DATA": "data", "MODELS_DIR": "models", "SAMPLES_DIR": "none"}
    return {name: f"{folder}/{part}" for name, part in names.items()} | {"INSTALL_MODELS": ""}


def build(library: Library, model: Path, count: int) -> float:
    """Fill a library up to a number of pictures; return the seconds."""
    vectors = Vectors(model)
    start = time.perf_counter()
    for first in range(library.records.count() // STEP * STEP, count, STEP):
        vectors.restart(first)
        fill(library, Filling(min(first + STEP, count), first=first), vectors)
        print(f"{first + STEP:,} in {time.perf_counter() - start:.0f} s", flush=True)
    library.records.complete_paths()
    return time.perf_counter() - start


def exact(model: Path, count: int, queries: FloatArray) -> list[list[int]]:
    """Return the ids of the nearest K of each query, from the vectors as they were written."""
    vectors = Vectors(model)
    best = np.full((len(queries), K), -1.0)
    ids = np.zeros((len(queries), K), np.int64)
    for first in range(0, count, STEP):
        vectors.restart(first)
        for records in Filling(min(first + STEP, count), first=first).parts():
            near = queries @ vectors.draw(len(records)).T
            numbers = np.tile([record.id for record in records], (len(queries), 1))
            best, ids = np.hstack([best, near]), np.hstack([ids, numbers])
            order = np.argsort(-best, axis=1)[:, :K]
            best, ids = (np.take_along_axis(a, order, 1) for a in (best, ids))
    return [row.tolist() for row in ids]


def searches(library: Library, model: Path, count: int) -> list[object]:
    """Return milliseconds of searches, without and with a filter, and their recall."""
    (ready,) = library.registry.ready()
    vectors = Vectors(model, seed=-1 % 2**32)
    queries = vectors.draw(QUERIES)
    where = parse_filter(f'label == "kind {count // LABELLED // 2}"')
    found: list[set[int]] = []

    def search(query: FloatArray, where: str = "") -> None:
        found.append({i for i, _ in library.vectors.search(ready.collection, query, K, where)})

    search(queries[0])
    found.clear()
    remaining = iter(queries)
    times = milliseconds(lambda: search(next(remaining)), QUERIES)
    hits = list(found)
    remaining = iter(queries)
    filtered = milliseconds(lambda: search(next(remaining), where), QUERIES)
    nearest = exact(model, count, queries)
    recall = sum(len(a.intersection(b)) for a, b in zip(hits, nearest, strict=True)) / K / QUERIES
    both = (
        f(values, share) for f in [percentile] for values in (times, filtered) for share in (50, 95)
    )
    return [*both, recall]


def page_actions(library: Library, count: int) -> Iterator[list[object]]:
    """Yield rows of the table of page actions: milliseconds for the first time, and again."""
    label = f"kind {count // LABELLED // 3}"
    actions: dict[str, Callable[[], object]] = {
        "status": partial(serializers.status, library),
        "browse": partial(library.browse, "", 0),
        "browse, page 100": partial(library.browse, "", 100),
        "browse by a common word": partial(library.browse, "picture", 0),
        "browse by an old name": partial(library.browse, "7777.jpg", 0),
        "labels to filter by": library.records.index.labels,
        "pictures for a new model": partial(library.some_pictures, 50),
        "find a label": partial(find, library, labels=[label]),
    }
    for name, action in actions.items():
        yield [name, *milliseconds(action, 2)]
    ids = find(library, labels=[label])
    removal: list[trash.Removal] = []
    (removing,) = milliseconds(lambda: removal.append(trash.remove(library, ids)), 1)
    yield [f"remove a label of {len(ids)}", removing, "–"]
    (undoing,) = milliseconds(partial(trash.undo, library, removal[0].batch), 1)
    yield ["bring it back, without vectors", undoing, "–"]
    restore_vectors(library, ids)


def restore_vectors(library: Library, ids: list[int]) -> None:
    """Write vectors again of pictures that came back: random ones."""
    (model,) = library.registry.ready()
    drawn = Vectors(library.settings.models_dir / "projection.onnx").draw(len(ids))
    library.vectors.upsert(model.collection, ids, drawn, library.records.fields(ids))
    library.vectors.flush(model.collection)


def app_figures(folder: Path) -> list[object]:
    """Return seconds until the page and until all is done, and megabytes of each process."""
    uri = {"MILVUS_URI": os.environ["MILVUS_URI"]} if "MILVUS_URI" in os.environ else {}
    start = time.perf_counter()
    with app_running([], ROOT, **variables(folder), **uri) as app:
        page = time.perf_counter() - start
        client = connect(app)
        while client.predict(api_name="/status")["working"]:
            time.sleep(1)
        done = time.perf_counter() - start
        time.sleep(3)
        process = psutil.Process(app.pid)
        children = {"redis": 0.0, "python": 0.0}
        for child in process.children(recursive=True):
            kind = "redis" if "redis" in child.name() else "python"
            children[kind] += child.memory_info().rss / 2**20
        return [page, done, process.memory_info().rss / 2**20, *reversed(children.values())]


def size(folder: Path) -> float:
    """Return the megabytes of a folder on the disk."""
    files = (path.lstat() for path in folder.rglob("*") if path.is_file())
    return sum(status.st_blocks * 512 for status in files) / 2**20


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("--build", action="store_true", help="measure nothing")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL)
    options = parser.parse_args()
    folder, count = options.folder.absolute(), options.count
    library, model = opened(folder)
    store = "server" if library.settings.milvus_uri else "embedded"
    row = [store, f"{count:,}"]
    try:
        seconds = build(library, model, count)
        table(["store", "pictures", "built in s"], [[*row, seconds]])
        wanted = () if options.build else options.only
        if "search" in wanted:
            names = ["p50 ms", "p95 ms", "filtered p50 ms", "filtered p95 ms", f"recall@{K}"]
            table(["store", "pictures", *names], [[*row, *searches(library, model, count)]])
        if "page" in wanted:
            table(
                ["store", "pictures", "action", "first ms", "again ms"],
                [[*row, *action] for action in page_actions(library, count)],
            )
        if "doctor" in wanted:
            (seconds,) = milliseconds(partial(examine, library), 1)
            table(["store", "pictures", "doctor s", "MB at most"], [[*row, seconds / 1000, peak()]])
    finally:
        library.close()
    if "app" in wanted:
        names = ["page s", "all done s", "app MB", "Milvus Lite MB", "Redis MB"]
        table(["store", "pictures", *names], [[*row, *app_figures(folder)]])
        parts = {
            "records": "data/records",
            "Redis": "data/stores/redis",
            "Milvus Lite": "data/stores/milvus",
        }
        sizes = [size(folder / part) for part in parts.values()]
        table(["store", "pictures", *(f"{name} MB on disk" for name in parts)], [[*row, *sizes]])


def peak() -> float:
    """Return the most megabytes that this process had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
