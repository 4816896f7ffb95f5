"""Pictures that come through the page: kept re-encoded, under names that we choose ourselves."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from searcher.errors import BadImage, BadSource
from searcher.images import identify, open_picture, reencode
from searcher.ingest import Progress, Report, Stop
from searcher.library import Library
from searcher.prepare import renew, write_whole
from searcher.sources import Source, find_sources

SIDE = 2048  # pixels on the long side of what is kept
QUALITY = 92
LABEL = "uploads"  # of pictures that come without a folder
REST_S = 60  # a file that is younger may belong to an upload that is under way


@dataclass(frozen=True)
class Upload:
    """A file that a visitor sent: where it lies, and what the visitor called it."""

    path: Path
    name: str


def add_uploads(
    library: Library,
    uploads: Iterable[Upload],
    label: str,
    progress: Progress = lambda done: None,
    stop: Stop = lambda: False,
) -> Report:
    """Keep and index pictures and .zip archives of pictures.

    `label` is for pictures that come without a folder. Raises StoreUnavailable.
    """
    return library.ingest(_kept(library, uploads, label), progress, stop)


def count(uploads: Iterable[Upload]) -> int:
    """How many pictures that may be, those in archives included."""
    total = 0
    for upload in uploads:
        try:
            total += sum(1 for _ in _members(upload, ""))
        except BadSource:
            total += 1
    return total


def _kept(library: Library, uploads: Iterable[Upload], label: str) -> Iterator[Source]:
    for upload in uploads:
        try:
            for source in _members(upload, label or LABEL):
                yield _keep(library, source)
        except BadSource as error:
            yield Source(upload.name, str(error).removeprefix(f"{upload.path.name} ").rstrip("."))


def _members(upload: Upload, label: str) -> Iterator[Source]:
    if upload.path.suffix.lower() != ".zip":
        yield Source(str(upload.path), title=upload.name, folder=label)
        return
    for source in find_sources([upload.path]):
        direct = Path(source.path).parent == upload.path
        folder = label if direct else source.label
        yield Source(source.path, source.refusal, source.name, folder)


def _keep(library: Library, source: Source) -> Source:
    """Write the picture, upright and without metadata, under the hash of what is written."""
    try:
        data = reencode(open_picture(source.read(), source.name, SIDE), SIDE, QUALITY)
    except BadImage as error:
        reason = str(error).removeprefix(f"{source.name} ").rstrip(".")
        return Source(source.name, reason)
    picture_id, _ = identify(data)
    path = library.settings.uploads / f"{picture_id % 256:02x}" / f"{picture_id}.jpg"
    if not renew(path):
        write_whole(path, data)
    return Source(str(path), title=source.name, folder=source.label)


def sweep(library: Library) -> int:
    """Delete what uploads left that were cut off; return how many files."""
    deleted = 0
    for path in orphans(library):
        if _rests(path):  # still: the same picture may have come again by now
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def orphans(library: Library) -> list[Path]:
    """Thumbnails and kept uploads without a record: what an upload that was cut off left."""
    found: dict[int, list[Path]] = {}
    for folder in (library.settings.thumbnails, library.settings.uploads):
        for path in folder.glob("*/*"):
            number = path.name.split(".")[0]
            if number.isdecimal() and _rests(path):
                found.setdefault(int(number), []).append(path)
    ids = list(found)
    records = library.records.get(ids)
    return [p for i, record in zip(ids, records, strict=True) if record is None for p in found[i]]


def _rests(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > REST_S
    except FileNotFoundError:
        return False  # another process has deleted it since it was listed
