"""How many cores this process may use."""

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def cores() -> int:
    """Return the cores that this process may use, at least 1.

    Those that it is bound to, and no more than its container has time for: on a machine of 16, a
    container of 2 would compute with 16 threads that wait for one another.
    """
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        count = os.cpu_count() or 1
    quota = _quota(CGROUPS)
    return max(1, min(count, math.ceil(quota) if math.isfinite(quota) else count))


def _quota(root: Path) -> float:
    """Return how many cores' time a container has, from its control group; infinite without one."""
    try:
        limit, period = (root / "cpu.max").read_text().split()  # version 2
    except (OSError, ValueError):
        try:
            limit, period = (
                (root / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
            )
        except OSError:
            return math.inf
    try:
        share = int(limit) / int(period)
    except (ValueError, ZeroDivisionError):  # "max"
        return math.inf
    return share if share > 0 else math.inf  # version 1 has -1 without a limit
