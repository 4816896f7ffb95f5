"""Commands about the library as a whole: backup, restore."""

import sys
from argparse import Namespace
from pathlib import Path

from tqdm import tqdm

from searcher.cli.output import print_json
from searcher.library import archive as archives
from searcher.library.core import Library


def backup(library: Library, options: Namespace) -> int:
    """Write all that can't be made again to a .zip, also while the app runs."""
    with _bar() as bar:
        summary = archives.backup(
            library, Path(options.file).absolute(), not options.no_models, bar.update_to
        )
    _print(summary, options)
    return 0


def restore(library: Library, options: Namespace) -> int:
    """Write a backup into an empty data folder, and make records and vectors of it."""
    with _bar() as bar:
        summary = archives.restore(library, Path(options.file).absolute(), bar.update_to)
    library.index(library.incomplete())
    _print(summary, options)
    for name in summary.skipped:
        print(f"{name} is in the models folder already, with another content.", file=sys.stderr)
    return 0


class _Bar(tqdm):  # type: ignore[type-arg]  # not generic at run time
    def update_to(self, done: int) -> None:
        self.update(done - self.n)


def _bar() -> _Bar:
    return _Bar(unit="file", disable=None, file=sys.stderr)


def _print(summary: archives.Summary, options: Namespace) -> None:
    if options.json:
        print_json(summary.document())
    else:
        print(f"{summary.pictures} pictures ({summary.uploads} uploads), {summary.models} models.")
