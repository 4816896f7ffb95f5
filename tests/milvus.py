"""A standalone Milvus as a process of the tests' own: `make test-server` installs it."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from tests.servers import ROOT, answers, free_port, wait_for

START_S = 180  # up in 9 s; restarted after kill -9 it first waits for its old session to run out


def executable() -> str:
    """The `milvus-server` of `make test-server`, or the one that a variable names."""
    path = os.environ.get("TWINLENS_MILVUS_SERVER_BIN") or ROOT / ".venv-server/bin/milvus-server"
    if not os.access(path, os.X_OK):
        pytest.skip("there is no Milvus server; `make test-server` installs one")
    return str(path)


class MilvusServer:
    """A server with its data in a folder; it can be killed and started again."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._command = [executable(), "--data", str(folder), "--proxy-port", str(self.port)]
        self._command += arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, token: str = "") -> None:
        """Start it and wait until it serves."""
        with (self._folder / "output.log").open("ab") as output:
            # A session of its own: the wrapper and the server it starts are killed together.
            self._process = subprocess.Popen(
                self._command, stdout=output, stderr=output, start_new_session=True
            )
        wait_for(lambda: answers(self.port), START_S, "Milvus' port")
        wait_for(lambda: self._serves(token), START_S, "Milvus")

    def kill(self) -> None:
        """End it as a crash does: kill -9. Its data stay."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _serves(self, token: str) -> bool:
        try:
            client = MilvusClient(self.uri, token=token, timeout=5)
            client.list_collections(timeout=5)
            client.close()
        except MilvusException:
            return False
        return True
