"""The library of a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from searcher.errors import TwinlensError

if TYPE_CHECKING:
    from searcher.library.core import Library

INTERRUPTED = 130  # the exit status after Ctrl-C


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
        from searcher.config import logs
        from searcher.config.settings import Settings, reach_loopback_directly
        from searcher.config.writable_folders import copy_shipped
        from searcher.library.core import Library
        from searcher.memory import map_large_blocks

        settings = Settings.from_env()
        logs.configure(settings.log_level)
        reach_loopback_directly()
        map_large_blocks()
        copy_shipped(settings)
        library = Library(settings)
        try:
            yield library
        finally:
            library.close()
    except TwinlensError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as stop:
        print(stopped, file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from stop
