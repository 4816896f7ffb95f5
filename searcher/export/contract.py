"""Writing of model files: metadata, verification, atomic replacement."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnx

from searcher.errors import ExportFailed
from searcher.files import part_of
from searcher.images.pictures import UInt8Array
from searcher.images.resizing import STRETCH, Fit
from searcher.messages.message import Message
from searcher.models.embedder import Embedder
from searcher.types import FloatArray

FORMAT_VERSION = "1"
FITTED = "2"  # the version of files with keys for resizing
OPSET = 17  # the newest that tf2onnx writes; onnxruntime has read it since 1.12 (2022)
MIN_COSINE = 0.9999  # between a file and its original network, both in float32
VERIFY_PICTURES = 8


@dataclass(frozen=True)
class Origin:
    """Where a network was downloaded: `OWNER/NAME` on the Hub, the commit, and the variant."""

    repository: str
    commit: str
    variant: str

    @classmethod
    def of(cls, metadata: Mapping[str, str]) -> Self | None:
        """Return that of a model file, None if it was not downloaded from the Hub."""
        entries = [metadata.get(key, "") for key in ("repository", "commit", "variant")]
        return cls(*entries) if all(entries) else None


@dataclass(frozen=True)
class Metadata:
    """The metadata in a model file, shown with its name."""

    title: str
    architecture: str
    weights: str
    licence: str
    fit: Fit = STRETCH
    source: str = ""  # of a quantised variant: the SHA-256 of the original model file
    origin: Origin | None = None

    def entries(self) -> dict[str, str]:
        """Return the entries of the model file, all text."""
        entries = {
            "title": self.title,
            "architecture": self.architecture,
            "weights": self.weights,
            "licence": self.licence,
        }
        entries |= {"source": self.source} if self.source else {}
        entries |= asdict(self.origin) if self.origin else {}
        fitted = self.fit.metadata()
        return entries | fitted | {"format_version": FITTED if fitted else FORMAT_VERSION}


def save(model: onnx.ModelProto, metadata: Metadata, path: Path) -> Embedder:
    """Write a model file and load it.

    Args:
        model: The graph; its metadata is set in place.
        metadata: The metadata.
        path: Where it is written before any verification: a temporary path, as from `part_of`.

    Returns:
        The loaded model.

    Raises:
        BrokenModel: It does not fulfil the contract.
        OSError: It cannot be written.
    """
    onnx.helper.set_model_props(model, metadata.entries())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(model.SerializeToString())
        file.flush()
        os.fsync(file.fileno())
    return Embedder(path)


def publish_verified(
    model: onnx.ModelProto,
    metadata: Metadata,
    path: Path,
    pictures: UInt8Array,
    expected: FloatArray,
    original: Message | str,
    minimum: float = MIN_COSINE,
) -> float:
    """Verify a model's vectors, and write its file only if they are correct.

    Args:
        model: The graph.
        metadata: Its metadata.
        path: The model file; after an error it is unchanged.
        pictures: uint8 [N, H, W, 3].
        expected: The correct vectors of the pictures, float32 [N, D] of unit length.
        original: Whose vectors those are, for the error message.
        minimum: The lowest cosine that is accepted, 0 to 1.

    Returns:
        The lowest cosine between vectors and expected ones.

    Raises:
        BrokenModel: The model does not fulfil the contract.
        ExportFailed: A cosine is below the minimum.
    """
    with part_of(path) as part:
        vectors = save(model, metadata, part).embed_many(pictures)
        cosine = float(np.min(np.sum(vectors * expected, axis=1)))
        if not cosine >= minimum:
            raise ExportFailed(
                "install.vectors_differ",
                title=metadata.title,
                original=original,
                cosine=cosine,
                minimum=minimum,
            )
    return cosine


def verification_pictures(height: int, width: int) -> UInt8Array:
    """Return seeded random pictures, uint8 [8, height, width, 3], from coarse cells to noise."""
    generator = np.random.default_rng(0)
    pictures = []
    for cells in np.geomspace(2, max(height, width), VERIFY_PICTURES).astype(int):
        coarse = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        repeat = -(-max(height, width) // cells)
        pictures.append(coarse.repeat(repeat, 0).repeat(repeat, 1)[:height, :width])
    return np.stack(pictures)
