"""What every maker of model files shares: metadata, checks, and writing whole or not at all."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx

from searcher.embedding import Embedder

FORMAT_VERSION = "1"
MIN_COSINE = 0.9999  # between a file's vectors and those of the network it was made from
OPSET = 17  # the newest that tf2onnx writes; every onnxruntime of the last years reads it


@dataclass(frozen=True)
class Metadata:
    """What a model file says of itself, shown wherever its name is."""

    title: str
    architecture: str
    weights: str
    licence: str


def save(model: onnx.ModelProto, metadata: Metadata, path: Path) -> Embedder:
    """Write a model file and return it loaded; the file appears whole or not at all.

    `path` is where it is written before anything verifies it, so callers pass a temporary name
    and move it with `publish`. Raises BrokenModel where it does not fulfil the contract.
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


def temporary_path(path: Path) -> Path:
    """A name beside `path` that is no model's name and no other process uses."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def publish(temporary: Path, path: Path) -> None:
    """Move a verified file to its name; a reader sees the old file or the new one."""
    os.replace(temporary, path)
