"""A process of the fork server, with the methods of subprocess.Popen that tests use."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from types import TracebackType
from typing import IO, Self


class Forked:
    """A process that the server forked.

    `stdout` is the reading end of its output, where that is a pipe.
    """

    def __init__(
        self, connection: socket.socket, args: list[str], stdout: IO[str] | None = None
    ) -> None:
        self.args = args
        self.stdout = stdout
        self.returncode: int | None = None
        self._connection = connection
        self.pid = int(self._line())

    def __del__(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.stdout:
            self.stdout.close()
        self.wait()

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

    def communicate(self, timeout: float) -> tuple[str, None]:
        """Return all that it prints, to its end; at most one pipe's content (64 KB)."""
        deadline = time.monotonic() + timeout
        self.wait(timeout)
        assert self.stdout is not None
        if not select.select([self.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.stdout.read(), None

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
