"""Whether a missing file was deleted, or is on a disk that is not mounted."""

import os
import stat
from pathlib import Path

from searcher.errors import BadSource
from searcher.images.sources import find_sources


def has_pictures(root: Path) -> bool:
    """Whether a file or folder exists, can be read, and has pictures to index."""
    try:
        return any(not source.refusal for source in find_sources([root])) and os.path.exists(root)
    except (BadSource, OSError):
        return False


def obstacle(path: str, root: Path) -> Path | None:
    """Return the folder because of which a missing file can't be taken for deleted.

    That is the nearest existing folder above the file if it is empty (as is the mount point of a
    disk that is not mounted), can't be read, or is a dangling link.

    Args:
        path: The absolute path of the missing file.
        root: A folder above it; folders above `root` are not examined.

    Returns:
        The folder; None where the file was deleted.
    """
    is_unreadable = False
    for folder in (Path(path), *Path(path).parents):
        try:
            is_link = stat.S_ISLNK(os.lstat(folder).st_mode)
            is_empty = os.path.isdir(folder) and not os.listdir(folder)
            is_dangling = is_link and not os.path.exists(folder)
            return folder if is_unreadable or is_empty or is_dangling else None
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:  # no permission, or the disk does not answer
            is_unreadable = True
        if folder == root:
            break
    return root
