"""Options that take several words: `--id 1 2 3`, for which typer wants `--id 1 --id 2 --id 3`.

Every command also refuses paths without any character.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from typing import Any

import typer
from typer.core import TyperCommand

from searcher.config.terminal import CLOSED_PIPE

END = "--"
# The metavars of arguments and options that are paths, or may be.
PATHS = re.compile(r"\b(PATH|FILE|FOLDER|IMAGE)\b")


class SpreadCommand(TyperCommand):
    """A command whose list options take all words up to the next option."""

    optional: frozenset[str] = frozenset()  # options that take one word or none
    single: frozenset[str] = frozenset()  # list options that take one word each

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        lists = {name for p in self.params if getattr(p, "multiple", False) for name in p.opts}
        words = list(spread(args, lists - self.single, self.optional))
        # As text: typer makes the working folder of an empty path.
        values, _, _ = self.make_parser(ctx).parse_args(args=list(words))
        for parameter in self.params:
            if PATHS.search(getattr(parameter, "metavar", None) or ""):
                _refuse_blank(parameter, values.get(parameter.name))
        return super().parse_args(ctx, words)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; typer itself would exit with status 1 where a pipe is closed."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise typer.Exit(CLOSED_PIPE) from error


class RemoveCommand(SpreadCommand):
    """`remove` and `label`, whose `--undo` takes a batch, or nothing for the latest."""

    optional = frozenset({"--undo"})


class QueryCommand(SpreadCommand):
    """A command with a query, where pictures may follow words: `--text "two dogs" beach.jpg`."""

    single = frozenset({"--text", "--minus-text"})


def spread(args: Iterable[str], lists: set[str], optional: frozenset[str]) -> Iterator[str]:
    """Repeat the name of a list option before each of its words.

    Args:
        args: The words of the command line.
        lists: Options that take one or more words.
        optional: Options that take one word or none; none becomes an empty word.

    Yields:
        Words that typer understands.
    """
    words = iter(args)
    option, has_word = "", True
    for word in chain(takewhile(lambda word: word != END, words), [END]):
        if option and not _is_option(word):
            yield f"{option}={word}"
            has_word = True
            option = "" if option in optional else option
            continue
        if not has_word:
            yield f"{option}=" if option in optional else option
        option = word if word in lists | optional else ""
        has_word = not option
        if not option and word != END:
            yield word
    if rest := list(words):
        yield from (END, *rest)


def _refuse_blank(parameter: Any, value: object) -> None:
    """Refuse a path that is blank, as that of a variable without value: it means every file here.

    Raises:
        typer.BadParameter: One is.
    """
    for path in value if isinstance(value, list | tuple) else [value]:
        if isinstance(path, str) and not path.strip():
            name = next((n for n in parameter.opts if n.startswith("-")), parameter.metavar)
            raise typer.BadParameter("it is empty: is a variable unset?", param_hint=name)


def _is_option(word: str) -> bool:
    try:
        float(word)  # -1 is a number
    except ValueError:
        return word.startswith("-") and word != "-"
    return False
