"""Candidates for the Map's projection: processor time, memory, trustworthiness at each size.

Run with a Python in which the candidates' packages are installed:

    python -m benchmarks.projections [NAME…]
"""

import importlib.util
import multiprocessing as mp
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from benchmarks.tables import table
from searcher.metrics.nearest_neighbours import nearest
from searcher.metrics.projection import NEIGHBOURS, pca, tsne
from searcher.metrics.trustworthiness import trustworthiness

SIZES = (1000, 5000, 20_000, 50_000)
DIM = 512
GROUPS, KINDS, LOCAL_DIM = 20, 8, 12  # clusters, clusters within each, dimensions of each of these
SEED = 0
JUDGED = 2000  # vectors whose neighbours are ranked


def vectors(count: int) -> np.ndarray:
    """Return unit vectors [N, DIM] in nested clusters on planes of LOCAL_DIM dimensions."""
    generator = np.random.default_rng(SEED)
    groups = generator.standard_normal((GROUPS, DIM))
    kinds = groups[:, None] + 0.7 * generator.standard_normal((GROUPS, KINDS, DIM))
    planes = generator.standard_normal((GROUPS * KINDS, LOCAL_DIM, DIM)) / LOCAL_DIM**0.5
    kind = generator.integers(GROUPS * KINDS, size=count)
    within = generator.standard_normal((count, LOCAL_DIM))
    points = 0.1 * generator.standard_normal((count, DIM), dtype=np.float32)
    for number, centre in enumerate(kinds.reshape(-1, DIM)):
        rows = kind == number
        points[rows] += centre + within[rows] @ planes[number]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points


def by_umap(data: np.ndarray) -> np.ndarray:
    from umap import UMAP

    return UMAP(n_neighbors=NEIGHBOURS, random_state=SEED).fit_transform(data)


def by_opentsne(data: np.ndarray) -> np.ndarray:
    from openTSNE import TSNE

    return TSNE(random_state=SEED).fit(data)


def as_used(data: np.ndarray) -> np.ndarray:
    return tsne(nearest(data, NEIGHBOURS)[0], pca(data).points).points


def by_pacmap(data: np.ndarray) -> np.ndarray:
    from pacmap import PaCMAP

    return PaCMAP(random_state=SEED).fit_transform(data, init="pca")


CANDIDATES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "PCA": ("numpy", lambda data: pca(data).points),
    "t-SNE, as used": ("numpy", as_used),
    "umap-learn": ("umap", by_umap),
    "openTSNE": ("openTSNE", by_opentsne),
    "PaCMAP": ("pacmap", by_pacmap),
}


def measure(name: str, count: int, results: Any) -> None:
    data = vectors(count)
    start = time.process_time()
    points = CANDIDATES[name][1](data)  # import and compilation included, as after a restart
    seconds = time.process_time() - start  # of all threads, whatever else runs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    judged = np.random.default_rng(SEED).permutation(count)[:JUDGED]
    results.put((seconds, peak, trustworthiness(data, points, NEIGHBOURS, judged)))


def rows(names: Iterable[str]) -> Iterator[list[object]]:
    """Measure each candidate at each size, in a process of its own."""
    context = mp.get_context("spawn")
    for name in names:
        package = CANDIDATES[name][0]
        if not importlib.util.find_spec(package):
            print(f"{name}: {package} is not installed", file=sys.stderr)
            continue
        for count in SIZES:
            results = context.Queue()
            process = context.Process(target=measure, args=(name, count, results))
            process.start()
            yield [name, f"{count:,}", *results.get()]
            process.join()


def main() -> None:
    """Print the table."""
    header = ["projection", "pictures", "CPU s", "at most MB", "trustworthiness"]
    table(header, rows(sys.argv[1:] or CANDIDATES))


if __name__ == "__main__":
    main()
