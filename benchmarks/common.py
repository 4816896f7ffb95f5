"""What the measurements share: a library to throw away, networks to measure, tables."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from gradio_client import Client

from searcher.export.catalogue import CATALOGUE, PipNetwork
from searcher.export.install import install
from searcher.export.twin import SUFFIX, write_twin
from searcher.library import Library
from searcher.locks import acquire
from searcher.settings import ROOT, Settings
from searcher.sources import Source
from tools.pictures import labelled_sources, readable

# Speed does not depend on what the weights are, so untrained networks do.
MODELS = ROOT / "data" / "benchmarks" / "models"
SAMPLES = ROOT / "sample_images"


def network(name: str) -> Path:
    """A network of the catalogue, or its int8 twin; made once. Keras' have random weights."""
    path = MODELS / f"{name}.onnx"
    if path.exists():
        return path
    if name.endswith(SUFFIX):
        decoded = [picture for picture, _ in readable(labelled_sources(SAMPLES))]
        return write_twin(network(name.removesuffix(SUFFIX)), decoded)
    weights = "imagenet" if isinstance(CATALOGUE[name], PipNetwork) else "random"
    return install(name, weights, MODELS, lambda stage: None)


def pictures(folder: Path = SAMPLES) -> list[Source]:
    """The pictures of a folder's folders: what stands beside them is none."""
    return [source for source, _ in labelled_sources(folder)]


@contextmanager
def temporary_library(models: Sequence[Path] = (), **variables: str) -> Iterator[Library]:
    """An empty library on embedded stores with some models, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "models").mkdir()
        for path in models:
            (home / "models" / path.name).symlink_to(path)
        env = {"TWINLENS_DATA": f"{home}/data", "MODELS_DIR": f"{home}/models", **variables}
        library = Library(Settings.from_env(env))
        try:
            yield library
        finally:
            library.close()
            wait_for_keeper(library.settings.stores)


@dataclass(frozen=True)
class App:
    """The app as it runs: where its page is, what it was set to, its process."""

    address: str
    settings: Settings
    pid: int


@contextmanager
def app_running(models: Sequence[Path], **variables: str) -> Iterator[App]:
    """The app on an empty library with some models, once the page answers.

    `variables` are of its environment, and win over what is set here.
    """
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        home = Path(folder)
        (home / "models").mkdir()
        for path in models:
            (home / "models" / path.name).symlink_to(path)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        own = {
            "TWINLENS_DATA": f"{home}/data",
            "MODELS_DIR": f"{home}/models",
            "SAMPLES_DIR": f"{home}/none",
            "INSTALL_MODELS": "",
            "RATE_LIMIT": "0",
            "PORT": str(port),
            **variables,
        }
        settings = Settings.from_env(own)
        app = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            env={**os.environ, **own},
            stdout=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            while not _answers(address):
                if app.poll() is not None:
                    raise RuntimeError("The app ended before its page came up.")
                time.sleep(0.02)
            yield App(address, settings, app.pid)
        finally:
            app.terminate()
            app.wait()
            wait_for_keeper(settings.stores)


def connect(app: App) -> Client:
    """A program that asks the app.

    Unless told not to check certificates, of which the app has none, gradio_client reads those of
    the whole world anew for each request: 70 ms of the processor that the app would not get.
    """
    return Client(app.address, ssl_verify=False, verbose=False)


def wait_for_keeper(stores: Path) -> None:
    """Wait until the private servers of a folder have ended, so that the folder can go.

    They end about a second after their last user, and need their files for it.
    """
    if stores.exists():
        acquire(stores / "keeper.lock").close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.HTTPError:
        return False


def memory(pid: int) -> tuple[float, float]:
    """Resident megabytes of a process, and of all that it started: with the app, its stores."""
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    return _resident(process), sum(_resident(child) for child in children)


def _resident(process: psutil.Process) -> float:
    return process.memory_info().rss / 2**20


def milliseconds(call: Callable[[], object], runs: int) -> list[float]:
    """How long each of several calls takes."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return times


def percentile(values: Sequence[float], share: int) -> float:
    """Such as the 95th percentile; the largest where there are few values."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table, each row as soon as it is there."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row)
        print("| " + " | ".join(cells) + " |", flush=True)
    print(flush=True)
