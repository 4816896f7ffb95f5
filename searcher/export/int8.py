"""int8-quantised variants of models, each a separate model file."""

import hashlib
from pathlib import Path

import onnx

from searcher.errors import BrokenModel, CannotAdopt, ExportFailed
from searcher.export.contract import Metadata, Origin
from searcher.export.quantize import CALIBRATION_PICTURES, publish_stored
from searcher.export.scratch import scratch_folder, temporary_files
from searcher.export.text_contract import copy_text
from searcher.images.pictures import Picture, model_inputs
from searcher.messages.message import Message, message
from searcher.models.embedder import Embedder

SUFFIX = "-int8"


def write_int8(source: Path, pictures: list[Picture], force: bool = False) -> Path:
    """Write NAME-int8.onnx beside NAME.onnx, with a copy of NAME's text file if there is one.

    Args:
        source: The path of NAME.onnx.
        pictures: Pictures to calibrate on, similar to those that the model will embed.
        force: Whether a model of that name that is no variant is replaced, too.

    Returns:
        The path of the variant.

    Raises:
        CannotAdopt: Another model has the variant's name.
        ExportFailed: There are no pictures, or the variant's vectors differ too much.
    """
    if not pictures:
        raise ExportFailed("int8.no_pictures")
    embedder = Embedder(source)
    original = embedder.metadata
    metadata = Metadata(
        title=f"{original.get('title') or source.stem} int8",
        architecture=f"{original.get('architecture', '')}, int8".removeprefix(", "),
        weights=original.get("weights", ""),
        licence=original.get("licence", ""),
        fit=embedder.fit,
        origin=Origin.of(original),
        source=hashlib.sha256(source.read_bytes()).hexdigest(),
    )
    target = source.with_name(f"{source.stem}{SUFFIX}.onnx")
    if not force and target.exists() and not _is_replaceable(target):
        raise CannotAdopt("adopt.name_exists", name=target.stem)
    calibration = model_inputs(pictures[:CALIBRATION_PICTURES], *embedder.form)
    with scratch_folder(target) as scratch, temporary_files(scratch):
        publish_stored(
            onnx.load(source),
            "int8",
            metadata,
            target,
            calibration,
            embedder.embed_many,
            message("vectors.original"),
        )
        copy_text(source, target)
    return target


def _is_replaceable(path: Path) -> bool:
    """Whether a model file is a variant, or can't be used."""
    try:
        metadata = Embedder(path).metadata
    except BrokenModel:
        return True
    # Variants of earlier versions do not name their source.
    return "source" in metadata or metadata.get("architecture", "").endswith("int8")


def drawbacks(source: Path, variant: Path) -> list[Message]:
    """Return a message each if a variant is not smaller or not faster than its original."""
    messages = []
    before, after = (path.stat().st_size / 1e6 for path in (source, variant))
    if after >= before:
        messages.append(message("int8.not_smaller", before=before, after=after))
    original_ms, variant_ms = Embedder(source).milliseconds(), Embedder(variant).milliseconds()
    if variant_ms >= original_ms:
        messages.append(message("int8.not_faster", before=original_ms, after=variant_ms))
    return messages
