"""Commands about the library as a whole: backup, restore."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.options import Archive, Json
from searcher.cli.output import counted, print_json
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.library.archive import Progress, Summary
    from searcher.library.core import Library

RESTORING_STOPPED = "Stopped. Run it again to go on."


def backup(
    file: Archive,
    no_models: Annotated[
        bool, typer.Option("--no-models", help="Leave the model files out.")
    ] = False,
    json: Json = False,
) -> None:
    """Write everything that cannot be rebuilt to a .zip, also while the app runs."""
    with open_library() as library:
        from searcher.library import archive

        with _job(library, "job.backup") as advance:
            summary = archive.backup(library, Path(file).absolute(), not no_models, advance)
    _print(summary, json)


def restore(file: Archive, json: Json = False) -> None:
    """Unpack a backup into an empty data folder, and rebuild records and vectors."""
    with open_library(RESTORING_STOPPED) as library:
        from searcher.library import archive

        with _job(library, "job.restoring") as advance:
            summary = archive.restore(library, Path(file).absolute(), advance)
        sources = library.incomplete()
        with open_job(library, "job.indexing", len(sources)) as job:
            library.index(sources, lambda done: job.advance(done, len(sources)))
        _print(summary, json)
    for name in summary.skipped:
        print(f"{name} is in the models folder already, with another content.", file=sys.stderr)


@contextmanager
def _job(library: "Library", code: str) -> "Iterator[Progress]":
    """Show a job and a progress bar, and yield a function that sets the numbers of files."""
    from tqdm import tqdm

    from searcher.library.jobs import PERCENT

    with (
        open_job(library, code) as job,
        tqdm(unit="file", disable=None, file=sys.stderr) as bar,
    ):

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)
            job.advance(100 * done / max(1, total), 100, PERCENT)

        yield advance


def _print(summary: "Summary", as_json: bool) -> None:
    if as_json:
        print_json(summary.document())
    else:
        pictures, uploads = counted(summary.pictures, "picture"), counted(summary.uploads, "upload")
        print(f"{pictures} ({uploads}), {counted(summary.models, 'model')}.")
