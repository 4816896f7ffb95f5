"""The library of a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from searcher.config.terminal import FAILED, INTERRUPTED
from searcher.errors import TwinlensError

if TYPE_CHECKING:
    from searcher.library.core import Library


@contextmanager
def open_library(
    stopped: str = "Stopped. What was reported as added is kept.",
) -> Iterator["Library"]:
    """Open the library of the settings, and close it at the end; `stopped` is said after Ctrl-C.

    Raises:
        typer.Exit: The command failed or was stopped; stderr has a sentence.
    """
    try:
        # Imported here, as in all commands, so that --help answers at once.
        from searcher.config.startup import start
        from searcher.config.writable_folders import copy_shipped

        settings = start()
        from searcher.library.core import Library

        copy_shipped(settings)
        library = Library(settings)
        try:
            yield library
        finally:
            library.close()
    except TwinlensError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(FAILED) from error
    except KeyboardInterrupt as stop:
        print(stopped, file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from stop
