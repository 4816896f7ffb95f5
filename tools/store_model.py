"""Store a float32 model file in fewer bytes, with metadata: `python -m tools.store_model`."""

import argparse
import sys
from pathlib import Path

import onnx

from searcher.export.contract import Metadata
from searcher.export.quantize import publish_stored
from searcher.models.embedder import Embedder
from tools.command import ToolError, run, say
from tools.storage import add_storage, calibration

FIELDS = ("title", "architecture", "weights", "licence")


def store(options: argparse.Namespace) -> None:
    """Write the file after verifying its vectors against the source's. Raises ToolError."""
    source = Embedder(options.source)
    fields = {name: getattr(options, name) or source.metadata.get(name, "") for name in FIELDS}
    missing = [f"--{name}" for name, value in fields.items() if not value]
    if missing:
        raise ToolError(f"{options.source.name} does not say: give {' and '.join(missing)}.")
    title, architecture, weights, licence = (fields[name] for name in FIELDS)
    cosine = publish_stored(
        onnx.load(options.source),
        options.store,
        Metadata(title, architecture, weights, licence, source.fit),
        options.output,
        calibration(options, source.height, source.width),
        source.embed_many,
        "the source's",
    )
    size = options.output.stat().st_size / 1e6
    say(f"{options.output.name}: {size:.1f} MB, cosine with the source at least {cosine:.5f}.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.store_model", description=__doc__)
    parser.add_argument("source", type=Path, metavar="SOURCE.onnx")
    add_storage(parser)
    for name in FIELDS:
        parser.add_argument(f"--{name}", help="default: that of the source")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(store, parse(sys.argv[1:])))
