"""Open text files in the encoding that their byte order mark names, UTF-8 without one.

Spreadsheets and editors of Windows write such marks, and UTF-16 with them.
"""

import codecs
from pathlib import Path
from typing import TextIO

# UTF-32's mark begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(start: bytes) -> str:
    """Return the encoding of a text by its first four bytes; Python skips the mark in each."""
    marked = (name for mark, name in MARKS.items() if start.startswith(mark))
    if (name := next(marked, None)) is not None:
        return name
    # Without a mark: plain letters have zeros in their other bytes.
    if start[1::2].strip(b"\0") == b"" != start[::2].strip(b"\0") and len(start) > 1:
        return "utf-16-le"
    if start[::2].strip(b"\0") == b"" != start[1::2].strip(b"\0") and len(start) > 1:
        return "utf-16-be"
    return "utf-8-sig"


def open_text(path: Path, newline: str | None = None) -> TextIO:
    """Open a text file for reading.

    Args:
        path: The file.
        newline: As of `open`; csv needs "".

    Raises:
        OSError: It can't be read. Reading raises UnicodeDecodeError where it is no text.
    """
    with path.open("rb") as file:
        encoding = encoding_of(file.read(4))
    return path.open(encoding=encoding, newline=newline)


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        OSError: It can't be read.
        UnicodeDecodeError: It is no text.
    """
    data = path.read_bytes()
    return data.decode(encoding_of(data[:4])).removeprefix("\ufeff")
