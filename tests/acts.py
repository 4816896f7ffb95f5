"""What happens to a library in processes of their own, which may be killed at any moment.

The processes are forked from one that has imported everything, so each is there in milliseconds
instead of seconds; what they run is what users run.
"""

import contextlib
import io
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from searcher.errors import TwinlensError

PRELOAD = [
    "milvus_lite.adapter.grpc.server",
    "searcher.__main__",
    "searcher.export.adopt",
    "searcher.jobs",
    "searcher.stores.keeper",
    "searcher.uploads",
    "tests.foreign_files",
]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(PRELOAD)

SETTLED_S = 60  # a round of the worker takes 0.2 s


@dataclass(frozen=True)
class Home:
    """Where a library's folders are."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def stores(self) -> Path:
        return self.data / "stores"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def pictures(self) -> Path:
        """Pictures that are indexed where they lie."""
        return self.root / "pictures"

    def environment(self) -> dict[str, str]:
        return {
            "TWINLENS_DATA": str(self.data),
            "MODELS_DIR": str(self.models),
            "SAMPLES_DIR": str(self.root / "none"),
            "INSTALL_MODELS": "",
        }


@dataclass(frozen=True)
class Outcome:
    """How an act ended: `answer` is what it reported, None where it was killed before."""

    answer: Any = None

    @property
    def reported(self) -> bool:
        return self.answer is not None


def perform(
    act: Callable[..., Any], home: Home, *arguments: Any, kill_after: float | None = None
) -> Outcome:
    """Run an act in a process of its own; with `kill_after`, kill -9 it after so many seconds."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(act, home, arguments, theirs))
    process.start()
    theirs.close()
    try:
        if kill_after is not None:
            process.join(kill_after)
            process.kill()
        answer = ours.recv()
    except EOFError:
        answer = None
    process.join()
    ours.close()
    if kill_after is None:
        assert answer is not None, f"{act.__name__} ended without an answer"
    return Outcome(answer)


def _run(act: Callable[..., Any], home: Home, arguments: Sequence[Any], pipe: Connection) -> None:
    os.environ.update(home.environment())
    from searcher.settings import reach_loopback_directly

    reach_loopback_directly()
    pipe.send(act(home, *arguments))


@dataclass(frozen=True)
class Command:
    """What a command of the command line printed, and its exit status."""

    status: int
    out: str
    err: str


def command(home: Home, *arguments: str) -> Command:
    """Act: the command line."""
    from searcher.__main__ import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    return Command(status, out.getvalue(), err.getvalue())


def upload(home: Home, pictures: dict[str, bytes], label: str) -> dict[str, int] | str:
    """Act: pictures that come through the page; returns their ids by name, or what went wrong."""
    from searcher.library import Library
    from searcher.settings import Settings
    from searcher.uploads import Upload, add_uploads

    incoming = home.root / "incoming"
    incoming.mkdir(exist_ok=True)
    library = Library(Settings.from_env())
    try:
        uploads = []
        for name, data in pictures.items():
            path = incoming / name
            path.write_bytes(data)
            uploads.append(Upload(path, name))
        report = add_uploads(library, uploads, label)
        refused = {path for path, _ in report.skipped}
        return {
            record.name: record.id
            for record in library.records.all()
            if record.name in pictures and record.name not in refused
        }
    except TwinlensError as error:
        return str(error)
    finally:
        library.close()


def start(home: Home) -> list[str]:
    """Act: a start of the app, without its page; returns what it says is wrong when it rests."""
    from searcher.jobs import Worker
    from searcher.library import Library
    from searcher.settings import Settings

    library = Library(Settings.from_env())
    worker = Worker(library)
    worker.start()
    deadline = time.monotonic() + SETTLED_S
    while worker.status.working or not (worker.status.opened or worker.status.problems):
        assert time.monotonic() < deadline, f"the start does not settle: {worker.status}"
        time.sleep(0.01)
    worker.stop()
    return list(worker.status.problems)


def supervise(folder: Path, log: Path) -> None:
    """Run the private servers of a folder."""
    from searcher.stores import keeper

    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    raise SystemExit(keeper.main(folder))


def start_supervisor(home: Home) -> BaseProcess:
    """Start the private servers and wait until they answer, or have ended."""
    home.stores.mkdir(parents=True, exist_ok=True)
    (home.stores / "addresses.json").unlink(missing_ok=True)
    log = home.root / "supervisor.log"
    process = CONTEXT.Process(target=supervise, args=(home.stores, log))
    process.start()
    deadline = time.monotonic() + SETTLED_S
    while process.is_alive() and not (home.stores / "addresses.json").exists():
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.005)
    return process
