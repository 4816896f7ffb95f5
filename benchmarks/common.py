"""Shared by all benchmarks: a temporary library, an app, networks to measure, tables."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from gradio_client import Client

from benchmarks.tables import table as table
from searcher.config.folders import ROOT
from searcher.config.settings import Settings
from searcher.export.install import install
from searcher.export.int8 import SUFFIX, write_int8
from searcher.file_locks import acquire
from searcher.images.sources import Source
from searcher.library.core import Library
from searcher.models.catalog import CATALOGUE
from searcher.models.networks import PipNetwork
from searcher.stores.private.client import LOCK
from tools.pictures import labelled_sources, readable

# Speed does not depend on the weights, so these are random.
MODELS = ROOT / "data" / "benchmarks" / "models"
SAMPLES = ROOT / "sample_images"


def network(name: str) -> Path:
    """Return a network of the catalogue or its int8 variant; made once, Keras' without training."""
    path = MODELS / f"{name}.onnx"
    if path.exists():
        return path
    if name.endswith(SUFFIX):
        decoded = [picture for picture, _ in readable(labelled_sources(SAMPLES))]
        return write_int8(network(name.removesuffix(SUFFIX)), decoded)
    weights = "imagenet" if isinstance(CATALOGUE[name], PipNetwork) else "random"
    return install(name, weights, MODELS, lambda stage: None)


def pictures(folder: Path = SAMPLES) -> list[Source]:
    """Return the pictures in the subfolders of a folder."""
    return [source for source, _ in labelled_sources(folder)]


@contextmanager
def temporary_library(models: Sequence[Path] = (), **variables: str) -> Iterator[Library]:
    """Yield an empty library on embedded stores with some models, and delete it afterwards."""
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
            wait_for_supervisor(library.settings.stores)


@dataclass(frozen=True)
class App:
    """A running app: its address, settings and process."""

    address: str
    settings: Settings
    pid: int


@contextmanager
def app_running(models: Sequence[Path], root: Path = ROOT, **variables: str) -> Iterator[App]:
    """Run the app on an empty library, and yield it once the page answers.

    Args:
        models: Model files.
        root: The checkout to run.
        **variables: Environment variables; they override those set here.
    """
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        home = Path(folder)
        (home / "models").mkdir()
        for path in models:
            (home / "models" / path.name).symlink_to(path)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            "TWINLENS_DATA": f"{home}/data",
            "MODELS_DIR": f"{home}/models",
            "SAMPLES_DIR": f"{home}/none",
            "INSTALL_MODELS": "",
            "RATE_LIMIT": "0",
            "PORT": str(port),
            **variables,
        }
        settings = Settings.from_env(environment)
        app = subprocess.Popen(
            [sys.executable, str(root / "app.py")],
            env={**os.environ, **environment},
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
            wait_for_supervisor(settings.stores)


def connect(app: App) -> Client:
    """Return a client of the app.

    It does not verify certificates, which the app has none of: otherwise gradio_client would load
    all root certificates for each request, in 70 ms of CPU time that the app would lack.
    """
    return Client(app.address, ssl_verify=False, verbose=False)


def wait_for_supervisor(stores: Path) -> None:
    """Wait until the private servers of a folder have ended, so that it can be deleted.

    They end about a second after their last client, and use their files until then.
    """
    if stores.exists():
        acquire(stores / LOCK).close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.HTTPError:
        return False


def memory(pid: int) -> tuple[float, float]:
    """Return the resident memory in MB of a process, and of its children: the app's stores."""
    process = psutil.Process(pid)
    children = process.children(recursive=True)
    return _resident(process), sum(_resident(child) for child in children)


def _resident(process: psutil.Process) -> float:
    return process.memory_info().rss / 2**20


def milliseconds(call: Callable[[], object], runs: int) -> list[float]:
    """Return the duration of each of several calls."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return times


def percentile(values: Sequence[float], share: int) -> float:
    """Return a percentile, such as the 95th."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
