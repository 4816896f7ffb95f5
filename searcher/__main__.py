"""The command line: `python -m searcher COMMAND`, with `--json` for programs."""

import argparse
import logging
import sys
from collections.abc import Callable
from typing import Any

from searcher.commands import models, pictures, queries
from searcher.errors import TwinlensError
from searcher.library import Library
from searcher.search import MAX_RESULTS
from searcher.settings import Settings, reach_loopback_directly

INT8 = "also write NAME-int8, calibrated on the library's pictures"

Command = Callable[[Library, argparse.Namespace], int]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m searcher", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Command, as_json: bool = True) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(
            command.__name__, help=command.__doc__, description=command.__doc__
        )
        sub.set_defaults(command=command)
        if as_json:
            sub.add_argument("--json", action="store_true", help="print one JSON document")
        return sub

    def add_k(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("-k", type=int, default=12, help=f"results, 1 to {MAX_RESULTS}")

    add(models.models)
    sub = add(models.export, as_json=False)
    sub.add_argument("names", nargs="+", metavar="NAME")
    sub.add_argument("--weights", default="imagenet", help="imagenet, random or FILE.h5")
    sub.add_argument("--output", default="", help="of EfficientNet-Lite: logits or features")
    sub.add_argument("--int8", action="store_true", help=INT8)
    sub = add(models.adopt, as_json=False)
    _add_wishes(sub)
    sub = add(pictures.index)
    sub.add_argument("paths", nargs="+", metavar="PATH")
    sub.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N", help="a part of all")
    sub.add_argument("--prune", action="store_true", help="forget pictures whose file is gone")
    sub.add_argument("--watch", action="store_true", help="stay, and keep in step with folders")
    sub = add(pictures.remove)
    sub.add_argument("--id", type=int, nargs="+", default=[])
    sub.add_argument("--path", nargs="+", default=[], help="a file, or a folder with all below it")
    sub.add_argument("--label", nargs="+", default=[])
    sub = add(queries.search)
    sub.add_argument("image", metavar="IMAGE")
    sub.add_argument("--model", required=True, metavar="NAME")
    add_k(sub)
    sub = add(queries.compare)
    sub.add_argument("image", metavar="IMAGE")
    sub.add_argument("--models", nargs=2, required=True, metavar=("A", "B"))
    add_k(sub)
    sub = add(queries.evaluate)
    sub.add_argument("--models", nargs="+", default=[], metavar="NAME", help="all ready ones")
    sub.add_argument("-k", type=_positive, default=10, help="depth of the average precision")
    sub = add(pictures.doctor)
    sub.add_argument("--repair", action="store_true", help="mend what can be mended")
    return parser.parse_args(arguments)


def _add_wishes(sub: argparse.ArgumentParser) -> None:
    """What can be said of a foreign network; the rest is guessed from its graph."""
    sub.add_argument("file", metavar="FILE.onnx")
    sub.add_argument("--name", required=True)
    sub.add_argument("--title", default="", help="shown in the page; the name by default")
    sub.add_argument("--licence", default="")
    sub.add_argument("--layout", choices=["NCHW", "NHWC"])
    sub.add_argument("--size", type=_positive, help="pixels of each side where the graph is free")
    sub.add_argument("--preprocess", choices=["none", "imagenet", "caffe", "tf", "clip"])
    sub.add_argument("--channels", choices=["RGB", "BGR"])
    sub.add_argument("--scale", type=float, help="(pixel x scale - mean) / std, pixels 0 to 255")
    for name in ("--mean", "--std"):
        sub.add_argument(
            name, nargs="+", action=_Triple, metavar="X", help="one number, or one a channel"
        )
    sub.add_argument("--output", metavar="TENSOR", help="the features, an inner tensor too")
    sub.add_argument("--int8", action="store_true", help=INT8)
    sub.add_argument("--pool", choices=["max", "avg"], help="how a map of features is pooled")


def main(arguments: list[str]) -> int:
    """Run one command; a sentence on stderr and status 2 where it can't do its work."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    options = parse(arguments)
    reach_loopback_directly()
    try:
        library = Library(Settings.from_env())
        try:
            status: int = options.command(library, options)
        finally:
            library.close()
    except TwinlensError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What was reported as added is kept.", file=sys.stderr)
        return 130
    return status


class _Triple(argparse.Action):
    """One number or three, apart or with commas, become a tuple of three."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        try:
            numbers = [float(part) for word in values for part in word.split(",") if part]
        except ValueError:
            parser.error(f"argument {option}: not a number in {' '.join(values)}")
        if len(numbers) not in (1, 3):
            parser.error(f"argument {option}: one number or three, not {len(numbers)}")
        setattr(namespace, self.dest, tuple(numbers * (3 // len(numbers))))


def _shard(text: str) -> tuple[int, int]:
    parts = text.split("/")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError("it must be like 1/4")
    number, count = int(parts[0]), int(parts[1])
    if not 1 <= number <= count:
        raise argparse.ArgumentTypeError("the first number must be from 1 to the second")
    return number, count


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
