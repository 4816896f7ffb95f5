"""Commands about the library as a whole: backup, restore."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.command_job import open_job
from searcher.cli.options import Archive, Json
from searcher.cli.output import print_json
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.library.archive import Summary


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

        with open_job(library, "job.backup"), _progress() as advance:
            summary = archive.backup(library, Path(file).absolute(), not no_models, advance)
    _print(summary, json)


def restore(file: Archive, json: Json = False) -> None:
    """Unpack a backup into an empty data folder, and rebuild records and vectors."""
    with open_library() as library:
        from searcher.library import archive

        with _progress() as advance:
            summary = archive.restore(library, Path(file).absolute(), advance)
        library.index(library.incomplete())
        _print(summary, json)
    for name in summary.skipped:
        print(f"{name} is in the models folder already, with another content.", file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show a progress bar, and yield a function that sets the number of completed files."""
    from tqdm import tqdm

    with tqdm(unit="file", disable=None, file=sys.stderr) as bar:

        def advance(count: int) -> None:
            bar.update(count - bar.n)

        yield advance


def _print(summary: "Summary", as_json: bool) -> None:
    if as_json:
        print_json(summary.document())
    else:
        print(f"{summary.pictures} pictures ({summary.uploads} uploads), {summary.models} models.")
