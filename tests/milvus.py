"""A standalone Milvus as a process of the tests; `make test-server` installs it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from tests.servers import ROOT, answers, free_port, wait_for

START_S = 90  # up in 9 s, also after kill -9; a busy machine takes longer
# Milvus' own settings (SECTION_NAME), shorter than its defaults: a test with a few vectors mostly
# waits. A flush takes 0.5 s with them instead of 2.5, a load 1.4 s instead of 2.5 to 3.5.
INTERVALS = {
    "DATACOORD_SEGMENT_ASSIGNMENTEXPIRATION": "200",  # ms, which a flush waits for
    "PROXY_TIMETICKINTERVAL": "50",  # ms, which a strong read waits for
    "QUERYCOORD_CHECKCHANNELINTERVAL": "100",  # ms, which loading waits for, as for the next two
    "QUERYCOORD_CHECKSEGMENTINTERVAL": "100",
    "QUERYCOORD_DISTPULLINTERVAL": "50",
}


def find_executable() -> str | None:
    """The `milvus-server` of `make test-server`, or the one that a variable names."""
    path = os.environ.get("TWINLENS_MILVUS_SERVER_BIN") or ROOT / ".venv-server/bin/milvus-server"
    return str(path) if os.access(path, os.X_OK) else None


class MilvusServer:
    """A server with its data in a folder; it can be killed and started again."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._command = [
            find_executable() or "milvus-server",
            "--data",
            str(folder),
            "--proxy-port",
            str(self.port),
        ]
        self._command += arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, token: str = "") -> None:
        """Start it and wait until it serves."""
        command, env = self._command, os.environ | INTERVALS
        if (self._folder / "configs" / "milvus.yaml").exists():
            # A second time without the wrapper, which would take other ports than the first.
            binaries = self._folder / "bin"
            command = [str(binaries / "milvus"), "run", "standalone"]
            env |= {"DEPLOY_MODE": "STANDALONE", "MILVUS_RUN_DIR": str(self._folder / "run")}
            env |= {"LD_LIBRARY_PATH": str(binaries), "METRICS_PORT": str(free_port())}
        with (self._folder / "output.log").open("ab") as output:
            # A session of its own: the wrapper and the server it starts are killed together.
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                env=env,
                cwd=self._folder,
                start_new_session=True,
            )
        _prefer(self._process.pid)
        wait_for(lambda: answers(self.port), START_S, "Milvus' port")
        wait_for(lambda: self._serves(token), START_S, "Milvus")

    def kill(self) -> None:
        """Kill -9 the server; its data remain."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _serves(self, token: str) -> bool:
        try:
            client = MilvusClient(self.uri, token=token, timeout=5)
            client.list_collections(timeout=5)
            client.close()
        except (MilvusException, grpc.RpcError):  # it is still starting
            return False
        return True


def _prefer(pid: int) -> None:
    """Give a session more than its share of the processors, where Linux divides them so.

    The etcd within Milvus gives up when it waits for a processor for seconds.
    """
    with contextlib.suppress(OSError):  # only root may
        Path(f"/proc/{pid}/autogroup").write_text("-10")


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A standalone Milvus. Only one fits on a machine: its etcd has a fixed port."""
    if not find_executable():
        pytest.skip("there is no Milvus server; `make test-server` installs one")
    server = MilvusServer(tmp_path_factory.mktemp("standalone"))
    try:
        server.start()
        yield server
    finally:
        server.kill()
