"""The command line: `twinlens COMMAND`, with `--json` for programs."""

import os
import sys
from typing import Annotated

import typer

from searcher import __version__
from searcher.cli import (
    adopt_command,
    app_commands,
    arena_commands,
    backup_commands,
    evaluation_commands,
    index_command,
    label_command,
    list_command,
    map_command,
    migrate_command,
    model_commands,
    picture_commands,
    publish_command,
    query_commands,
    shrink_command,
    status_command,
    stop_command,
)
from searcher.cli.spread import QueryCommand, RemoveCommand, SpreadCommand
from searcher.config.python_version import require_supported_python
from searcher.config.terminal import leave, run_program

app = typer.Typer(
    add_completion=False,
    # Plain text starts faster and is the same in every terminal.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
CLASSES = {
    "remove": RemoveCommand,
    "label": RemoveCommand,
    "search": QueryCommand,
    "compare": QueryCommand,
}
for command in (
    app_commands.serve,
    model_commands.models,
    model_commands.export,
    adopt_command.adopt,
    index_command.index,
    status_command.status,
    stop_command.stop,
    list_command.pictures,
    picture_commands.remove,
    label_command.label,
    query_commands.search,
    query_commands.compare,
    evaluation_commands.evaluate,
    evaluation_commands.compare_models,
    arena_commands.arena,
    arena_commands.votes,
    shrink_command.shrink,
    map_command.map,
    picture_commands.doctor,
    backup_commands.backup,
    backup_commands.restore,
    migrate_command.migrate,
    publish_command.publish,
):
    app.command(cls=CLASSES.get(command.__name__, SpreadCommand))(command)


def _print_version(version: bool) -> None:
    if version:
        print(f"twinlens {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
    verbose: Annotated[
        int,
        typer.Option("-v", "--verbose", count=True, help="LOG_LEVEL=info, with -vv debug."),
    ] = 0,
) -> None:
    """Image search with several embedding models side by side."""
    if verbose:
        os.environ["LOG_LEVEL"] = "info" if verbose == 1 else "debug"


def main(arguments: list[str], name: str = "twinlens") -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name.
        name: The program's name in `--help`.

    Returns:
        0 after success, 1 if `doctor` found problems, 130 after Ctrl-C, otherwise 2 with a sentence
        on stderr.
    """
    try:
        app(arguments, prog_name=name)
    except SystemExit as error:
        return int(error.code or 0)
    return 0


def run() -> None:
    """Run the console script: the command line of this process."""
    require_supported_python()
    leave(run_program(lambda: main(sys.argv[1:])))
