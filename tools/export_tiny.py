"""Make a model file of a network that train_tiny trained: `python -m tools.export_tiny --help`."""

import argparse
import sys
from pathlib import Path

import numpy as np

from searcher.export.contract import Metadata
from searcher.export.quantize import publish_stored
from tools.command import need_torch, run, say
from tools.storage import add_storage, calibration


def export(options: argparse.Namespace) -> None:
    """Write the file once its vectors are seen to be PyTorch's. Raises TwinlensError."""
    need_torch()
    from tools.tiny.checkpoint import Checkpoint
    from tools.tiny.export import reference, to_onnx

    state = Checkpoint.load(options.checkpoint)
    network, config = state.restored(), state.config
    model = to_onnx(network, config)
    millions = sum(np.prod(tensor.dims) for tensor in model.graph.initializer) / 1e6
    metadata = Metadata(
        options.title,
        f"residual network of {millions:.1f} million parameters",
        options.weights or f"{state.pictures}, distilled from {state.teacher}",
        options.licence,
    )
    cosine = publish_stored(
        model,
        options.store,
        metadata,
        options.output,
        calibration(options, config.size, config.size),
        lambda pictures: reference(network, config, pictures),
        "PyTorch's",
    )
    size = options.output.stat().st_size / 1e6
    say(f"{options.output.name}: {size:.1f} MB, cosine with PyTorch at least {cosine:.5f}.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.export_tiny", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    add_storage(parser)
    add = parser.add_argument
    add("--title", default="Tiny", help="shown for the model (%(default)s)")
    add("--weights", help="what it was trained on (default: as the checkpoint says)")
    add("--licence", default="as its pictures and its teacher", help="of the weights (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(export, parse(sys.argv[1:])))
