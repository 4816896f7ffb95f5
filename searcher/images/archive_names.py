"""Names of files in archives, of whatever program made them, as paths below the archive."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from searcher.images.encoding_detection import detect_encoding
from searcher.images.shown_names import composed

DRIVE = re.compile(r"[A-Za-z]:/")


@dataclass(frozen=True)
class MemberName:
    """The name of a file in an archive.

    Attributes:
        path: With slashes, composed, and unique in its archive: of several files with one name the
            last keeps it, as it does when they are unpacked, and the earlier ones are numbered.
        leads_out: Whether the name, absolute or with `..`, leads out of the archive; then `path`
            is the file's name only.
    """

    path: str
    leads_out: bool = False


def member_names(names: Sequence[str | bytes]) -> list[MemberName]:
    """Return the names of an archive's files.

    Args:
        names: The names in the archive's order, as bytes where the encoding is not known.
    """
    unknown = [name for name in names if isinstance(name, bytes)]
    encoding = detect_encoding(unknown) if unknown else "utf-8"
    cleaned = [_clean(name if isinstance(name, str) else _decode(name, encoding)) for name in names]
    return list(_unique(cleaned))


def _decode(name: bytes, encoding: str) -> str:
    try:
        return name.decode("utf-8" if name.isascii() else encoding)
    except UnicodeDecodeError:  # one of other origin than the rest
        return name.decode("cp437")


def _clean(name: str) -> MemberName:
    path = composed(name).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or DRIVE.match(path) or ".." in parts or "\0" in path:
        return MemberName(parts[-1].replace("\0", "") if parts else "", leads_out=True)
    return MemberName("/".join(parts))


def _unique(names: Sequence[MemberName]) -> Iterator[MemberName]:
    remaining = Counter(name.path for name in names if not name.leads_out)
    taken = set(remaining)
    numbers = dict.fromkeys(remaining, 2)
    for name in names:
        if not name.leads_out:
            remaining[name.path] -= 1
        if name.leads_out or not remaining[name.path]:
            yield name
            continue
        stem, ending = os.path.splitext(name.path)
        while (path := f"{stem} ({numbers[name.path]}){ending}") in taken:
            numbers[name.path] += 1
        taken.add(path)
        yield MemberName(path)
