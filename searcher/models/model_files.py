"""The files of one model.

NAME.onnx and, if it understands words, NAME.text.onnx; or, of vectors from elsewhere,
NAME.vectors.parquet alone.
"""

from pathlib import Path

from searcher.files import move
from searcher.models.text_format import TEXT, is_text_file, text_file

VECTORS = ".vectors.parquet"  # after a model's name


def vectors_path(folder: Path, name: str) -> Path:
    """Return the path of a model's file of vectors."""
    return folder / f"{name}{VECTORS}"


def is_vector_file(path: Path) -> bool:
    """Whether a path is that of a model without a network."""
    return path.name.endswith(VECTORS)


def main_file(path: Path) -> Path:
    """Return the main file of the model that a file belongs to: not its text file."""
    return path.with_name(f"{path.stem.removesuffix(TEXT)}.onnx") if is_text_file(path) else path


def name_of(path: Path) -> str:
    """Return the name of the model that a file belongs to."""
    path = main_file(path)
    return path.name.removesuffix(VECTORS if is_vector_file(path) else path.suffix)


def find_model(folder: Path, name: str) -> Path | None:
    """Return the main file of a model; None where there is none of that name."""
    paths = folder / f"{name}.onnx", vectors_path(folder, name)
    return next((path for path in paths if path.exists()), None)


def move_model(source: Path, target: Path) -> None:
    """Move a model's files, each atomically. A text file of a model that had the name is deleted.

    The image file goes first: a text file whose image file is another's is not used, so that an
    interruption leaves a model that is right for pictures.

    Args:
        source: Its main file.
        target: The new path of that.

    Raises:
        FileNotFoundError: There is no such file.
        DiskFull, CannotWrite: A file can't be moved.
    """
    move(source, target)
    if is_vector_file(source):
        return
    text, new = (text_file(path.parent, path.stem) for path in (source, target))
    if text.exists():
        move(text, new)
    else:
        new.unlink(missing_ok=True)
