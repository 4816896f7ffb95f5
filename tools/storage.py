"""Options of tools that write model files."""

import argparse
from pathlib import Path

import numpy as np

from searcher.export.quantize import CALIBRATION_PICTURES, MIN_COSINE
from searcher.images.pictures import UInt8Array
from tools.pictures import spread


def add_storage(parser: argparse.ArgumentParser) -> None:
    """Add OUTPUT.onnx, --store and --pictures."""
    parser.add_argument("output", type=Path, metavar="OUTPUT.onnx")
    parser.add_argument(
        "--store", choices=list(MIN_COSINE), default="int8-weights", help="(%(default)s)"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="labelled pictures to verify on, too; int8 needs them to calibrate on",
    )


def calibration(options: argparse.Namespace, height: int, width: int) -> UInt8Array:
    """Return the pictures in --pictures, uint8 [N, height, width, 3]; N is 0 without the option."""
    if options.pictures is None:
        return np.empty((0, height, width, 3), np.uint8)
    return spread(options.pictures, height, width, CALIBRATION_PICTURES)
