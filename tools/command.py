"""Shared by all tools: messages on stderr and the exit status."""

import argparse
import sys
from collections.abc import Callable

from searcher.errors import TwinlensError


class ToolError(TwinlensError):
    """A tool failed; its sentence is English and not in the catalogue."""

    def __init__(self, sentence: str) -> None:
        super().__init__("verbatim", text=sentence)


def say(sentence: str) -> None:
    """Print a sentence to stderr."""
    print(sentence, file=sys.stderr)


def run(program: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Run a tool and return the exit status: 2 after an error, with a sentence on stderr."""
    try:
        program(options)
    except TwinlensError as error:
        say(str(error))
        return 2
    except OSError as error:
        say(f"A file can't be read or written ({error.strerror}: {error.filename}).")
        return 2
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 0
