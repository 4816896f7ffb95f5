"""The reference networks of tests/networks/: see its README.md."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from searcher.config.folders import ROOT
from searcher.images.pictures import Picture, open_picture
from searcher.models.embedder import Embedder
from searcher.models.hub_layout import find_in_folder

FOLDER = ROOT / "tests" / "networks"
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())["networks"]
RIGHT = 0.9999

Vectors = Mapping[str, list[float]]


@dataclass(frozen=True)
class Case:
    """A network and what lies beside it: its own processor's file or, with `other`, another's."""

    name: str
    other: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.other}" if self.other else self.name

    @property
    def vectors(self) -> Vectors:
        """The reference's unit vectors by picture."""
        entry = DOCUMENT[self.name]
        vectors: Vectors = (entry["other_processors"][self.other] if self.other else entry)[
            "vectors"
        ]
        return vectors

    def copy_to(self, folder: Path) -> Path:
        """Copy its files into a folder, and return the network's, found as in a repository."""
        target = shutil.copytree(FOLDER / self.name, folder / self.name)
        if self.other:
            other = DOCUMENT[self.name]["other_processors"][self.other]
            (target / other["file"]).write_text(json.dumps(other["config"]))
        return target / find_in_folder(target).onnx


def cases() -> Iterator[Case]:
    """All networks with each processor."""
    for name, entry in DOCUMENT.items():
        yield Case(name)
        yield from (Case(name, other) for other in entry["other_processors"])


def read(name: str) -> Picture:
    """A picture of the folder, decoded as indexing does."""
    return open_picture((FOLDER / "pictures" / name).read_bytes(), name)


def cosines(path: Path, vectors: Vectors) -> dict[str, float]:
    """From the bytes of each picture to the cosine of a model's vector with the reference's."""
    embedder = Embedder(path)
    return {
        name: float(embedder.embed_picture(read(name)) @ np.array(expected))
        for name, expected in vectors.items()
    }
