"""Names of new models."""

import re
from pathlib import Path

from searcher.errors import CannotAdopt
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.text_format import TEXT

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)


def check_name(name: str, folder: Path, force: bool) -> None:
    """Check the name of a new model.

    Args:
        name: The name, without .onnx.
        folder: The models folder.
        force: Whether it may replace another model.

    Raises:
        CannotAdopt: It is not valid, or, without `force`, that of another model.
    """
    if not NAME.fullmatch(name):
        raise CannotAdopt("adopt.name", name=name)
    if name.endswith(TEXT):
        raise CannotAdopt("adopt.name_text", name=name)
    if force:
        return
    if (folder / f"{name}.onnx").exists():
        raise CannotAdopt("adopt.name_exists", name=name)
    if name in CATALOGUE or name in BASELINES:
        raise CannotAdopt("adopt.name_reserved", name=name)
