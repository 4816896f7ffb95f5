"""int8-quantised variants of models, each a model file of its own."""

from pathlib import Path

import onnx

from searcher.errors import ExportFailed
from searcher.export.contract import Metadata
from searcher.export.quantize import CALIBRATION_PICTURES, publish_stored
from searcher.export.scratch import scratch_folder, temporary_files
from searcher.images.pictures import Picture, model_inputs
from searcher.messages.message import message
from searcher.models.embedder import Embedder

SUFFIX = "-int8"


def write_int8(source: Path, pictures: list[Picture]) -> Path:
    """Write NAME-int8.onnx beside NAME.onnx, calibrated on pictures like those to come.

    Raises ExportFailed where there are no pictures, or where the variant's vectors would be too far
    from the original's.
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
    )
    target = source.with_name(f"{source.stem}{SUFFIX}.onnx")
    calibration = model_inputs(pictures[:CALIBRATION_PICTURES], embedder.height, embedder.width)
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
    return target
