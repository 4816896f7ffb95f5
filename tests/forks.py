"""Python processes of this project, forked from one that has imported everything.

`python -m searcher`, the supervisor of the private stores and the app spend 1.5 to 5 s on imports
each time. A process that is forked from one that has imported all of it runs the same code after
milliseconds. The first process that needs the server starts it; all workers of pytest-xdist and all
forked processes share it. Without ADDRESS in the environment, as in tests
marked `real_processes`, everything here starts processes the usual way.
"""

import contextlib
import fcntl
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

ADDRESS = "TWINLENS_FORK_SERVER"  # the environment variable with the path of the server's socket
ROOT = Path(__file__).resolve().parent.parent
START_S = 120  # the imports take 4 s; a machine that has other work takes longer

Arguments = Sequence[object]
Output = IO[Any] | int | None


class Forked:
    """A process that the server forked, with the methods of subprocess.Popen that tests use."""

    def __init__(self, connection: socket.socket, args: list[str]) -> None:
        self.args = args
        self.returncode: int | None = None
        self._connection = connection
        self.pid = int(self._line())

    def __del__(self) -> None:
        self._connection.close()

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit status, -N after signal N."""
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._line())
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            part = self._connection.recv(1)
            if not part:
                raise RuntimeError(f"the fork server ended before {self.args}")
            line += part
        return line


Process = Forked | subprocess.Popen[bytes]


def popen(
    command: Arguments,
    *,
    stdin: Output = None,
    stdout: Output = None,
    stderr: Output = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    start_new_session: bool = False,
) -> Process:
    """Start a command like subprocess.Popen; Python programs are forked if ADDRESS is set.

    `command` is then `sys.executable -m MODULE …` or `sys.executable FILE …`.
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
        )
    request = {
        "words": words[1:],
        "env": variables,
        "cwd": str(cwd or Path.cwd()),
        "session": start_new_session,
    }
    with contextlib.ExitStack() as stack:
        streams = [
            _descriptor(stream, default, stack)
            for stream, default in ((stdin, 0), (stdout, 1), (stderr, 2))
        ]
        connection = _connect(Path(variables[ADDRESS]))
        text = json.dumps(request).encode()
        socket.send_fds(connection, [len(text).to_bytes(4)], streams)
        connection.sendall(text)
        return Forked(connection, words)


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


def fork_supervisors() -> None:
    """Make the private stores start their supervisor with `popen`, here and in forks."""
    embedded = importlib.import_module("searcher.stores.private.client")
    vars(embedded)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": popen})


def _descriptor(stream: Output, default: int, stack: contextlib.ExitStack) -> int:
    if stream is None:
        return default
    if stream == subprocess.DEVNULL:
        return stack.enter_context(open(os.devnull, "r+b")).fileno()
    return stream if isinstance(stream, int) else stream.fileno()


def _connect(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    with (address.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _start(address)
    connection.connect(str(address))
    return connection


def _start(address: Path) -> None:
    log = address.with_name("log")
    owner = address.parent.name.split("-")[-2]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fork_server", str(address), owner],
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
