"""Start-up time and memory of the app: `python -m benchmarks.start`.

The library has the sample pictures. Seconds count from the start of the process: until the page
answers, and until a client that then connects has its first search result. Megabytes are of the app
and its private stores: when idle, after a search with every model, and the maximum while pictures
are added. Files are in the system's cache, as after an earlier start.
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
    wait_for_supervisor,
)
from benchmarks.index import multiply
from searcher.config.folders import ROOT
from searcher.export.install import make_baselines

STARTS = 3
ADDITIONS = 60  # pictures
REST_S = 3.0
SAMPLING_S = 0.1  # between two measurements of memory


def starts(models: Sequence[Path], name: str, archive: Path) -> list[object]:
    """Return a row of the table for an app with some models; the first search uses the first."""
    seconds = []
    with temporary_library(models) as library:
        make_baselines(library.settings.models_dir)
        library.index(pictures())
        library.close()
        settings = library.settings
        for number in range(STARTS):
            wait_for_supervisor(settings.stores)
            start = time.perf_counter()
            variables = {
                "TWINLENS_DATA": str(settings.data),
                "MODELS_DIR": str(settings.models_dir),
            }
            with app_running([], ROOT, **variables) as app:
                page = time.perf_counter() - start
                client = connect(app)
                search(client, models[0].stem)
                seconds.append((page, time.perf_counter() - start))
                if number == STARTS - 1:
                    sizes = megabytes(app, client, archive)
    page, first = (statistics.median(column) for column in zip(*seconds, strict=True))
    return [name, page, first, *sizes]


def search(client: Client, model: str) -> None:
    """Search once."""
    result = client.predict(handle_file(pictures()[0].path), model, 12, api_name="/search")
    assert len(result["hits"]) >= 12  # and the query


def megabytes(app: App, client: Client, archive: Path) -> list[str]:
    """Return the memory when idle, after a search with every model, and at most while adding."""
    time.sleep(REST_S)
    idle = memory(app.pid)
    for model in reversed(client.predict(api_name="/models")):  # the same ones stay in memory
        if model["state"] == "ready":
            search(client, model["name"])
    after_searches = memory(app.pid)
    samples = []
    job = client.submit([handle_file(str(archive))], "more", api_name="/add")
    while not job.done():
        samples.append(memory(app.pid))
        time.sleep(SAMPLING_S)
    assert job.result()["added"]
    maximum = tuple(max(column) for column in zip(*samples, strict=True))
    return [f"{size:.0f} + {stores:.0f}" for size, stores in (idle, after_searches, maximum)]


def main() -> None:
    """Print the table."""
    small = [network("efficientnet_lite0"), network("efficientnet_lite2")]
    both = [network("resnet50"), network("vgg16")]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "more.zip"
        (Path(folder) / "in").mkdir()
        crops = multiply(pictures(), len(pictures()) + ADDITIONS, Path(folder) / "in")
        write_archive(archive, crops[-ADDITIONS:])
        rows = [
            starts(small, "EfficientNet-Lite0 and -Lite2", archive),
            starts([*both, *small], "ResNet50 and VGG16 as well", archive),
        ]
    table(
        ["models", "page s", "first result s", "MB at rest", "MB after searches", "MB adding"], rows
    )


if __name__ == "__main__":
    main()
