"""Options that take several words: `--id 1 2 3`, for which typer wants `--id 1 --id 2 --id 3`."""

from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from typing import Any

from typer.core import TyperCommand

END = "--"


class SpreadCommand(TyperCommand):
    """A command whose list options take all words up to the next option."""

    optional: frozenset[str] = frozenset()  # options that take one word or none
    single: frozenset[str] = frozenset()  # list options that take one word each

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        lists = {name for p in self.params if getattr(p, "multiple", False) for name in p.opts}
        return super().parse_args(ctx, list(spread(args, lists - self.single, self.optional)))


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


def _is_option(word: str) -> bool:
    try:
        float(word)  # -1 is a number
    except ValueError:
        return word.startswith("-") and word != "-"
    return False
