"""Acts on a library, each in its own process, which a test may kill at any moment.

An act is a function here, run as `python -m tests.acts NAME ARGUMENT…`; it prints its answer as one
JSON document, at its end. It runs the same code as users do.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired
from typing import Any

from searcher.errors import TwinlensError
from tests import forks
from tests.pictures import encode, paint
from tests.servers import ROOT

SETTLED_S = 60  # a round of the worker takes 0.2 s
SIZE = (64, 48)


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
        variables = {
            "TWINLENS_DATA": str(self.data),
            "MODELS_DIR": str(self.models),
            "SAMPLES_DIR": str(self.root / "none"),
            "INSTALL_MODELS": "",
        }
        return {**os.environ, **variables}


@dataclass(frozen=True)
class Outcome:
    """The result of an act: `answer` is its report, None if it was killed before."""

    answer: Any = None

    @property
    def reported(self) -> bool:
        return self.answer is not None


def perform(
    act: Callable[..., Any], home: Home, *arguments: object, kill_after: float | None = None
) -> Outcome:
    """Run an act in its own process; with `kill_after`, kill -9 it after that many seconds."""
    line = [sys.executable, "-m", "tests.acts", act.__name__, *arguments]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as log:
        process = forks.popen(
            line, stdin=DEVNULL, stdout=out, stderr=log, env=home.environment(), cwd=ROOT
        )
        try:
            with contextlib.suppress(TimeoutExpired):
                process.wait(kill_after)
        finally:
            process.kill()
            status = process.wait()
        for stream in (out, log):
            stream.seek(0)
        answer = out.read()
        assert answer or kill_after is not None, f"{act.__name__}: {status} {log.read()[-4000:]}"
    return Outcome(json.loads(answer) if answer.endswith("\n") else None)


def command(*arguments: str) -> dict[str, Any]:
    """Act: the command line; returns its exit status and what it printed."""
    from searcher.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def upload(label: str, *numbers: str) -> dict[str, int] | str:
    """Act: pictures that come through the page; returns their ids by name, or what went wrong."""
    from searcher.config.settings import Settings
    from searcher.library.core import Library
    from searcher.library.uploads import Upload, add_uploads

    library = Library(Settings.from_env())
    with tempfile.TemporaryDirectory() as incoming:
        uploads = []
        for number in numbers:
            path = Path(incoming, f"{number}.jpg")
            path.write_bytes(encode(paint(int(number), SIZE)))
            uploads.append(Upload(path, path.name))
        try:
            report = add_uploads(library, uploads, label)
        except TwinlensError as error:
            return str(error)
        names = {upload.name for upload in uploads} - {path for path, _ in report.skipped}
        return {record.name: record.id for record in library.records.all() if record.name in names}


def start() -> list[str]:
    """Act: start the app without its page; returns the problems it reports once idle."""
    from searcher.config.settings import Settings
    from searcher.library.core import Library
    from searcher.library.worker import Worker

    library = Library(Settings.from_env())
    worker = Worker(library)
    worker.start()
    deadline = time.monotonic() + SETTLED_S
    while worker.status.working or not (worker.status.opened or worker.status.problems):
        assert time.monotonic() < deadline, f"the start does not settle: {worker.status}"
        time.sleep(0.01)
    worker.stop()
    return [str(problem) for problem in worker.status.problems]


def look(*expected: str) -> list[str]:
    """Act: look for pictures in all stores and folders; returns what is missing or wrong."""
    from searcher.config.settings import Settings
    from searcher.images.pictures import open_picture, thumbnail_name
    from searcher.library.core import Library

    library = Library(Settings.from_env())
    wrong = []
    ids = [int(number) for number in expected]
    paths = [record.path for record in library.records.all() if record.path]
    if len(paths) != len(set(paths)):
        wrong.append("a path is there twice")
    for number, record in zip(ids, library.records.get(ids), strict=True):
        small = library.thumbnail_path(number)
        upload_path = library.settings.uploads / thumbnail_name(number)
        if record is None:
            wrong.append(f"{number} has no record")
            continue
        if not small.exists():
            wrong.append(f"{number} ({record.name}) has no thumbnail")
        else:
            open_picture(small.read_bytes())
        hits = library.search(library.stored_query(number, "it"), "colour", 1).own_copies
        if not hits or hits[0].distance > 1e-3:
            wrong.append(f"{number} ({record.name}) is not found")
        if record.path.endswith(f"uploads/{upload_path.parent.name}/{upload_path.name}"):
            if not upload_path.exists():
                wrong.append(f"the file of {number} ({record.name}) is gone")
            elif record.path != str(upload_path):
                wrong.append(f"{number} lies elsewhere: {record.path}")
    return wrong


def start_supervisor(home: Home) -> forks.Process:
    """Start the private servers and wait until they answer, or have ended."""
    home.stores.mkdir(parents=True, exist_ok=True)
    (home.stores / "addresses.json").unlink(missing_ok=True)
    process = forks.popen(
        [sys.executable, "-m", "searcher.stores.private.supervisor", home.stores],
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        cwd=ROOT,
        start_new_session=True,
    )
    deadline = time.monotonic() + SETTLED_S
    while process.poll() is None and not (home.stores / "addresses.json").exists():
        assert time.monotonic() < deadline, "the supervisor does not come up"
        time.sleep(0.005)
    return process


if __name__ == "__main__":
    name, *words = sys.argv[1:]
    result = {act.__name__: act for act in (command, upload, start, look)}[name](*words)
    print(json.dumps(result), flush=True)
    os._exit(0)  # as the app does not wait for its threads either
