"""What every maker of model files shares: metadata, checks, and writing whole or not at all."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx

from searcher.errors import ExportFailed
from searcher.files import part_of
from searcher.images.pictures import UInt8Array
from searcher.messages.message import Message
from searcher.models.embedder import Embedder
from searcher.types import FloatArray

FORMAT_VERSION = "1"
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


def save(model: onnx.ModelProto, metadata: Metadata, path: Path) -> Embedder:
    """Write a model file to the disk and return it loaded.

    `path` is where it is written before anything verifies it, so callers pass what `part_of` gives.
    Raises BrokenModel where it does not fulfil the contract.
    """
    entries = asdict(metadata) | {"format_version": FORMAT_VERSION}
    onnx.helper.set_model_props(model, entries)
    onnx.checker.check_model(model)
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
    """Write a model file once its vectors are seen to be right; return their lowest cosine.

    `expected` [N, D] is what `pictures` [N, H, W, 3] should give, of unit length; `original` says
    whose vectors those are. Raises BrokenModel or ExportFailed, and `path` is then left as it was.
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
    """Seeded pictures [8, height, width, 3]: structure at several scales, and plain noise."""
    generator = np.random.default_rng(0)
    pictures = []
    for cells in np.geomspace(2, max(height, width), VERIFY_PICTURES).astype(int):
        coarse = generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        repeat = -(-max(height, width) // cells)
        pictures.append(coarse.repeat(repeat, 0).repeat(repeat, 1)[:height, :width])
    return np.stack(pictures)
