"""Read a file of vectors that a visitor brings once within limits, before this process reads it.

`python -m searcher.library.vector_probe FILE BYTES NAME COLUMN IDS` reads it in a process of its
own: a few kilobytes can unpack to any size, and a damaged file could crash the library that reads
it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from searcher.config.folders import ROOT
from searcher.errors import BadVectors, InstallCancelled
from searcher.models.resource_limits import restrict

DATA_BYTES = 2**30
CPU_S = 60  # and more for larger files
BYTES_PER_S = 5 * 2**20
IDLE_FACTOR = 3  # times as many seconds of the clock as of the processor
POLL_S = 0.05


def probe(
    path: Path,
    name: str,
    column: str = "",
    ids: str = "",
    stop: Callable[[], bool] = lambda: False,
    data_bytes: int = DATA_BYTES,
) -> None:
    """Check that a file can be read within limits; whether it is of any use is not checked.

    Args:
        path: The file.
        name: Its name.
        column: Its column of vectors, as of `open_table`.
        ids: Its column of keys.
        stop: Asked now and then whether to end.
        data_bytes: The limit of memory.

    Raises:
        BadVectors: It takes too much memory or time, or crashes what reads it.
        InstallCancelled: `stop` returned True.
    """
    command = [sys.executable, "-m", "searcher.library.vector_probe", str(path.absolute())]
    command += [str(data_bytes), name, column, ids]
    seconds = _seconds(path)
    end = time.monotonic() + IDLE_FACTOR * seconds
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null, cwd=ROOT) as child:
        try:
            while child.poll() is None and time.monotonic() < end:
                if stop():
                    raise InstallCancelled("install.cancelled", name=name)
                time.sleep(POLL_S)
        finally:
            child.kill()
    if child.returncode:
        raise BadVectors("vectors.too_costly", name=name, mb=data_bytes // 2**20, seconds=seconds)


def main(arguments: list[str]) -> int:
    """Read a file completely; return 0 also where it is no file of vectors, as others say why."""
    path = Path(arguments[0])
    restrict(int(arguments[1]), _seconds(path))
    os.nice(5)  # searches go first
    # Imported under the limits, so that they hold for these modules' memory and threads, too.
    import pyarrow as pa

    from searcher.datasets.vector_source import open_table

    # The default one reserves more memory than the limit allows.
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        for _ in open_table(path, *arguments[2:]).batches():
            pass
    except BadVectors as error:
        return int(isinstance(error.__cause__, MemoryError))
    return 0


def _seconds(path: Path) -> int:
    return CPU_S + path.stat().st_size // BYTES_PER_S


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
