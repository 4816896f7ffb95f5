"""Processes that tests start: waiting for them, and the app as users run it."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from tests import forks

T = TypeVar("T")

ROOT = forks.ROOT
START_S = 180  # a page is there in 1 to 6 s; on a machine that has other work in up to 90
STOP_S = 30


def wait_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for an answer in a thread: Playwright keeps a running loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    condition: Callable[[], object], seconds: float = 60, what: str | Callable[[], str] = "it"
) -> None:
    """Poll until `condition` is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(0.05)


def has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


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
    process: forks.Process
    log: Path


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Environment with all folders under `folder`, no model to install, and `variables`."""
    defaults = {
        "TWINLENS_DATA": str(folder / "data"),
        "MODELS_DIR": str(folder / "models"),
        "SAMPLES_DIR": str(folder / "samples"),
        "GRADIO_TEMP_DIR": str(folder / "uploads"),
        "INSTALL_MODELS": "",
    }
    return {**os.environ, **defaults, **variables}


def call(folder: Path, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line on the library under `folder`, and wait for its end."""
    command = [sys.executable, "-m", "searcher", *arguments]
    return forks.run(command, env=environment(folder, **variables))


@contextmanager
def stopping(process: forks.Process) -> Iterator[None]:
    """End a process with the block: by SIGTERM, and by SIGKILL where that takes too long."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(folder: Path, before: Sequence[str] = (), **variables: str) -> Iterator[App]:
    """Start the app, wait for its page, and stop it at the end.

    `before` is a command to which the app's own command is appended.
    """
    port = int(variables.pop("PORT", 0)) or free_port()
    log = folder / "app.log"
    command = [*before, sys.executable, str(ROOT / "app.py")]
    env = environment(folder, PORT=str(port), **variables)
    with log.open("wb") as output:
        process = forks.popen(command, env=env, stdout=output, stderr=output, cwd=folder)
    app = App(f"http://{variables.get('GRADIO_SERVER_NAME', '127.0.0.1')}:{port}", process, log)
    with stopping(process):
        wait_for(lambda: page_answers(app), seconds=START_S, what=log.read_text)
        yield app


def page_answers(app: App) -> bool:
    """Whether the page is there; fails where the process has ended."""
    assert app.process.poll() is None, app.log.read_text()
    try:
        return httpx.get(app.url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a new, empty redis-server; yields its URL."""
    port = free_port()
    with redis_on(port, folder):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def redis_on(port: int, folder: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the system's redis-server; skips the test where there is none."""
    executable = shutil.which("redis-server")
    if not executable:
        pytest.skip("redis-server is not installed")
    folder.mkdir(exist_ok=True)
    command = [executable, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    with stopping(server):
        wait_for(lambda: answers(port), what="redis-server")
        yield server
