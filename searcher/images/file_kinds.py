"""Which files are pictures: by their content, where the ending does not tell."""

import os
import stat
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from searcher.images.excluded_names import UNFINISHED, is_hidden
from searcher.images.file_formats import format_of, unread_format
from searcher.images.left_out import ARCHIVE, HIDDEN, NO_PICTURE, UNFINISHED_FILE, UNREAD_FORMAT
from searcher.images.pictures import SUFFIXES
from searcher.images.signatures import ARCHIVE_ENDING
from searcher.images.stamps import Stamp

BEGINNING = 4096  # bytes that tell what a file is
KNOWN_FILES = 2**16  # that are remembered while folders are watched
# What is of a known format, but no picture.
OTHERS = frozenset("PDF PostScript Matroska QuickTime MP4 AVI".split())

Kind = Literal["picture", "unread", "other"]  # unread: a picture of a format that is not read


def kind_of(beginning: bytes) -> Kind:
    """Return what a file is by its first bytes, BEGINNING of them where it has so many."""
    if format_of(beginning):
        return "picture"
    unread = unread_format(beginning)
    return "unread" if unread and unread not in OTHERS else "other"


def reason_to_leave_out(name: str, read_kind: Callable[[], Kind]) -> str:
    """Return why a file is left out, one of the reasons of `left_out`; "" for a picture.

    Args:
        name: The file's name.
        read_kind: Returns what the file is by its content. Called only where the ending is not a
            picture's, so that pictures are opened once.
    """
    ending = os.path.splitext(name)[1].lower()
    if is_hidden(name):
        return HIDDEN
    if ending in UNFINISHED:
        return UNFINISHED_FILE
    if ending in SUFFIXES:
        return ""
    kind = read_kind()
    if kind == "picture":
        return ""
    if kind == "unread":
        return UNREAD_FORMAT
    return ARCHIVE if ARCHIVE_ENDING.search(name) else NO_PICTURE


def may_be_picture(path: str) -> bool:
    """Whether a file on the disk is not left out; its folders are not examined."""
    return not reason_to_leave_out(os.path.basename(path), lambda: file_kind(path))


def file_kind(path: str) -> Kind:
    """Return what a file on the disk is by its content; "other" for one that can't be read."""
    try:
        status = os.stat(path)
        # A FIFO would block for ever.
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return "other"
        return _read_kind(path, Stamp.of(status))
    except OSError:
        return "other"


@lru_cache(maxsize=KNOWN_FILES)
def _read_kind(path: str, stamp: Stamp) -> Kind:
    with open(path, "rb") as file:
        return kind_of(file.read(BEGINNING))
