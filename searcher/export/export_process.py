"""What every process that makes a model file shares: arguments, reports, its end with its parent.

Run as `python -m MODULE NAME --weights … --output FILE`, always in a separate process (see
install.py), whose imports take memory that the app must not keep. Progress and the outcome go to
stdout, one JSON object per line.
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
from searcher.files import cannot_write
from searcher.messages.message import Message, message

MB = 1_000_000


@dataclass(frozen=True)
class Order:
    """The network to export.

    `tensor` is one of its `outputs`, "" for the first; `variant` one of hub_layout.VARIANTS, ""
    for the most precise one; `choices` are options of `adopt`, a JSON document. What is
    `anonymous` is downloaded without the access token of this machine's user.
    """

    name: str
    weights: str
    tensor: str
    variant: str
    choices: str
    output: Path
    anonymous: bool = False


def report(state: str, stage: Message) -> None:
    """Send progress to the parent process."""
    print(json.dumps({"state": state, "message": stage.document()}), flush=True)


def downloading(done: int, total: int) -> Message:
    """Return the message of a download's progress, from bytes."""
    return message("hub.downloading", done=round(done / MB, 1), total=round(total / MB, 1))


def run(arguments: list[str], make: Callable[[Order], Message]) -> int:
    """Export one network.

    Args:
        arguments: Those of the process.
        make: Writes the model file and returns the outcome.

    Returns:
        The exit status, 1 after reporting an error.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--tensor", default="")
    parser.add_argument("--variant", default="")
    parser.add_argument("--choices", default="")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--anonymous", action="store_true")
    order = Order(**vars(parser.parse_args(arguments)))
    os.nice(10)  # lower priority than the app
    threading.Thread(
        target=_end_with_parent, args=(os.getppid(),), name="parent", daemon=True
    ).start()
    try:
        report("ready", make(order))
    except TwinlensError as error:
        if error.__cause__ is not None:
            print(repr(error.__cause__), file=sys.stderr)
        report("failed", error.message)
        return 1
    except OSError as error:
        print(repr(error), file=sys.stderr)
        report("failed", cannot_write(error).message)
        return 1
    return 0


def _end_with_parent(parent: int) -> None:
    """End this process when its parent has ended, so that a killed app leaves no export running."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
