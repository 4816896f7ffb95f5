"""Several visitors at once: `python -m benchmarks.load [--seconds 60]`.

One app with ResNet50 and 1,000 pictures in its library. Each visitor searches over HTTP without a
pause, every time with another of the sample pictures; then one visitor does while an archive is
being added. The visitors take their share of the same processor.
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
from searcher.library import Library

NAME = "resnet50"
VISITORS = (1, 4, 16)
ARCHIVE_A_SECOND = 20  # pictures, more than can be added
ERRORS_SHOWN = 3


@dataclass
class Visits:
    """What some visitors went through: the time of each answer, and what went wrong."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0


def visit(client: Client, files: Iterator[str], go_on: Callable[[], bool], visits: Visits) -> None:
    """Search again and again, at once when the answer is there."""
    while go_on():
        start = time.perf_counter()
        try:
            found = client.predict(handle_file(next(files)), NAME, 12, api_name="/search")
            assert len(found["hits"]) == 12
        except Exception as error:  # whatever a visitor would see as one
            visits.errors.append(f"{type(error).__name__}: {error}")
        else:
            visits.milliseconds.append((time.perf_counter() - start) * 1000)


def visitors(app: App, count: int, files: Sequence[str], seconds: float) -> Visits:
    """Let `count` visitors search for some time; each begins with another picture."""
    clients = [connect(app) for _ in range(count)]
    visits = Visits()
    end = time.perf_counter() + seconds
    threads = []
    for number, client in enumerate(clients):
        own = islice(cycle(files), number * len(files) // count, None)
        arguments = (client, own, lambda: time.perf_counter() < end, visits)
        threads.append(threading.Thread(target=visit, args=arguments))
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    visits.seconds = time.perf_counter() - start
    return visits


def row(label: str, app: App, visits: Visits) -> list[object]:
    """A row of the table; the first errors go to stderr."""
    for error in visits.errors[:ERRORS_SHOWN]:
        print(error, file=sys.stderr)
    times = visits.milliseconds
    rate = len(times) / visits.seconds
    middle, worst = statistics.median(times), percentile(times, 95)
    own, stores = memory(app.pid)
    return [label, rate, middle, worst, len(visits.errors), round(own), round(stores)]


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each number of visitors")
    seconds = parser.parse_args(arguments).seconds
    with tempfile.TemporaryDirectory() as name, app_running([network(NAME)]) as app:
        made = multiply(pictures(), round(seconds * ARCHIVE_A_SECOND), Path(name))
        files = [source.path for source in pictures()]
        archive = Path(name) / "more.zip"
        write_archive(archive, made)
        client = connect(app)
        client.predict(api_name="/status")  # from here on the app has stores of its own
        library = Library(app.settings)
        fill(library, NAME)
        visitors(app, 1, files, min(seconds, 3))  # to warm up
        rows = [row(str(n), app, visitors(app, n, files, seconds)) for n in VISITORS]
        before = library.records.count()
        job = client.submit([handle_file(str(archive))], "more", api_name="/add")
        time.sleep(3)
        visits = visitors(app, 1, files, seconds)
        rows.append(row("1, and an archive", app, visits))
        added = library.records.count() - before
        outlasted = not job.done()
        library.close()
    header = ["visitors", "searches/s", "p50 ms", "p95 ms", "errors", "app MB", "stores MB"]
    table(header, rows)
    print(f"{added} pictures were added meanwhile.")
    if not outlasted:
        print("The archive was in before the visitor had gone, so the last row is too good.")


if __name__ == "__main__":
    main(sys.argv[1:])
