"""Labelled pictures, in one folder per label."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from searcher.errors import BadImage
from searcher.images.pictures import Picture, UInt8Array, model_input, open_picture
from searcher.images.sources import Source, find_sources, printable
from tools.command import ToolError


def labelled_sources(folder: Path) -> list[tuple[Source, str]]:
    """Return the picture files in each subfolder, at any depth, with the subfolder's name.

    Args:
        folder: The folder of the labelled subfolders.

    Returns:
        Pairs of file and label.

    Raises:
        ToolError: There are no pictures.
    """
    if not folder.is_dir():
        raise ToolError(f"There is no folder {printable(str(folder))}.")
    kinds = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    labelled = [(source, printable(kind.name)) for kind in kinds for source in find_sources([kind])]
    if not labelled:
        raise ToolError(f"No folder in {printable(str(folder))} holds a picture.")
    return labelled


def read(source: Source) -> Picture:
    """Decode one file. Raises BadImage."""
    return open_picture(source.read(), source.name)


def readable(labelled: Iterable[tuple[Source, str]]) -> Iterator[tuple[Picture, str]]:
    """Yield decoded pictures and labels; skip unreadable files, printing the reason to stderr."""
    for source, label in labelled:
        try:
            yield read(source), label
        except BadImage as error:
            print(f"skipped: {error}", file=sys.stderr)


def spread(folder: Path, height: int, width: int, count: int) -> UInt8Array:
    """Return pictures spread evenly over the subfolders.

    Args:
        folder: The folder of the labelled subfolders.
        height: Pixels.
        width: Pixels.
        count: The maximal number of pictures.

    Returns:
        uint8 [N, height, width, 3].

    Raises:
        ToolError: No picture can be read.
    """
    sources = labelled_sources(folder)
    indices = np.linspace(0, len(sources) - 1, min(count, len(sources))).round().astype(int)
    inputs = [model_input(p, height, width) for p, _ in readable(sources[i] for i in indices)]
    if not inputs:
        raise ToolError(f"None of the pictures in {printable(str(folder))} can be read.")
    return np.stack(inputs)
