"""The int8 twin of a model: the same network, counting in whole numbers, as a model of its own."""

import hashlib
from pathlib import Path

import onnx

from searcher.embedding import Embedder
from searcher.errors import ExportFailed
from searcher.export.contract import Metadata
from searcher.export.quantize import CALIBRATION_PICTURES, publish_stored
from searcher.images import Picture, model_inputs

SUFFIX = "-int8"


def write_twin(source: Path, pictures: list[Picture]) -> Path:
    """Write NAME-int8.onnx beside NAME.onnx, calibrated on pictures like those to come.

    Raises ExportFailed where there are no pictures, or where the twin's vectors would be too far
    from the original's.
    """
    if not pictures:
        raise ExportFailed(
            "int8 is calibrated on pictures: index some first, or put some into sample_images/."
        )
    embedder = Embedder(source)
    said = embedder.metadata
    metadata = Metadata(
        title=f"{said.get('title') or source.stem} int8",
        architecture=f"{said.get('architecture', '')}, int8".removeprefix(", "),
        weights=said.get("weights", ""),
        licence=said.get("licence", ""),
        fit=embedder.fit,
        source=hashlib.sha256(source.read_bytes()).hexdigest(),
    )
    target = source.with_name(f"{source.stem}{SUFFIX}.onnx")
    calibration = model_inputs(pictures[:CALIBRATION_PICTURES], *embedder.form)
    publish_stored(
        onnx.load(source),
        "int8",
        metadata,
        target,
        calibration,
        embedder.embed_many,
        "the original's",
    )
    return target


def drawbacks(source: Path, target: Path) -> list[str]:
    """A sentence each where a variant is larger or slower than what it was made from."""
    notes = []
    before, after = (path.stat().st_size / 1e6 for path in (source, target))
    if after >= before:
        notes.append(f"The int8 variant is no smaller: {after:.1f} MB, {before:.1f} MB before.")
    slow, quick = Embedder(target).milliseconds(), Embedder(source).milliseconds()
    if slow >= quick:
        notes.append(f"The int8 variant is no faster here: {slow:.1f} ms, {quick:.1f} ms before.")
    return notes
