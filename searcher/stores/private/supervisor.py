"""The process that runs the private servers: `python -m searcher.stores.private.supervisor FOLDER`.

It serves Milvus Lite itself, runs redis-server as its child, and ends when no process holds the
lease (see client.py). Damaged files of either are repaired or moved aside (see recovery.py).
"""

import gc
import os
import shutil
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from searcher.file_locks import exclusive, is_locked
from searcher.stores.private.client import (
    CHECK,
    DISK_STATUS,
    LOCK,
    LOG,
    Addresses,
    read_addresses,
    write_addresses,
)
from searcher.stores.private.milvus_server import PrivateMilvus
from searcher.stores.private.recovery import NOT_DAMAGE, discard
from searcher.stores.private.redis_server import PrivateRedis

POLL_INTERVAL_S = 1.0  # between checks for clients
LOG_LIMIT = 1_000_000  # bytes of the log, and of the previous one


def main(folder: Path) -> int:
    """Serve until there are no clients. Returns at once if another supervisor holds the folder.

    Args:
        folder: The folder of the private stores.

    Returns:
        The exit status: DISK_STATUS plus the errno if the disk prevents it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as locks:
        with exclusive(folder / "starting.lock") as is_first:
            if not is_first or is_locked(folder / LOCK):
                return 0
            # Those of a killed supervisor, which clients would take for this one's.
            discard(folder / "addresses.json")
            if not locks.enter_context(exclusive(folder / LOCK)):
                return 0
        try:
            with PrivateRedis(folder) as records, PrivateMilvus(folder) as milvus:
                # Exclude objects made at import from garbage collection, to avoid pauses of 100 ms.
                gc.freeze()
                _serve(folder, records, milvus)
        except OSError as error:
            print(f"The private servers end: {error}", file=sys.stderr)
            return DISK_STATUS + error.errno if error.errno in NOT_DAMAGE else 1
        finally:
            discard(folder / "addresses.json")
    return 0


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _serve(folder: Path, records: PrivateRedis, milvus: PrivateMilvus) -> None:
    while True:
        addresses = Addresses(milvus=milvus.url, redis=records.url)
        if read_addresses(folder) != addresses:
            write_addresses(folder, addresses)
        time.sleep(POLL_INTERVAL_S)
        if not folder.is_dir():
            return
        _bound_log(folder / LOG)
        records.maintain()
        if (folder / CHECK).exists():
            discard(folder / "addresses.json")
            milvus.reopen()
            write_addresses(folder, Addresses(milvus=milvus.url, redis=records.url))
            discard(folder / CHECK)
        with exclusive(folder / "users.lock") as is_free:
            if is_free:
                return


def _bound_log(path: Path) -> None:
    """Rotate the log when it is long; this process and its children append to it."""
    if path.is_file() and path.stat().st_size > LOG_LIMIT:
        shutil.copyfile(path, path.with_name(f"{LOG}.1"))
        os.truncate(path, 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
