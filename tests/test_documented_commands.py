"""The commands of README and docs/ exist, and those that can do so run."""

import importlib.util
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from searcher.cli.main import app
from tests.documented_commands import (
    FOREIGN,
    TESTED,
    Command,
    block_commands,
    inline_commands,
    inline_options,
)

GROUP: Any = typer.main.get_group(app)
VERBS: set[str] = set(GROUP.commands)
HELP = {"--help", "-h"}
BEFORE_THE_VERB = {"--version", "-v", "-vv"}


def check_options(command: Command, arguments: list[str]) -> None:
    """Check that a verb exists and has all options that a command names."""
    verb = arguments[0]
    if verb == "VERB":
        assert command.options <= HELP, command
        return
    if verb in BEFORE_THE_VERB:
        return
    assert verb in VERBS, command
    parameters = GROUP.commands[verb].params
    known = {name for p in parameters for name in (*p.opts, *p.secondary_opts)} | HELP
    assert command.options <= known, (command, command.options - known)


def test_every_verb_and_option_of_the_docs_is_there() -> None:
    commands = [*block_commands(), *inline_commands(), *inline_options(VERBS)]
    ours = [(c, c.arguments) for c in commands if c.arguments]
    for command, arguments in ours:
        check_options(command, arguments or [])
    assert len(ours) > 80, len(ours)


def test_the_command_line_takes_every_command_of_the_docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parse them, with their files there: arguments are complete, and values of the right type."""
    monkeypatch.chdir(tmp_path)
    parsed = 0
    for command in block_commands():
        arguments = command.arguments
        if not arguments or command.is_synopsis:
            continue
        verb = GROUP.commands[arguments[0]]
        try:
            verb.make_context(arguments[0], arguments[1:], parent=click.Context(GROUP))
        except click.UsageError as error:
            pytest.fail(f"{command}: {error.format_message()}")
        parsed += 1
    assert parsed > 25, parsed


def test_every_other_command_is_known_to_be_there() -> None:
    for command in block_commands():
        program, words = command.program, command.words
        assert program in TESTED | FOREIGN.keys(), f"{command}: what is {program}?"
        if program == "python" and command.arguments is None:
            module = words[2]
            spec = importlib.util.find_spec(module)
            assert words[1] == "-m" and spec and spec.origin, command
            code = "".join(p.read_text() for p in Path(spec.origin).parent.glob("*.py"))
            assert all(f'"{option}"' in code for option in command.options), command
