"""What every maker of model files shares: metadata, checks, and writing whole or not at all."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from searcher.embedding import Embedder, FloatArray
from searcher.errors import ExportFailed
from searcher.images import UInt8Array
from searcher.resizing import STRETCH, Fit

FORMAT_VERSION = "1"
FITTED = "2"  # of files that say how a picture is fitted into their input
OPSET = 17  # the newest that tf2onnx writes; every onnxruntime of the last years reads it
MIN_COSINE = 0.9999  # between a file and the network it was made from, where both count in float32
VERIFY_PICTURES = 8


@dataclass(frozen=True)
class Metadata:
    """What a model file says of itself, shown wherever its name is."""

    title: str
    architecture: str
    weights: str
    licence: str
    fit: Fit = STRETCH
    source: str = ""  # of a quantised variant: the SHA-256 of the file it was made from

    def entries(self) -> dict[str, str]:
        """The entries of the file, all text."""
        given = {
            "title": self.title,
            "architecture": self.architecture,
            "weights": self.weights,
            "licence": self.licence,
        }
        given |= {"source": self.source} if self.source else {}
        fitted = self.fit.metadata()
        return given | fitted | {"format_version": FITTED if fitted else FORMAT_VERSION}


def save(model: onnx.ModelProto, metadata: Metadata, path: Path) -> Embedder:
    """Write a model file and return it loaded; the file appears whole or not at all.

    `path` is where it is written before anything verifies it, so callers pass a temporary name
    and move it with `publish`. Raises BrokenModel where it does not fulfil the contract.
    """
    onnx.helper.set_model_props(model, metadata.entries())
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(model.SerializeToString())
        file.flush()
        os.fsync(file.fileno())
    return Embedder(path)


def temporary_path(path: Path) -> Path:
    """A name beside `path` that is no model's name and no other process uses."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def publish(temporary: Path, path: Path) -> None:
    """Move a verified file to its name; a reader sees the old file or the new one."""
    os.replace(temporary, path)


def publish_verified(
    model: onnx.ModelProto,
    metadata: Metadata,
    path: Path,
    pictures: UInt8Array,
    expected: FloatArray,
    original: str,
    minimum: float = MIN_COSINE,
) -> float:
    """Write a model file once its vectors are seen to be right; return their lowest cosine.

    `expected` [N, D] is what `pictures` [N, H, W, 3] should give, of unit length; `original` says
    whose vectors those are. Raises BrokenModel or ExportFailed, and `path` is then left as it was.
    """
    temporary = temporary_path(path)
    try:
        vectors = save(model, metadata, temporary).embed_many(pictures)
        cosine = float(np.min(np.sum(vectors * expected, axis=1)))
        if not cosine >= minimum:
            raise ExportFailed(
                f"{metadata.title} was converted, but its vectors differ from {original} "
                f"(cosine {cosine:.5f}, at least {minimum} is needed); nothing was installed."
            )
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return cosine


def verification_pictures(height: int, width: int) -> UInt8Array:
    """Seeded pictures [8, height, width, 3]: structure at several scales, and plain noise."""
    generator = np.random.default_rng(0)
    pictures = []
    for cells in np.geomspace(2, max(height, width), VERIFY_PICTURES).astype(int):
        coarse = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        repeat = -(-max(height, width) // cells)
        pictures.append(coarse.repeat(repeat, 0).repeat(repeat, 1)[:height, :width])
    return np.stack(pictures)
