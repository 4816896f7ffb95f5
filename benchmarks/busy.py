"""Searching while pictures are being added: `python -m benchmarks.busy [FOLDER]`.

One app with ResNet50 and EfficientNet-Lite0. Searches over HTTP, two a second: alone, then while an
archive is added through the app's own endpoint. Apart from searches with a new picture, somebody
looks around in the library: from one of its pictures to the next. The archive has different parts
of the folder's pictures (by default the sample pictures), as many as outlast the searches.
"""

import argparse
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gradio_client import Client, handle_file

from benchmarks.common import app_running, connect, network, percentile, pictures, table
from benchmarks.index import multiply
from searcher.settings import ROOT
from searcher.sources import Source

SMALL = "efficientnet_lite0"
SEARCHES = 40
PAUSE_S = 0.5
FIRST = 100  # pictures that are there before


def looked_at(client: Client, picture_id: str) -> dict[str, Any]:
    """Look at a picture of the library, and for those like it."""
    client.predict(picture_id, api_name="/picture")
    found: dict[str, Any] = client.predict(picture_id, SMALL, 12, api_name="/search_by_id")
    return found


def searches(
    search: Callable[[], dict[str, Any]], go_on: Callable[[], bool]
) -> list[tuple[float, float]]:
    """Milliseconds of up to SEARCHES searches, one after the other: of the library, and in all."""
    times = []
    while len(times) < SEARCHES and go_on():
        start = time.perf_counter()
        found = search()
        whole = (time.perf_counter() - start) * 1000
        times.append((float(found["timings_ms"]["total"]), whole))
        time.sleep(PAUSE_S)
    return times


def write_archive(archive: Path, sources: Iterable[Source]) -> None:
    """Put some pictures into a .zip."""
    with zipfile.ZipFile(archive, "w") as written:
        for source in sources:
            written.write(source.path, source.name)


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.busy", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "sample_images")
    parser.add_argument("--pictures", type=int, default=1300)
    options = parser.parse_args(arguments)
    given = pictures(options.folder)
    models = [network("resnet50"), network(SMALL)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pictures").mkdir()
        made = multiply(given, FIRST + options.pictures, folder / "pictures")
        archives = folder / "first.zip", folder / "more.zip"
        for archive, part in zip(archives, (made[:FIRST], made[FIRST:]), strict=True):
            write_archive(archive, part)
        rows = []
        with app_running(models, MAX_UPLOAD_MB="1000") as app:
            client = connect(app)
            query = handle_file(made[0].path)
            client.predict([handle_file(archives[0])], "first", api_name="/add")
            first = client.predict(query, SMALL, 12, api_name="/search")
            known = first["hits"][0]["id"]
            ways = {
                "resnet50": lambda: client.predict(query, "resnet50", 12, api_name="/search"),
                SMALL: lambda: client.predict(query, SMALL, 12, api_name="/search"),
                "looking around": lambda: looked_at(client, known),
            }
            alone = {own: searches(way, lambda: True) for own, way in ways.items()}
            job = client.submit([handle_file(archives[1])], "more", api_name="/add")
            time.sleep(3)
            busy = {own: searches(way, lambda: not job.done()) for own, way in ways.items()}
            report = job.result()
        for own in ways:
            for way, place in (("library", 0), ("HTTP", 1)):
                a, b = ([both[place] for both in times[own]] for times in (alone, busy))
                worst = percentile(a, 95), percentile(b, 95)
                middle = statistics.median(a), statistics.median(b)
                rows.append([own, way, *middle, *worst, worst[1] / worst[0], len(b)])
    header = ["search", "measured", "p50 alone", "p50 busy", "p95 alone", "p95 busy", "times"]
    table([*header, "busy searches"], rows)
    print(f"{report['added']} pictures were added in {report['seconds']:.0f} s meanwhile.")


if __name__ == "__main__":
    main(sys.argv[1:])
