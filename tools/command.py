"""What the programs share: sentences on stderr, and the exit status."""

import argparse
import sys
from collections.abc import Callable

from searcher.errors import TwinlensError


class ToolError(TwinlensError):
    """A program of this folder can't do its work; its sentence is English and in no catalogue."""

    def __init__(self, sentence: str) -> None:
        super().__init__("verbatim", text=sentence)


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, file=sys.stderr)


def run(program: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Run a program; a sentence on stderr and status 2 where it can't do its work."""
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
