"""Measure sample pictures: `python -m tools.measure_samples [FOLDER] [--models FOLDER]`.

Prints how bright they are, and with models how often the five nearest pictures are of the query's
kind, and by how much the best two models differ.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from searcher.config.folders import ROOT
from searcher.library.query_label import QUERIES
from searcher.metrics.ground_truth import LabelTruth
from searcher.metrics.relevant_ranks import rank_in_blocks
from searcher.metrics.retrieval import has_relevant
from searcher.metrics.retrieval import precision as precision_at
from searcher.metrics.significance import interval
from searcher.models.embedder import Embedder
from searcher.types import FloatArray
from tools.command import run
from tools.pictures import labelled_sources, readable

DARK = 0.25  # mean luminance below which a picture counts as dark

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Light:
    """How bright pictures are: values from 0 to 1, one a picture.

    `means` are mean luminances (Rec. 601); `blacks` and `whites` the first and the 99th
    percentile of a picture's luminance.
    """

    means: Values
    blacks: Values
    whites: Values

    def document(self) -> dict[str, float]:
        """The figures for all pictures together."""
        return {
            "pictures": len(self.means),
            "mean luminance": round(float(self.means.mean()), 3),
            f"share under {DARK}": round(float((self.means < DARK).mean()), 3),
            "median black": round(float(np.median(self.blacks)), 3),
            "median white": round(float(np.median(self.whites)), 3),
        }


def light(files: list[Path]) -> Light:
    """Measure the light of picture files."""
    rows = []
    for file in files:
        with Image.open(file) as picture:
            grey = np.asarray(picture.convert("L"), np.float64) / 255
        rows.append((grey.mean(), *np.percentile(grey, (1, 99))))
    means, blacks, whites = np.array(rows).T
    return Light(means, blacks, whites)


def embedded(embedder: Embedder, folder: Path) -> tuple[FloatArray, npt.NDArray[np.str_]]:
    """Return the vectors [N, D] and the kinds [N] of pictures in a folder a kind, no `queries`."""
    sources = [pair for pair in labelled_sources(folder) if pair[1] != QUERIES]
    pairs = [(embedder.embed_picture(picture), label) for picture, label in readable(sources)]
    return np.stack([vector for vector, _ in pairs]), np.array([label for _, label in pairs])


def precision(model: Path, folder: Path) -> tuple[Values, npt.NDArray[np.str_]]:
    """Measure precision at 5 of each picture as a query among the others, without `queries`.

    Args:
        model: A model file.
        folder: Pictures in a folder a kind.

    Returns:
        Values from 0 to 1 [N], and the kinds [N].
    """
    vectors, labels = embedded(Embedder(model), folder)
    rows = np.flatnonzero(has_relevant(labels))
    truth = LabelTruth(labels[rows], labels, rows)
    blocks = rank_in_blocks(vectors[rows], vectors, truth, 1)
    return np.concatenate([precision_at(ranks, 5) for _, ranks, _ in blocks]), labels[rows]


def measure(options: argparse.Namespace) -> None:
    """Print all figures. Raises TwinlensError if there are no pictures."""
    for name, value in light(sorted(options.folder.glob("*/*.jpg"))).document().items():
        print(f"{name:20} {value}")
    if options.models is None:
        return
    measured = {}
    for path in sorted(options.models.glob("*.onnx")):
        if path.name.endswith(".text.onnx"):
            continue
        values, labels = precision(path, options.folder)
        measured[path.stem] = values
        low, high = interval(values)
        print(f"{path.stem:20} {values.mean():.3f}  [{low:.3f}, {high:.3f}]")
        if options.kinds:
            for kind in np.unique(labels):
                print(f"    {kind:16} {values[labels == kind].mean():.2f}")
    best = sorted(measured, key=lambda name: -measured[name].mean())[:2]
    if len(best) == 2:
        differences = measured[best[0]] - measured[best[1]]
        low, high = interval(differences)
        print(f"{best[0]} - {best[1]}: {differences.mean():.3f}  [{low:.3f}, {high:.3f}]")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure_samples", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "sample_images")
    parser.add_argument("--models", type=Path, help="folder of *.onnx")
    parser.add_argument("--kinds", action="store_true", help="precision of each kind, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(measure, parse(sys.argv[1:])))
