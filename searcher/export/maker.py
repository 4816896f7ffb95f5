"""What every maker of model files is to its parent process (see install.py).

Run as `python -m MODULE NAME --weights … --output FILE`, always in a process of its own: what
makers import takes memory that the app must not keep. Progress and the outcome go to stdout, one
JSON object a line.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from searcher.errors import TwinlensError


@dataclass(frozen=True)
class Order:
    """What is to be made: `tensor` is one of the network's outputs, "" its default."""

    name: str
    weights: str
    tensor: str
    output: Path


def report(state: str, detail: str) -> None:
    """Tell the parent process how far it is."""
    print(json.dumps({"state": state, "detail": detail}), flush=True)


def run(arguments: list[str], make: Callable[[Order], str]) -> int:
    """Make one model file; `make` returns what there is to say of it.

    Exit status 1 after a line with the reason where it raises a TwinlensError.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--tensor", default="")
    parser.add_argument("--output", type=Path, required=True)
    order = Order(**vars(parser.parse_args(arguments)))
    os.nice(10)  # the page comes first
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        report("ready", make(order))
    except TwinlensError as error:
        kind = type(error).__name__
        if error.__cause__ is not None:
            print(repr(error.__cause__), file=sys.stderr)
        print(json.dumps({"state": "failed", "kind": kind, "detail": str(error)}), flush=True)
        return 1
    return 0


def _end_with_parent(parent: int) -> None:
    """A killed app must not leave a process behind that takes the machine for a minute."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
