"""How soon the app is there, and what it keeps in memory: `python -m benchmarks.start`.

The library has the sample pictures. Seconds count from the start of the process: until the page
answers, and until a program that connects then has its first search result. Megabytes are of the
app and, apart, of its private stores: at rest, after a search with every model, and the most
while pictures are being added. Files are in the system's cache, as after any earlier start.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gradio_client import Client, handle_file

from benchmarks.busy import write_archive
from benchmarks.common import (
    App,
    app_running,
    connect,
    memory,
    network,
    pictures,
    table,
    temporary_library,
    wait_for_keeper,
)
from benchmarks.index import multiply
from searcher.export.install import make_baselines

STARTS = 3
ADDED = 60  # pictures
REST_S = 3.0
LOOK_S = 0.1  # between two looks at the memory


def starts(models: Sequence[Path], name: str, archive: Path) -> list[object]:
    """A row of the table for an app with some models, the first of which is searched with."""
    seconds = []
    with temporary_library(models) as library:
        make_baselines(library.settings.models_dir)
        library.ingest(pictures())
        library.close()
        own = library.settings
        for number in range(STARTS):
            wait_for_keeper(own.stores)
            began = time.perf_counter()
            variables = {"TWINLENS_DATA": str(own.data), "MODELS_DIR": str(own.models_dir)}
            with app_running([], **variables) as app:
                page = time.perf_counter() - began
                client = connect(app)
                search(client, models[0].stem)
                seconds.append((page, time.perf_counter() - began))
                if number == STARTS - 1:
                    kept = megabytes(app, client, archive)
    page, first = (statistics.median(column) for column in zip(*seconds, strict=True))
    return [name, page, first, *kept]


def search(client: Client, model: str) -> None:
    """Search once."""
    found = client.predict(handle_file(pictures()[0].path), model, 12, api_name="/search")
    assert len(found["hits"]) == 12


def megabytes(app: App, client: Client, archive: Path) -> list[str]:
    """What is in memory at rest, after searching with every model, and at most while adding."""
    time.sleep(REST_S)
    rest = memory(app.pid)
    for model in reversed(client.predict(api_name="/models")):  # those that are kept come last
        if model["state"] == "ready":
            search(client, model["name"])
    searched = memory(app.pid)
    looks = []
    job = client.submit([handle_file(str(archive))], "more", api_name="/add")
    while not job.done():
        looks.append(memory(app.pid))
        time.sleep(LOOK_S)
    assert job.result()["added"]
    most = tuple(max(column) for column in zip(*looks, strict=True))
    return [f"{own:.0f} + {stores:.0f}" for own, stores in (rest, searched, most)]


def main() -> None:
    """Print the table."""
    small = [network("efficientnet_lite0"), network("efficientnet_lite2")]
    both = [network("resnet50"), network("vgg16")]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "more.zip"
        (Path(folder) / "in").mkdir()
        made = multiply(pictures(), len(pictures()) + ADDED, Path(folder) / "in")
        write_archive(archive, made[-ADDED:])
        rows = [
            starts(small, "EfficientNet-Lite0 and -Lite2", archive),
            starts([*both, *small], "ResNet50 and VGG16 as well", archive),
        ]
    table(
        ["models", "page s", "first result s", "MB at rest", "MB after searches", "MB adding"], rows
    )


if __name__ == "__main__":
    main()
