"""Serve the page: read settings, open the library, build the interface, launch."""

import gc
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

from searcher.config.http_proxies import check_certificates
from searcher.config.settings import Settings
from searcher.config.startup import start
from searcher.config.terminal import FAILED, leave_at_once, run_program
from searcher.config.writable_folders import use_writable_folders
from searcher.errors import TwinlensError
from searcher.stores.private.client import EmbeddedStores

END_S = 3.0  # after a signal, until the process exits in any case
CHECK_S = 10.0  # that pages wait for the check of a new model file; most take a second
LINE = "%(asctime)s %(name)s: %(request)s%(message)s"  # of the log


def main() -> NoReturn:
    """Serve until a signal, and end the process with the status of `serve`."""
    # Threads may still run C++ code of the stores or models; unwinding them would abort.
    leave_at_once(run_program(serve))


def serve() -> int:
    """Serve the page; slow work is done in other threads.

    Returns:
        0 after a signal, 2 where the page can't be served; stderr then has the reason.
    """
    end_on_signals()
    # Imports make objects that stay; looking for garbage among them takes a sixth of the start.
    gc.disable()  # `server.launch` enables it
    try:
        settings = use_writable_folders(start(LINE))
        check_certificates()
        _serve(settings, start_stores(settings))
    except TwinlensError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:  # before the page is served
        return 0
    return 0


def _serve(settings: Settings, stores: EmbeddedStores) -> None:
    from searcher.ui.zero_gpu import declare_gpu_function

    declare_gpu_function()
    # Imported here because it takes seconds, and reads variables that `start` has checked.
    from searcher.library.health import HealthCheck, store_probes
    from searcher.library.worker import Worker
    from searcher.ui import app, server
    from searcher.ui.delivery.map_data import MapData
    from searcher.ui.security.metered_library import Metered

    metrics = None
    if settings.metrics:
        from searcher.ui.monitoring.prometheus import Metrics

        metrics = Metrics()
    library = Metered(settings, metrics.searched if metrics else None, stores)
    library.registry.checks.patience = CHECK_S
    worker = Worker(library)
    health = HealthCheck(store_probes(library), lambda: worker.status)
    if metrics:
        metrics.watch(worker, health)
    server.prepare(settings, library.charge)
    map_data = MapData()
    page = app.build(library, worker, map_data)
    server.launch(page, settings, library.upload_limits, worker, map_data, health, metrics)
    worker.stop()
    library.close()


def start_stores(settings: Settings) -> EmbeddedStores:
    """Start the private servers where they are used; returns at once, with who will have them.

    It takes seconds, in which this process imports its packages. Errors are those of the first use.
    """
    stores = EmbeddedStores(settings.stores)

    def start() -> None:
        with suppress(TwinlensError):
            stores.addresses()

    if not (settings.milvus_uri and settings.redis_url):
        threading.Thread(target=start, name="stores", daemon=True).start()
    return stores


def end_on_signals() -> None:
    """On SIGTERM and SIGINT end in good order, or after END_S in any case.

    Data on disk are safe at any time. Calls may take minutes, other packages may catch the
    interruption, and a handler in Python runs only once the main thread gets to it: Python's own
    C handler writes to the socket at once, in whichever thread.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())

    def end_soon() -> None:
        with writer:  # which lives as long as the process
            reader.recv(1)
            time.sleep(END_S)
            os._exit(0)

    threading.Thread(target=end_soon, name="end", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
