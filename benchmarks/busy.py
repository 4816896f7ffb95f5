"""Searching while pictures are being added: `python -m benchmarks.busy [FOLDER]`.

One app with ResNet50 and EfficientNet-Lite0. Searches over HTTP, two per second: alone, then while
an archive is added through the app's endpoint. Besides searches with a new picture, a visitor
browses: opens pictures of the library and searches with them. The archive has crops of the folder's
pictures (by default the sample pictures), enough to outlast the searches.
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
from searcher.config.folders import ROOT
from searcher.images.sources import Source

SMALL = "efficientnet_lite0"
SEARCHES = 40
PAUSE_S = 0.5
FIRST = 100  # pictures in the library before


def browse(client: Client, picture_id: str) -> dict[str, Any]:
    """Open a picture of the library, and search with it."""
    client.predict(picture_id, api_name="/picture")
    result: dict[str, Any] = client.predict(picture_id, SMALL, 12, api_name="/search_by_id")
    return result


def searches(
    search: Callable[[], dict[str, Any]], go_on: Callable[[], bool]
) -> list[tuple[float, float]]:
    """Search up to SEARCHES times, and return milliseconds: of the library, and in total."""
    times: list[tuple[float, float]] = []
    while len(times) < SEARCHES and go_on():
        start = time.perf_counter()
        result = search()
        total = (time.perf_counter() - start) * 1000
        times.append((float(result["timings_ms"]["total"]), total))
        time.sleep(PAUSE_S)
    return times


def write_archive(archive: Path, sources: Iterable[Source]) -> None:
    """Write pictures into a .zip."""
    with zipfile.ZipFile(archive, "w") as file:
        for source in sources:
            file.write(source.path, source.name)


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.busy", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "sample_images")
    parser.add_argument("--pictures", type=int, default=1300)
    options = parser.parse_args(arguments)
    originals = pictures(options.folder)
    models = [network("resnet50"), network(SMALL)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pictures").mkdir()
        crops = multiply(originals, FIRST + options.pictures, folder / "pictures")
        archives = folder / "first.zip", folder / "more.zip"
        for archive, part in zip(archives, (crops[:FIRST], crops[FIRST:]), strict=True):
            write_archive(archive, part)
        rows = []
        with app_running(models, MAX_UPLOAD_MB="1000") as app:
            client = connect(app)
            query = handle_file(crops[0].path)
            client.predict([handle_file(archives[0])], "first", api_name="/add")
            first = client.predict(query, SMALL, 12, api_name="/search")
            stored = first["hits"][0]["id"]
            kinds = {
                "resnet50": lambda: client.predict(query, "resnet50", 12, api_name="/search"),
                SMALL: lambda: client.predict(query, SMALL, 12, api_name="/search"),
                "browsing": lambda: browse(client, stored),
            }
            alone = {kind: searches(search, lambda: True) for kind, search in kinds.items()}
            job = client.submit([handle_file(archives[1])], "more", api_name="/add")
            time.sleep(3)
            busy = {
                kind: searches(search, lambda: not job.done()) for kind, search in kinds.items()
            }
            report = job.result()
        for kind in kinds:
            for scope, column in (("library", 0), ("HTTP", 1)):
                a, b = ([pair[column] for pair in times[kind]] for times in (alone, busy))
                p95 = percentile(a, 95), percentile(b, 95)
                p50 = statistics.median(a), statistics.median(b)
                rows.append([kind, scope, *p50, *p95, p95[1] / p95[0], len(b)])
    header = ["p50 alone ms", "p50 busy ms", "p95 alone ms", "p95 busy ms", "times"]
    table(["search", "measured", *header, "busy searches"], rows)
    print(f"{report['added']} pictures were added in {report['seconds']:.0f} s meanwhile.")


if __name__ == "__main__":
    main(sys.argv[1:])
