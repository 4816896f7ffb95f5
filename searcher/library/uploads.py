"""Uploaded pictures: re-encoded and stored under names derived from their content."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from searcher.errors import BadImage, BadSource
from searcher.files import write_whole
from searcher.images.pictures import identify, open_picture, reencode, thumbnail_name
from searcher.images.sources import Source, find_sources, printable
from searcher.indexing.report import Progress, Report, Stop
from searcher.library.core import Library

SIDE = 2048  # pixels on the long side of a stored picture, at most
QUALITY = 92
LABEL = "uploads"  # of pictures without a folder


@dataclass(frozen=True)
class Upload:
    """A file that a visitor sent: its path on the server, and its name on the visitor's machine."""

    path: Path
    name: str


def add_uploads(
    library: Library,
    uploads: Iterable[Upload],
    label: str,
    progress: Progress = lambda count: None,
    stop: Stop = lambda: False,
) -> Report:
    """Store and index pictures and .zip archives of pictures.

    Args:
        library: The library.
        uploads: The files.
        label: The label of pictures without a folder; LABEL if empty.
        progress: Called with the number of pictures processed so far.
        stop: Asked after each chunk of pictures whether to end early.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    library.identity.require()  # before the first file is stored
    return library.index(_stored(library, uploads, label), progress, stop)


def count(uploads: Iterable[Upload]) -> int:
    """Return the number of files that may be pictures, those in archives included."""
    total = 0
    for upload in uploads:
        try:
            total += sum(1 for _ in _members(upload, ""))
        except BadSource:
            total += 1
    return total


def upload_path(library: Library, picture_id: int) -> Path:
    """Return the absolute path of an uploaded picture, which may be missing."""
    return library.settings.uploads / thumbnail_name(picture_id)


def _stored(library: Library, uploads: Iterable[Upload], label: str) -> Iterator[Source]:
    for upload in uploads:
        try:
            for source in _members(upload, label or LABEL):
                yield _store(library, source)
        except BadSource as error:
            yield Source(upload.name, error.message.with_params(name=printable(upload.name)))


def _members(upload: Upload, label: str) -> Iterator[Source]:
    if upload.path.suffix.lower() != ".zip":
        yield Source(str(upload.path), title=upload.name, folder=label)
        return
    for source in find_sources([upload.path]):
        is_top_level = Path(source.path).parent == upload.path
        folder = label if is_top_level else source.label
        yield Source(source.path, source.refusal, source.name, folder)


def _store(library: Library, source: Source) -> Source:
    """Write a picture, upright and without metadata, under the hash of the written bytes."""
    try:
        data = reencode(open_picture(source.read(), source.name, SIDE), SIDE, QUALITY)
    except BadImage as error:
        return Source(source.name, error.message)
    picture_id, _ = identify(data)
    path = upload_path(library, picture_id)
    if not path.exists() or path.stat().st_size != len(
        data
    ):  # a crash of the machine can truncate it
        library.sidecars.announce(picture_id, source.name, source.label, time.time())
        write_whole(path, data)
    return Source(str(path), title=source.name, folder=source.label, content=data)
