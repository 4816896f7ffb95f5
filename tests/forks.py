"""Python processes of this project, forked from one that has imported everything.

`python -m searcher`, the supervisor of the private stores, the app, exports and checks of models
spend 1 to 5 s on imports each time. A process that is forked from one that has imported all of it
runs the same code after milliseconds. The first process that needs a server starts it; all workers
of pytest-xdist and all forked processes share it. Without ADDRESS in the environment, as in tests
marked `real_processes`, everything here starts processes the usual way.
"""

import contextlib
import fcntl
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from tests.forked import Forked
from tests.process_names import ROOM

ADDRESS = "TWINLENS_FORK_SERVER"  # the environment variable with the path of the server's socket
ROOT = Path(__file__).resolve().parent.parent
# What has a server of its own, which has imported nothing else: a check is limited in memory, and
# TensorFlow would make every other fork slower.
OWN_SERVERS = {
    "searcher.export.keras": "keras",
    "tests.keras_download": "keras",
    "tests.keras_reference": "keras",
    "tests.narrow_networks": "keras",
    "searcher.models.check_process": "checks",
}
# Modules that start processes of this project.
PARENTS = ("searcher.stores.private.client", "searcher.models.verdicts", "searcher.export.install")
HUB = "HF_ENDPOINT"  # the variable with the Hub's address, which only tests of the Hub set
START_S = 120  # the imports take 4 s; a machine that has other work takes longer

Arguments = Sequence[object]
Output = IO[Any] | int | None


Process = Forked | subprocess.Popen[Any]


def popen(
    command: Arguments,
    *,
    stdin: Output = None,
    stdout: Output = None,
    stderr: Output = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    start_new_session: bool = False,
    text: bool = False,
) -> Process:
    """Start a command like subprocess.Popen; Python programs are forked if ADDRESS is set.

    `command` is then `sys.executable -m MODULE …` or `sys.executable FILE …`. A pipe, for `stdout`
    only, is of text.
    """
    sys.audit("tests.forks.popen", command)
    words = [str(word) for word in command]
    variables = dict(os.environ if env is None else env)
    if words[0] != sys.executable or ADDRESS not in variables:
        return subprocess.Popen(
            words,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=env,
            cwd=cwd,
            start_new_session=start_new_session,
            text=text,
        )
    request = {
        "words": words[1:],
        "env": variables,
        "cwd": str(cwd or Path.cwd()),
        "session": start_new_session,
    }
    with contextlib.ExitStack() as stack:
        output = None
        if stdout == subprocess.PIPE:
            reading, writing = os.pipe()
            output = open(reading, encoding="utf-8")  # noqa: SIM115 (the caller closes it)
            stdout = stack.enter_context(open(writing, "wb"))
        streams = [
            _descriptor(stream, default, stack)
            for stream, default in ((stdin, 0), (stdout, 1), (stderr, 2))
        ]
        address = Path(variables[ADDRESS])
        module = words[2] if words[1] == "-m" else ""
        connection = _connect(address.with_name(OWN_SERVERS.get(module, address.name)))
        document = json.dumps(request).encode()
        socket.send_fds(connection, [len(document).to_bytes(4)], streams)
        connection.sendall(document)
        return Forked(connection, words, output)


def run(
    command: Arguments, *, env: Mapping[str, str] | None = None, cwd: Path | str = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return its exit status and all that it printed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, cwd=cwd)
        try:
            status = process.wait()
        finally:
            process.kill()
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess(process.args, status, out.read(), err.read())


@contextlib.contextmanager
def server() -> Iterator[None]:
    """Set the address of a fork server for this process and its children, within the block."""
    folder = Path(tempfile.mkdtemp(prefix=f"twinlens-forks-{os.getpid()}-"))
    os.environ[ADDRESS] = str(folder / "socket")
    try:
        yield
    finally:
        del os.environ[ADDRESS]
        shutil.rmtree(folder)


def fork_children() -> None:
    """Make the project start its processes with `popen`, here and in forks."""
    for name in PARENTS:
        parent = importlib.import_module(name)
        vars(parent)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": _child})


def _child(command: Arguments, **options: Any) -> Process:
    """Start a process of the project, unforked where it has a limit of memory, as with a Hub."""
    variables = options.get("env") or os.environ
    if "searcher.export" in str(command) and HUB in variables:
        return subprocess.Popen([str(word) for word in command], **options)
    return popen(command, **options)


def _descriptor(stream: Output, default: int, stack: contextlib.ExitStack) -> int:
    if stream is None:
        return default
    if stream == subprocess.DEVNULL:
        return stack.enter_context(open(os.devnull, "r+b")).fileno()
    return stream if isinstance(stream, int) else stream.fileno()


def _connect(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    with address.with_name(f"{address.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _start(address)
    connection.connect(str(address))
    return connection


def _start(address: Path) -> None:
    log = address.with_name(f"{address.name}.log")
    owner = address.parent.name.split("-")[-2]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fork_server", str(address), owner, ROOM],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while not address.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the fork server does not start: {log.read_text()}")
        time.sleep(0.02)
