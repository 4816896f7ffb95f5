"""Pictures that come through the page: kept re-encoded, under names that we choose ourselves."""

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

SIDE = 2048  # pixels on the long side of what is kept
QUALITY = 92
LABEL = "uploads"  # of pictures that come without a folder


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

    `label` is for pictures that come without a folder. Raises StrangeStores, StoreUnavailable,
    DiskFull and CannotWrite.
    """
    library.identity.require()  # before the first file is kept
    return library.index(_kept(library, uploads, label), progress, stop)


def count(uploads: Iterable[Upload]) -> int:
    """How many pictures that may be, those in archives included."""
    total = 0
    for upload in uploads:
        try:
            total += sum(1 for _ in _members(upload, ""))
        except BadSource:
            total += 1
    return total


def upload_path(library: Library, picture_id: int) -> Path:
    """Where a picture is kept that came through the page."""
    return library.settings.uploads / thumbnail_name(picture_id)


def _kept(library: Library, uploads: Iterable[Upload], label: str) -> Iterator[Source]:
    for upload in uploads:
        try:
            for source in _members(upload, label or LABEL):
                yield _keep(library, source)
        except BadSource as error:
            yield Source(upload.name, error.message.with_params(name=printable(upload.name)))


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
        return Source(source.name, error.message)
    picture_id, _ = identify(data)
    path = upload_path(library, picture_id)
    if not path.exists() or path.stat().st_size != len(data):  # a crash of the machine can cut it
        library.sidecars.announce(picture_id, source.name, source.label, time.time())
        write_whole(path, data)
    return Source(str(path), title=source.name, folder=source.label, content=data)
