"""Some pictures of a folder, to verify or calibrate networks on."""

import contextlib
import random
from collections.abc import Iterable
from pathlib import Path

from searcher.errors import BadImage
from searcher.images.pictures import Picture, open_picture
from searcher.images.sources import Source, find_sources


def draw_pictures(folder: Path, count: int) -> list[Picture]:
    """Return up to `count` pictures of a folder, the same each time; none if it is missing."""
    sources = list(find_sources([folder])) if folder.is_dir() else []
    return decode_all(random.Random(0).sample(sources, min(count, len(sources))))


def decode_all(sources: Iterable[Source]) -> list[Picture]:
    """Return the pictures of files; those that can't be decoded are left out."""
    pictures = []
    for source in sources:
        with contextlib.suppress(BadImage):
            pictures.append(open_picture(source.read(), source.name))
    return pictures
