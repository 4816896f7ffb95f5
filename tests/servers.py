"""Processes that tests start: waiting for them, and the app as users run it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
START_S = 60  # a page is there in 4 to 6 s; a machine that has other work takes longer


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], object], seconds: float = 60, what: str = "it") -> None:
    """Poll until `condition` is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class App:
    """A running app: its address, its process, and what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Everything under `folder`, nothing to install, and `variables`."""
    own = {
        "TWINLENS_DATA": str(folder / "data"),
        "MODELS_DIR": str(folder / "models"),
        "SAMPLES_DIR": str(folder / "samples"),
        "GRADIO_TEMP_DIR": str(folder / "uploads"),
        "INSTALL_MODELS": "",
    }
    return {**os.environ, **own, **variables}


def call(folder: Path, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line on the library under `folder`, and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "searcher", *map(str, arguments)],
        cwd=ROOT,
        env=environment(folder, **variables),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def running(folder: Path, before: Sequence[str] = (), **variables: str) -> Iterator[App]:
    """Start the app, wait for its page, and stop it at the end.

    `before` is a command that gets the app's own as its further arguments.
    """
    port = int(variables.pop("PORT", 0)) or free_port()
    log = folder / "app.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*before, sys.executable, str(ROOT / "app.py")],
            env=environment(folder, PORT=str(port), **variables),
            stdout=output,
            stderr=output,
            cwd=folder,
        )
    app = App(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_for(lambda: page_answers(app), seconds=START_S, what=f"the page: {log.read_text()}")
        yield app
    finally:
        process.terminate()
        process.wait()


def page_answers(app: App) -> bool:
    """Whether the page is there; fails where the process has ended."""
    assert app.process.poll() is None, app.log.read_text()
    try:
        return httpx.get(app.url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
