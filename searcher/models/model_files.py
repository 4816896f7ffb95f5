"""The files of one model: NAME.onnx and, if it understands words, NAME.text.onnx."""

from pathlib import Path

from searcher.files import move
from searcher.models.text_format import text_file


def move_model(source: Path, target: Path) -> None:
    """Move a model's files, each atomically. A text file of a model that had the name is deleted.

    The image file goes first: a text file whose image file is another's is not used, so that an
    interruption leaves a model that is right for pictures.

    Args:
        source: Its image file.
        target: The new path of that.

    Raises:
        FileNotFoundError: There is no such file.
        DiskFull, CannotWrite: A file can't be moved.
    """
    move(source, target)
    text, new = (text_file(path.parent, path.stem) for path in (source, target))
    if text.exists():
        move(text, new)
    else:
        new.unlink(missing_ok=True)
