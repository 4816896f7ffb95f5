"""What the measurements share: a library to throw away, networks to measure, tables."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from searcher.export.install import install
from searcher.library import Library
from searcher.settings import ROOT, Settings

# Speed does not depend on what the weights are, so untrained networks do.
MODELS = ROOT / "data" / "benchmarks" / "models"


def network(name: str) -> Path:
    """A network of the catalogue with random weights, made once."""
    path = MODELS / f"{name}.onnx"
    return path if path.exists() else install(name, "random", MODELS, lambda stage: None)


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


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row)
        print("| " + " | ".join(cells) + " |")
    print(flush=True)
