"""File locks: a waiting process names the holder, and its wait is limited."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from searcher import file_locks
from searcher.errors import InstallCancelled, Locked
from searcher.export.install import Installation
from searcher.file_locks import acquire, waits
from searcher.library.core import Library
from searcher.stores.private.client import EmbeddedStores
from tests.parameters import MakeSettings
from tests.servers import ROOT, wait_for
from tests.test_worker import wait, working

pytestmark = pytest.mark.slow

# Another process that takes a lock and is then suspended.
HOLDER = """
import os, signal, sys
from pathlib import Path
from searcher.file_locks import acquire
with acquire(Path(sys.argv[2])):
    print("locked", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


@contextmanager
def suspended(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A suspended process that holds a lock; what comes after `-c` stands for its verb."""
    command = [sys.executable, "-c", HOLDER, "index", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "locked\n"
            yield process
        finally:
            process.kill()


def test_who_waits_says_for_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(file_locks, "REPORT_S", 0.1)
    stores = EmbeddedStores(tmp_path)
    entered = threading.Event()

    def write() -> None:
        with stores.writing("t_x"):
            entered.set()

    with suspended(tmp_path / "t_x.lock") as holder, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            wait_for(waits.current, what="the report")
            sentence = f"Process {holder.pid} (-c index) keeps t_x.lock locked: waiting for it."
            assert [str(wait) for wait in waits.current()] == [sentence]
            assert sentence in caplog.messages
            assert not entered.is_set()
        finally:
            os.kill(holder.pid, signal.SIGCONT)  # it goes on, and lets go at its end
        writing.result(30)
    assert waits.current() == ()


def test_no_wait_is_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "some.lock"
    with suspended(path) as holder:
        with pytest.raises(Locked, match=rf"Process {holder.pid} .* kept some\.lock locked"):
            acquire(path, limit_s=0.2)
        with pytest.raises(Locked):
            acquire(path, shared=True, limit_s=0.2)
    acquire(path, limit_s=10).close()


def test_the_status_says_who_is_waited_for(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_locks, "REPORT_S", 0.1)
    settings = make_settings()
    settings.data.mkdir()
    lock = settings.data / "trash.lock"
    with suspended(lock) as holder, working(Library(settings)) as worker:
        status = wait(worker, lambda s: s.problems)
        assert f"Process {holder.pid} (-c index) keeps trash.lock locked" in str(status.problems[0])
        os.kill(holder.pid, signal.SIGCONT)
        wait(worker, lambda s: s.opened and not s.problems and not s.working)


def test_a_wait_for_another_installation_can_be_cancelled(tmp_path: Path) -> None:
    installation = Installation("vgg16", "random", tmp_path)
    with suspended(tmp_path / ".vgg16.lock"), ThreadPoolExecutor(1) as pool:
        running = pool.submit(installation.run, print)
        installation.cancel()
        with pytest.raises(InstallCancelled):
            running.result(10)
