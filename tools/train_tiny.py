"""Train a small network to see as a large one does: `python -m tools.train_tiny --help`.

Killed at any time and started again with the same arguments, it goes on where it was.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from searcher.embedding import Embedder
from searcher.errors import TwinlensError
from tools.command import need_torch, run, say
from tools.pictures import labelled_sources
from tools.tiny.config import Config
from tools.tiny.data import TrainingSet, fingerprint, prepare

OTHERS = (
    "{} was begun with other pictures, another teacher or other options: give those again, or "
    "another --checkpoint."
)


def train(options: argparse.Namespace) -> None:
    """Train from the start or go on from the checkpoint. Raises TwinlensError."""
    need_torch()
    from tools.tiny.checkpoint import Checkpoint
    from tools.tiny.training import Length, Training, choose_device, first_state

    device = choose_device(options.device)
    widths = tuple(options.widths)
    config = Config(size=options.size, dim=options.dim, widths=widths, seed=options.seed)
    teacher = Embedder(options.teacher)
    sources = labelled_sources(options.folder)
    key = fingerprint(options.folder, sources, teacher, config.size)
    state = Checkpoint.load(options.checkpoint) if options.checkpoint.exists() else None
    if state and state.key != key:
        raise TwinlensError(OTHERS.format(options.checkpoint.name))
    data = prepare(sources, key, teacher, config.size, options.checkpoint.with_suffix(".cache"))
    config = _fitting(config, data)
    if state and state.config != config:
        raise TwinlensError(OTHERS.format(options.checkpoint.name))
    if state:
        say(f"Going on from step {state.step}.")
    else:
        name = teacher.metadata.get("title") or options.teacher.stem
        state = first_state(config, data, options.folder.resolve().name, name)
    training = Training(data, state, device)
    say(f"{len(data.rows)} pictures of {len(data.kinds)} kinds, on {device}.")
    training.run(Length(options.minutes, options.epochs), options.checkpoint, options.save_every)
    say(f"Done after {state.step} steps; make a model of it with python -m tools.export_tiny.")


def _fitting(config: Config, data: TrainingSet) -> Config:
    """Fewer dimensions where the teacher's vectors can't span as many."""
    spanned = min(data.vectors.shape[1], len(data.rows) - 1)
    if spanned >= config.dim:
        return config
    say(
        f"The teacher's vectors of {len(data.rows)} pictures span at most {spanned} directions: "
        f"the network gets {spanned} dimensions instead of {config.dim}."
    )
    return replace(config, dim=spanned)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train_tiny", description=__doc__)
    add, default = parser.add_argument, Config()
    add("folder", type=Path, help="pictures, in one folder a kind")
    add("--teacher", type=Path, required=True, metavar="FILE.onnx", help="a model of the contract")
    add("--checkpoint", type=Path, default=Path("data/tiny.pt"), metavar="FILE",
        help="the run's state; decoded pictures go beside it (default: %(default)s)")  # fmt: skip
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=_above(float, 0), help="length of the run (default: 60)")
    length.add_argument("--epochs", type=_above(int, 0), help="length in passes over the pictures")
    add("--dim", type=_above(int, 0), default=default.dim, help="dimensions (%(default)s)")
    add("--size", type=int, default=default.size, help="pixels of each side (%(default)s)")
    add("--widths", type=_above(int, 0), nargs="+", default=default.widths, metavar="CHANNELS",
        help="of the stem and of each stage %(default)s")  # fmt: skip
    add("--seed", type=_above(int, -1), default=default.seed, help="(%(default)s)")
    add("--device", default="auto", help="cpu, cuda, … (default: a GPU where there is one)")
    add("--save-every", type=_above(float, 0), default=60.0, metavar="SECONDS",
        help="between two checkpoints (%(default)s)")  # fmt: skip
    options = parser.parse_args(arguments)
    if options.minutes is None and options.epochs is None:
        options.minutes = 60.0
    return options


def _above(kind: type[int] | type[float], limit: int) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not value > limit:
            raise argparse.ArgumentTypeError(f"must be above {limit}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(run(train, parse(sys.argv[1:])))
