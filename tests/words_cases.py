"""The text sides of tests/words/: see its README.md."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from searcher.config.folders import ROOT
from searcher.export.adopt import Adoption, AdoptOptions, adopt
from searcher.export.text_source import TextSource
from searcher.models.hub_layout import HubFiles, find_in_folder
from searcher.models.text_embedder import TextEmbedder
from searcher.types import FloatArray
from tests import networks

FOLDER = ROOT / "tests" / "words"
_DOCUMENT: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
TEXTS: list[str] = _DOCUMENT["texts"]
NETWORKS: dict[str, Any] = _DOCUMENT["networks"]


def repository(name: str, folder: Path) -> Path:
    """Write a repository with the image side and the text side of a network."""
    target = folder / name
    if vision := NETWORKS[name]["vision"]:
        shutil.copytree(networks.FOLDER / vision, target)
    shutil.copytree(FOLDER / name, target, dirs_exist_ok=True)
    if not vision:
        processor = networks.FOLDER / "clip-joint" / "preprocessor_config.json"
        shutil.copy(processor, target)
    return target


def adopt_folder(root: Path, models: Path, **options: Any) -> Adoption:
    """Adopt a folder as the command line does; the model is `net`."""
    files: HubFiles = find_in_folder(root)
    onnx = root / files.onnx
    text = TextSource.beside(onnx, files)
    return adopt(onnx, "net", models, AdoptOptions(text=text, **options))


def vectors(models: Path) -> FloatArray:
    """The vectors of the texts by the text file of `net`, each text alone: [20, D]."""
    embedder = TextEmbedder(models / "net.text.onnx")
    return np.stack([embedder.embed_text(text) for text in TEXTS])


def expected(name: str) -> FloatArray:
    """What the reference gives."""
    return np.array(NETWORKS[name]["vectors"], np.float32)


def lowest(a: FloatArray, b: FloatArray) -> float:
    """The lowest cosine of two sets of unit vectors."""
    return float((a * b).sum(1).min())
