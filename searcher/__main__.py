"""The command line: `python -m searcher COMMAND`, with `--json` for programs."""

import argparse
import logging
import sys
from collections.abc import Callable
from typing import Any

from searcher.commands import models, pictures, queries
from searcher.errors import TwinlensError
from searcher.library import Library
from searcher.resizing import FITS, RESAMPLES
from searcher.search import MAX_RESULTS
from searcher.settings import Settings, reach_loopback_directly

# Kept apart from searcher.export.preprocess, which imports onnx; a test compares the two.
PRESETS = """what --preprocess does, pixels from 0 to 255:
  none      nothing
  unit      pixel / 255
  imagenet  (pixel / 255 - [0.485 0.456 0.406]) / [0.229 0.224 0.225]
  caffe     BGR, pixel - [103.939 116.779 123.68]
  tf        pixel / 127.5 - 1
  clip      (pixel / 255 - [0.481 0.458 0.408]) / [0.269 0.261 0.276]
  siglip    (pixel / 255 - 0.5) / 0.5, the same as tf"""
PRESET_NAMES = ["none", "unit", "imagenet", "caffe", "tf", "clip", "siglip"]
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
    """What can be said of a foreign network; the rest is read or guessed from its graph."""
    sub.formatter_class = argparse.RawDescriptionHelpFormatter
    sub.epilog = PRESETS
    sub.add_argument("file", metavar="FILE.onnx")
    sub.add_argument("--name", help="of the model file, without .onnx")
    sub.add_argument("--list", action="store_true", help="print its tensors with shapes, no more")
    sub.add_argument("--force", action="store_true", help="replace a model of that name")
    sub.add_argument("--title", default="", help="shown in the page; the name by default")
    sub.add_argument("--licence", default="")
    sub.add_argument("--weights-note", default="", help="where its weights come from")
    sub.add_argument("--input", metavar="TENSOR", help="the pictures")
    sub.add_argument("--layout", choices=["NCHW", "NHWC"], help="of the pictures")
    sub.add_argument("--size", type=_sides, metavar="HxW", help="in pixels, or one number for both")
    sub.add_argument("--fit", choices=FITS, help="how a picture becomes that size")
    sub.add_argument(
        "--resize", type=_positive, default=0, metavar="N", help="short side before the crop"
    )
    sub.add_argument("--resample", choices=list(RESAMPLES), help="(bilinear)")
    sub.add_argument("--preprocess", choices=PRESET_NAMES, help="see below")
    sub.add_argument("--channels", choices=["RGB", "BGR"])
    sub.add_argument(
        "--scale", type=_fraction, metavar="X", help="(pixel x X - mean) / std, as in 1/255"
    )
    for name in ("--mean", "--std"):
        sub.add_argument(
            name, nargs="+", action=_Triple, metavar="X", help="one number, or one a channel"
        )
    sub.add_argument("--output", metavar="TENSOR", help="the features, an inner tensor too")
    sub.add_argument("--output-layout", choices=["NCHW", "NHWC"], help="of a map of features")
    sub.add_argument("--int8", action="store_true", help=INT8)
    sub.add_argument(
        "--pool", choices=["max", "avg", "mean", "cls"], help="how a map or tokens are pooled"
    )


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


def _sides(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError("it must be like 224 or 256x192")
    return int(parts[0]), int(parts[-1])


def _fraction(text: str) -> float:
    above, slash, below = text.partition("/")
    try:
        number = float(above) / (float(below) if slash else 1)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError("it must be like 0.0039 or 1/255") from None
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
