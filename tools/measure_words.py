"""Measure how words find pictures: `python -m tools.measure_words FOLDER MODEL.onnx`.

Prints precision at 5 of each kind's name, and of a description that does not say the name.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from searcher.models.embedder import Embedder
from searcher.models.text_embedder import TextEmbedder
from searcher.types import FloatArray
from tools.command import ToolError, run
from tools.measure_samples import embedded
from tools.words.descriptions import PHOTOGRAPHS, SAMPLES

K = 5


def found(text: FloatArray, vectors: FloatArray, is_kind: np.ndarray) -> float:
    """The share of the pictures nearest to a text [D] that are of its kind, among [N, D]."""
    return float(is_kind[np.argsort(-(vectors @ text), kind="stable")[:K]].mean())


def measure(options: argparse.Namespace) -> None:
    """Print the figures. Raises TwinlensError, such as ToolError without a text file."""
    path = options.model.with_suffix(".text.onnx")
    if not path.exists():
        raise ToolError(f"{options.model.name} has no text file.")
    words = TextEmbedder(path)
    vectors, labels = embedded(Embedder(options.model), options.folder)
    described = SAMPLES if set(labels) <= set(SAMPLES) else PHOTOGRAPHS
    kinds = sorted(set(labels))
    rows = []
    for kind in kinds:
        texts = (kind.replace("_", " "), described[kind])
        rows.append([found(words.embed_text(text), vectors, labels == kind) for text in texts])
        print(f"{kind:16} {rows[-1][0]:.2f} {rows[-1][1]:.2f}  {texts[1]}")
    print("name {:.3f}, description {:.3f}".format(*np.mean(rows, axis=0)))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure_words", description=__doc__)
    parser.add_argument("folder", type=Path, help="of pictures in a folder a kind")
    parser.add_argument("model", type=Path, help="its text file lies beside it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(measure, parse(sys.argv[1:])))
