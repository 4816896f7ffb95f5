"""The fork server of the tests: imports everything once, then forks a process for each request.

Started by `tests.forks` as `python -m tests.fork_server SOCKET OWNER`.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import posix
import runpy
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import psutil

from tests import forks, shared_verdicts, tls

PRELOAD = [
    # What others import where they first use it.
    "grpc._channel",
    "grpc._interceptor",
    "grpc._server",
    "milvus_lite.search.filter.cache",
    "milvus_lite.search.indexed_filter",
    "multiprocessing.synchronize",
    "pyarrow.dataset",
    "scipy.sparse",
    "typer._adapters",
    "typer._click._textwrap",
    "typer._click.decorators",
    "milvus_lite.adapter.grpc.server",
    "searcher.cli.main",
    "searcher.evaluation.evaluate",
    "searcher.export.adopt",
    "searcher.library.archive",
    "searcher.library.doctor",
    "searcher.library.serializers",
    "searcher.library.watch",
    "searcher.serve",
    "searcher.stores.private.supervisor",
    # What tests.acts imports.
    "tests.pictures",
    "tests.servers",
]


def main(address: Path, owner: int) -> None:
    """Fork a process for each request, until the socket or the owner's process is gone."""
    for name in PRELOAD:
        importlib.import_module(name)
    forks.fork_supervisors()
    shared_verdicts.use()
    tls.share_contexts()
    _end_measurement()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watching processes
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(1)
    listener.bind(str(address) + ".new")
    listener.listen(64)
    os.rename(str(address) + ".new", address)
    while address.exists() and psutil.pid_exists(owner):
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        if os.fork() == 0:
            listener.close()
            break
        connection.close()
    else:
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection.setblocking(True)
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    text = b""
    while len(text) < int.from_bytes(length):
        text += connection.recv(1 << 16)
    request = json.loads(text)
    if pid := os.fork():
        for stream in streams:
            os.close(stream)
        _watch(pid, connection)
    connection.close()
    _run(request, streams)


def _watch(pid: int, connection: socket.socket) -> None:
    """Send the client the process id and, after the process ended, its exit status."""
    with contextlib.suppress(OSError):  # the client may have ended before
        connection.sendall(b"%d\n" % pid)
    for number in range(3):
        os.close(number)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(request: dict[str, Any], streams: list[int]) -> None:
    """Run the request and exit as Python does, but without clearing all modules.

    Clearing them takes 0.1 s, since it copies memory that is shared with the server.
    """
    status: object = 0
    try:
        _become(request, streams)
    except SystemExit as exit:
        status = exit.code or 0
    except Exception:
        traceback.print_exc()
        status = 1
    if not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    vars(threading)["_shutdown"]()  # waits for threads that aren't daemons
    vars(atexit)["_run_exitfuncs"]()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status & 0xFF)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Set up session, streams, folder and environment, then run the program."""
    if request["session"]:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    _measure_coverage()
    first, *rest = request["words"]
    if first == "-m":
        sys.argv = rest
        for name in ("searcher.__main__", rest[0]):
            if not hasattr(sys.modules.get(name), "__path__"):
                sys.modules.pop(name, None)  # or runpy warns of it
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


def _end_measurement() -> None:
    """Save which lines the imports ran, where that is measured; forks measure for themselves."""
    if "coverage" in sys.modules and (coverage := sys.modules["coverage"].Coverage.current()):
        coverage.stop()
        coverage.save()
        os._exit = posix._exit  # which saved as well


def _measure_coverage() -> None:
    if any(key.startswith("COVERAGE_PROCESS") for key in os.environ):
        import coverage

        coverage.process_startup(force=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
