"""Folders of labelled pictures, one folder a kind."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from searcher.errors import BadImage
from searcher.images.pictures import Picture, UInt8Array, model_input, open_picture
from searcher.images.sources import Source, find_sources, printable
from tools.command import ToolError


def labelled_sources(folder: Path) -> list[tuple[Source, str]]:
    """The picture files in each folder of `folder`, at any depth, with that folder's name.

    Raises ToolError where there are none.
    """
    if not folder.is_dir():
        raise ToolError(f"There is no folder {printable(str(folder))}.")
    kinds = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    found = [(source, printable(kind.name)) for kind in kinds for source in find_sources([kind])]
    if not found:
        raise ToolError(f"No folder in {printable(str(folder))} holds a picture.")
    return found


def read(source: Source) -> Picture:
    """Decode one file. Raises BadImage with the reason."""
    return open_picture(source.read(), source.name)


def readable(labelled: Iterable[tuple[Source, str]]) -> Iterator[tuple[Picture, str]]:
    """Decode one after the other; what can't be read is passed over, with its reason on stderr."""
    for source, label in labelled:
        try:
            yield read(source), label
        except BadImage as error:
            print(f"skipped: {error}", file=sys.stderr)


def spread(folder: Path, height: int, width: int, count: int) -> UInt8Array:
    """Return `count` pictures from all over the folder as uint8 [N, height, width, 3].

    Fewer where there are fewer. Raises ToolError where none can be read.
    """
    sources = labelled_sources(folder)
    chosen = np.linspace(0, len(sources) - 1, min(count, len(sources))).round().astype(int)
    inputs = [model_input(p, height, width) for p, _ in readable(sources[i] for i in chosen)]
    if not inputs:
        raise ToolError(f"None of the pictures in {printable(str(folder))} can be read.")
    return np.stack(inputs)
