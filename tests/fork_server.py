"""The fork server of the tests: imports everything once, then forks a process for each request.

Started by `tests.forks` as `python -m tests.fork_server SOCKET OWNER ROOM`.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import posix
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import psutil

from searcher.config.logs import quieten_tensorflow
from tests import component_interfaces, forks, process_names

# By the name of the socket: what others import where they first use it.
PRELOAD = {
    "keras": ["keras", "tensorflow", "tf2onnx.convert", "searcher.export.keras"],
    "checks": [
        *("searcher.models.check_process", "searcher.models.embedder"),
        "searcher.models.text_embedder",
    ],
}
PRELOAD_FOR_ALL = [
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
    "searcher.ui.app",
    "searcher.ui.security.metered_library",
    "searcher.ui.server",
    # What tests.acts imports.
    "tests.pictures",
    "tests.servers",
]


def main(address: Path, owner: int) -> None:
    """Fork a process for each request, until the socket or the owner's process is gone."""
    quieten_tensorflow()
    component_interfaces.leave_out()
    for name in PRELOAD.get(address.name, PRELOAD_FOR_ALL):
        importlib.import_module(name)
    if address.name not in PRELOAD:
        from tests import shared_verdicts, tls

        forks.fork_children()
        shared_verdicts.use()
        tls.share_contexts()
        _fill_caches()
    _end_measurement()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address) + ".new")
    listener.listen(64)
    os.rename(str(address) + ".new", address)
    ends, end = socket.socketpair()  # a byte for each process that ended
    ends.setblocking(False)
    end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(end.fileno(), warn_on_full_buffer=False)
    clients: dict[int, socket.socket] = {}  # by process id
    while address.exists() and psutil.pid_exists(owner):
        ready = select.select([listener, ends], [], [], 1)[0]
        if ends in ready:
            ends.recv(1 << 16)
        _report_ends(clients)
        if listener not in ready:
            continue
        connection, _ = listener.accept()
        request, streams = _receive(connection)
        if (pid := os.fork()) == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (listener, ends, end, connection, *clients.values()):
                other.close()
            _run(request, streams)
        clients[pid] = connection
        for stream in streams:
            os.close(stream)
        _tell(connection, pid)


def _fill_caches() -> None:
    """Compile the page's templates and translations, which every app would do as it starts."""
    from searcher.messages import translate
    from searcher.ui import templating

    for language in translate.languages():
        translate.gettext(language, "")
    for template in templating.TEMPLATES.glob("*.html"):
        templating.compiled(template.name)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return a request, and the descriptors of its three streams."""
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    text = b""
    while len(text) < int.from_bytes(length):
        text += connection.recv(1 << 16)
    return json.loads(text), streams


def _report_ends(clients: dict[int, socket.socket]) -> None:
    """Send the exit statuses of processes that ended since the last time."""
    with contextlib.suppress(ChildProcessError):  # there are no processes
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            with clients.pop(pid) as connection:
                _tell(connection, os.waitstatus_to_exitcode(status))


def _tell(connection: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # the client may have ended before
        connection.sendall(b"%d\n" % number)


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
    """Set up session, streams, folder, environment and command line, then run the program."""
    if request["session"]:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    process_names.show([sys.executable, *request["words"]])
    _measure_coverage()
    if (keras := sys.modules.get("keras.src.backend.config")) and "KERAS_HOME" in os.environ:
        vars(keras)["_KERAS_DIR"] = os.environ["KERAS_HOME"]  # read when it was imported
    _read_hub_variables()
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


def _read_hub_variables() -> None:
    """Set what huggingface_hub read from the environment when it was imported."""
    if constants := sys.modules.get("huggingface_hub.constants"):
        importlib.reload(constants)
        sys.modules["huggingface_hub.hf_api"].api.endpoint = constants.ENDPOINT


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
