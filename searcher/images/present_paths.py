"""Paths as a person writes them, and as the disk has them."""

import os

from searcher.images.shown_names import composed


def present_path(path: str) -> str:
    """Return the path of an existing file that is equal but for the form of its accents.

    Terminals write them composed; disks may have what macOS has decomposed.

    Args:
        path: A path.

    Returns:
        The path as the disk has it; `path` itself where there is none.
    """
    if path.isascii() or os.path.lexists(path):
        return path
    parent, name = os.path.split(path)
    if not name:
        return path
    folder = present_path(parent) if parent else ""
    plain = os.path.join(folder, name)
    if os.path.lexists(plain):
        return plain
    try:
        same = [other for other in os.listdir(folder or ".") if composed(other) == composed(name)]
    except OSError:  # also the members of archives, which are composed
        return os.path.join(folder, composed(name))
    return os.path.join(folder, min(same)) if same else path
