"""Limits of processes that load files which somebody else made."""

import contextlib
import resource


def restrict(data_bytes: int, seconds: int) -> None:
    """Limit this process's memory, processor time and core files.

    Args:
        data_bytes: Bytes of memory. Linux counts what is written to, not what threads and
            libraries reserve.
        seconds: Processor time; after another second the signal can't be ignored.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))
