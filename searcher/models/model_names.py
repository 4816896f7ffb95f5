"""Names of new models."""

import re
from pathlib import Path

from searcher.errors import CannotAdopt
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.model_files import VECTORS, find_model, is_vector_file
from searcher.models.text_format import TEXT

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)


def check_name(name: str, folder: Path, force: bool, of_vectors: bool = False) -> None:
    """Check the name of a new model.

    Args:
        name: The name, without .onnx.
        folder: The models folder.
        force: Whether it may replace another model of its kind.
        of_vectors: Whether the new model has vectors from elsewhere, and no network.

    Raises:
        CannotAdopt: It is not valid, or that of another model that it must not replace.
    """
    if not NAME.fullmatch(name):
        raise CannotAdopt("adopt.name", name=name)
    if name.endswith(TEXT):
        raise CannotAdopt("adopt.name_text", name=name)
    if name.endswith(VECTORS.removesuffix(".parquet")):
        raise CannotAdopt("adopt.name_vectors", name=name)
    present = find_model(folder, name)
    if present and is_vector_file(present) != of_vectors:
        raise CannotAdopt("adopt.name_other_kind", name=name)
    if force and not of_vectors:
        return
    if present and not force:
        raise CannotAdopt("adopt.name_exists", name=name)
    if of_vectors and (name in CATALOGUE or name in BASELINES):
        raise CannotAdopt("vectors.name_reserved", name=name)
    if name in CATALOGUE or name in BASELINES:
        raise CannotAdopt("adopt.name_reserved", name=name)
