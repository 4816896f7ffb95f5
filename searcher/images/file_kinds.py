"""Which files are pictures: by their content, where the ending does not tell."""

import os
import stat
from collections.abc import Callable
from functools import lru_cache

from searcher.images.excluded_names import UNFINISHED, is_hidden
from searcher.images.left_out import ARCHIVE, HIDDEN, NO_PICTURE, UNFINISHED_FILE, UNREAD_FORMAT
from searcher.images.pictures import FORMATS, SUFFIXES
from searcher.images.signatures import ARCHIVE_ENDING, BEGINNING, picture_format

KNOWN_FILES = 2**16  # whose formats are remembered while folders are watched


def reason_to_leave_out(name: str, read_format: Callable[[], str]) -> str:
    """Return why a file is left out, one of the reasons of `left_out`; "" for a picture.

    Args:
        name: The file's name.
        read_format: Returns the format of the file's content, "" for what is no picture. Called
            only where the ending is not a picture's, so that pictures are opened once.
    """
    ending = os.path.splitext(name)[1].lower()
    if is_hidden(name):
        return HIDDEN
    if ending in UNFINISHED:
        return UNFINISHED_FILE
    if ending in SUFFIXES:
        return ""
    kind = read_format()
    if kind:
        return "" if kind in FORMATS else UNREAD_FORMAT
    return ARCHIVE if ARCHIVE_ENDING.search(name) else NO_PICTURE


def may_be_picture(path: str) -> bool:
    """Whether a file on the disk is not left out; its folders are not examined."""
    name = os.path.basename(path)
    return not reason_to_leave_out(name, lambda: file_format(path))


def file_format(path: str) -> str:
    """Return the format of a file on the disk; "" for what is no picture, or can't be read."""
    try:
        status = os.stat(path)
        # A FIFO would block for ever.
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return ""
        return _read_format(path, status.st_ino, status.st_mtime_ns, status.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=KNOWN_FILES)
def _read_format(path: str, inode: int, modified_ns: int, size: int) -> str:
    with open(path, "rb") as file:
        return picture_format(file.read(BEGINNING), os.path.basename(path))
