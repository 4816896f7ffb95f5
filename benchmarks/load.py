"""Several visitors at once: `python -m benchmarks.load [--seconds 60]`.

One app with ResNet50 and 1,000 pictures in its library. Each visitor searches over HTTP without a
pause, every time with another of the sample pictures: one, four and sixteen visitors in turn, then
one while an archive is being added. The visitors take their share of the same processor.
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
TURNS = 4  # that each number of visitors takes
ARCHIVE_A_SECOND = 20  # pictures, more than can be added
ERRORS_SHOWN = 3


@dataclass
class Visits:
    """What some visitors went through: the time of each answer, and what went wrong."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: tuple[float, float] = (0, 0)  # of the app and of its stores, at the end


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


def visitors(app: App, count: int, files: Sequence[str], seconds: float, visits: Visits) -> None:
    """Let `count` visitors search for some time; each begins with another picture."""
    clients = [connect(app) for _ in range(count)]
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
    visits.seconds += time.perf_counter() - start
    visits.megabytes = memory(app.pid)


def row(label: str, visits: Visits) -> list[object]:
    """A row of the table; the first errors go to stderr."""
    for error in visits.errors[:ERRORS_SHOWN]:
        print(error, file=sys.stderr)
    times = visits.milliseconds
    rate = len(times) / visits.seconds
    middle, worst = statistics.median(times), percentile(times, 95)
    megabytes = (round(size) for size in visits.megabytes)
    return [label, rate, middle, worst, len(visits.errors), *megabytes]


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each number of visitors")
    seconds = parser.parse_args(arguments).seconds
    with (
        tempfile.TemporaryDirectory() as name,
        app_running([network(NAME)], MAX_UPLOAD_MB="1000") as app,
    ):
        made = multiply(pictures(), round(seconds * ARCHIVE_A_SECOND), Path(name))
        files = [source.path for source in pictures()]
        archive = Path(name) / "more.zip"
        write_archive(archive, made)
        client = connect(app)
        client.predict(api_name="/status")  # from here on the app has stores of its own
        library = Library(app.settings)
        fill(library, NAME)
        visitors(app, 1, files, min(seconds, 3), Visits())  # to warm up
        found = {str(count): Visits() for count in VISITORS}
        for _ in range(TURNS):
            for count in VISITORS:
                visitors(app, count, files, seconds / TURNS, found[str(count)])
        before = library.records.count()
        job = client.submit([handle_file(str(archive))], "more", api_name="/add")
        time.sleep(3)
        beside = found["1, and an archive"] = Visits()
        visitors(app, 1, files, seconds, beside)
        added = library.records.count() - before
        outlasted = not job.done()
        library.close()
    header = ["visitors", "searches/s", "p50 ms", "p95 ms", "errors", "app MB", "stores MB"]
    table(header, [row(label, visits) for label, visits in found.items()])
    print(f"{added} pictures were added meanwhile.")
    if not outlasted:
        job.result()  # raises what went wrong with the archive
        print("The archive was in before the visitor had gone, so the last row is too good.")


if __name__ == "__main__":
    main(sys.argv[1:])
