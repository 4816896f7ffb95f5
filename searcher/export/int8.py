"""int8-quantised variants of models, each a separate model file."""

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
    """Write NAME-int8.onnx beside NAME.onnx.

    Args:
        source: The path of NAME.onnx.
        pictures: Pictures to calibrate on, similar to those that the model will embed.

    Returns:
        The path of the variant.

    Raises:
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
