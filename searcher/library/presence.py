"""Whether a file that isn't found was deleted, or lies on a disk that is merely not mounted."""

import os
import stat
from pathlib import Path

from searcher.errors import BadSource
from searcher.images.sources import find_sources


def has_pictures(root: Path) -> bool:
    """Whether a file or folder is there, can be read, and has something to index."""
    try:
        return any(not source.refusal for source in find_sources([root])) and os.path.exists(root)
    except (BadSource, OSError):
        return False


def obstacle(path: str, root: Path) -> Path | None:
    """What keeps a file below `root` that isn't found from counting as deleted; None if nothing.

    That is the nearest place above it if it is empty (so is the place of a disk that isn't
    mounted), can't be read, or is a link that leads nowhere.
    """
    is_closed = False
    for place in (Path(path), *Path(path).parents):
        try:
            is_link = stat.S_ISLNK(os.lstat(place).st_mode)
            is_bare = os.path.isdir(place) and not os.listdir(place)
            is_dangling = is_link and not os.path.exists(place)
            return place if is_closed or is_bare or is_dangling else None
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:  # no permission, or the disk does not answer
            is_closed = True
        if place == root:
            break
    return root
