"""What files call pictures: by id, by path, by the end of a path, or by name where it is unique."""

import posixpath
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

AMBIGUOUS = -1  # the row of a name that several pictures have
_ID, _PATH, _END, _STEM = range(4)  # the kinds of names, those that are surest first


class PictureNames(NamedTuple):
    """How a picture may be called: its id, and its paths, absolute or in part."""

    id: int
    paths: tuple[str, ...]


def normalised_path(path: str) -> str:
    """Return a path with slashes, without `./` and in the composed form of Unicode.

    macOS decomposes accents in names of files.
    """
    return unicodedata.normalize("NFC", posixpath.normpath(path.replace("\\", "/")))


def resolve(names: Collection[str], pictures: Iterable[PictureNames]) -> dict[str, int]:
    """Find the pictures that a file names.

    A name is an id (123 or id:123), a path, the end of a path (cats/1.jpg), or such an end without
    the suffix of a file (cats/1), in this order of precedence.

    Args:
        names: The names.
        pictures: The pictures.

    Returns:
        The number of the picture by name, from 0, or AMBIGUOUS; names of no picture are left out.
    """
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(normalised_path(name), []).append(name)
        if name.startswith("id:"):
            spellings.setdefault(name.removeprefix("id:"), []).append(name)
    found: dict[str, tuple[int, int]] = {}  # kind and row by spelling
    for row, picture in enumerate(pictures):
        for spelling, kind in _spellings(picture):
            if spelling in spellings:
                present = found.get(spelling, (kind, row))
                if kind == present[0] and row != present[1]:
                    found[spelling] = kind, AMBIGUOUS
                else:
                    found[spelling] = min(present, (kind, row), key=lambda entry: entry[0])
    return {name: row for spelling, (_, row) in found.items() for name in spellings[spelling]}


def _spellings(picture: PictureNames) -> Iterable[tuple[str, int]]:
    yield str(picture.id), _ID
    for path in picture.paths:
        whole = normalised_path(path)
        yield whole, _PATH
        parts = whole.split("/")
        for first in range(len(parts)):
            end = "/".join(parts[first:])
            yield end, _END
            yield posixpath.splitext(end)[0], _STEM
