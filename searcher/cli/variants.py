"""The option --int8 of several commands."""

from pathlib import Path
from typing import TYPE_CHECKING

from searcher.cli.output import announce

if TYPE_CHECKING:
    from searcher.library.core import Library


def write_int8_variant(library: "Library", path: Path, force: bool = False) -> None:
    """Write the int8 variant of a model file, calibrated on the library's pictures.

    A failure is printed only: the model itself is there.
    """
    from searcher.errors import ExportFailed
    from searcher.export.int8 import drawbacks, write_int8
    from searcher.export.quantize import CALIBRATION_PICTURES

    announce("calibrating int8")
    try:
        variant = write_int8(path, library.some_pictures(CALIBRATION_PICTURES), force)
    except ExportFailed as error:
        announce(f"No int8 variant: {error}")
        return
    for drawback in drawbacks(path, variant):
        announce(drawback)
    print(f"{variant.stem}: ready")
