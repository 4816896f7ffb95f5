"""A second indexing run over files that are all known: `python -m benchmarks.known [N]`.

The library is made without embedding: N files of 8 x 8 pixels, their records and random vectors.
"""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import table, temporary_library
from benchmarks.filled import Filling, Vectors, fill, write_model
from searcher.images.sources import find_sources

COUNT = 100_000
CHECK_S = 60.0  # that the model file's check may take


def main(arguments: list[str]) -> None:
    """Print the table."""
    count = int(arguments[0]) if arguments else COUNT
    with tempfile.TemporaryDirectory() as folder:
        model, files = write_model(Path(folder)), Path(folder) / "pictures"
        with temporary_library([model], INSTALL_MODELS="") as library:
            library.registry.checks.patience = CHECK_S
            fill(library, Filling(count, files), Vectors(model))
            library.records.complete_paths()
            start = time.perf_counter()
            report = library.index(find_sources([files]))
            seconds = time.perf_counter() - start
    assert (report.unchanged, report.added) == (count, 0)
    rate = count / seconds
    table(["files", "second run s", "files/s"], [[f"{count:,}", seconds, f"{rate:,.0f}"]])


if __name__ == "__main__":
    main(sys.argv[1:])
