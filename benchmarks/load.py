"""Several visitors at once: `python -m benchmarks.load [--seconds 60]`.

One app with ResNet50 and 1,000 pictures in its library. Each visitor searches over HTTP without a
pause, each time with another sample picture: one, four and sixteen visitors in turn, then one while
an archive is being added. The visitors run on the same CPU as the app.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from gradio_client import Client, handle_file

from benchmarks.busy import write_archive
from benchmarks.common import (
    App,
    app_running,
    connect,
    memory,
    network,
    percentile,
    pictures,
    table,
)
from benchmarks.index import multiply
from benchmarks.query import fill
from searcher.library.core import Library

NAME = "resnet50"
VISITORS = (1, 4, 16)
TURNS = 4  # for each number of visitors
ARCHIVE_PER_S = 20  # pictures in the archive per second of measuring, more than can be added
MAX_ERRORS = 3  # printed per row


@dataclass
class Visits:
    """The response times and errors of some visitors."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: tuple[float, float] = (0, 0)  # of the app and of its stores, at the end


def visit(client: Client, files: Iterator[str], go_on: Callable[[], bool], visits: Visits) -> None:
    """Search repeatedly without a pause."""
    while go_on():
        start = time.perf_counter()
        try:
            result = client.predict(handle_file(next(files)), NAME, 12, api_name="/search")
            assert len(result["hits"]) >= 12  # and the query
        except Exception as error:  # any error that a visitor would see
            visits.errors.append(f"{type(error).__name__}: {error}")
        else:
            visits.milliseconds.append((time.perf_counter() - start) * 1000)


def visitors(app: App, count: int, files: Sequence[str], seconds: float, visits: Visits) -> None:
    """Let `count` visitors search for some time, each starting with another picture."""
    clients = [connect(app) for _ in range(count)]
    end = time.perf_counter() + seconds
    threads = []
    for number, client in enumerate(clients):
        rotation = islice(cycle(files), number * len(files) // count, None)
        arguments = (client, rotation, lambda: time.perf_counter() < end, visits)
        threads.append(threading.Thread(target=visit, args=arguments))
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    visits.seconds += time.perf_counter() - start
    visits.megabytes = memory(app.pid)


def row(label: str, visits: Visits) -> list[object]:
    """Return a row of the table, and print the first errors to stderr."""
    for error in visits.errors[:MAX_ERRORS]:
        print(error, file=sys.stderr)
    times = visits.milliseconds
    rate = len(times) / visits.seconds
    p50, p95 = statistics.median(times), percentile(times, 95)
    megabytes = (round(size) for size in visits.megabytes)
    return [label, rate, p50, p95, len(visits.errors), *megabytes]


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each number of visitors")
    seconds = parser.parse_args(arguments).seconds
    with (
        tempfile.TemporaryDirectory() as name,
        app_running([network(NAME)], MAX_UPLOAD_MB="1000") as app,
    ):
        crops = multiply(pictures(), round(seconds * ARCHIVE_PER_S), Path(name))
        files = [source.path for source in pictures()]
        archive = Path(name) / "more.zip"
        write_archive(archive, crops)
        client = connect(app)
        client.predict(api_name="/status")  # starts the app's stores
        library = Library(app.settings)
        fill(library, NAME)
        visitors(app, 1, files, min(seconds, 3), Visits())  # to warm up
        results = {str(count): Visits() for count in VISITORS}
        for _ in range(TURNS):
            for count in VISITORS:
                visitors(app, count, files, seconds / TURNS, results[str(count)])
        before = library.records.count()
        job = client.submit([handle_file(str(archive))], "more", api_name="/add")
        time.sleep(3)
        during_archive = results["1, and an archive"] = Visits()
        visitors(app, 1, files, seconds, during_archive)
        added = library.records.count() - before
        is_adding = not job.done()
        library.close()
    header = ["visitors", "searches/s", "p50 ms", "p95 ms", "errors", "app MB", "stores MB"]
    table(header, [row(label, visits) for label, visits in results.items()])
    print(f"{added} pictures were added meanwhile.")
    if not is_adding:
        job.result()  # raises the error, if there was one
        print("The archive was added before the measurement ended, so the last row is too good.")


if __name__ == "__main__":
    main(sys.argv[1:])
