"""Uploaded pictures: re-encoded and stored under names derived from their content."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from searcher.datasets.label_table import Labelling, is_label_file, read_table
from searcher.errors import BadImage, BadSource
from searcher.files import write_whole
from searcher.images.archive_listing import is_in_excluded_folder
from searcher.images.archives import is_archive
from searcher.images.left_out import LeftOut
from searcher.images.pictures import identify, thumbnail_name
from searcher.images.sources import Source, find_sources, printable
from searcher.images.stored_form import stored_form
from searcher.indexing.report import Progress, Report, Stop
from searcher.library.core import Library

LABEL = "uploads"  # of pictures without a folder


@dataclass(frozen=True)
class Upload:
    """A file that a visitor sent.

    Attributes:
        path: Its path on the server.
        name: Its name on the visitor's machine.
        folder: The path there of its folder, as far as it was sent; "" for a single file.
    """

    path: Path
    name: str
    folder: str = ""


def add_uploads(
    library: Library,
    uploads: Iterable[Upload],
    label: str,
    progress: Progress = lambda count: None,
    stop: Stop = lambda: False,
) -> Report:
    """Store and index pictures and archives of pictures.

    Files of labels among the uploads (COCO's .json, .csv) give the pictures their labels, by the
    name of a picture or its path in an archive.

    Args:
        library: The library.
        uploads: The files.
        label: The label of pictures without a folder; LABEL if empty.
        progress: Called with the number of pictures processed so far.
        stop: Asked after each chunk of pictures whether to end early.

    Raises:
        BadLabels: A file of labels is malformed, or names none of the pictures.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    uploads = list(uploads)
    tables = [read_table(u.path, name=u.name) for u in uploads if is_label_file(u.name)]
    pictures = [upload for upload in uploads if not is_label_file(upload.name)]
    if tables:
        labelling = Labelling(tables)
        for _ in _sources(pictures, "", labelling):
            pass
        labelling.require_matches()
    library.identity.require()  # before the first file is stored
    omitted = LeftOut()
    sources = _sources(pictures, label or LABEL, Labelling(tables), omitted)
    report = library.index((store_picture(library, s) for s in sources), progress, stop)
    report.left_out = omitted
    return report


def count(uploads: Iterable[Upload]) -> int:
    """Return the number of files that may be pictures, those in archives included."""
    pictures = [upload for upload in uploads if not is_label_file(upload.name)]
    return sum(1 for _ in _sources(pictures, "", Labelling([])))


def upload_path(library: Library, picture_id: int) -> Path:
    """Return the absolute path of an uploaded picture, which may be missing."""
    return library.settings.uploads / thumbnail_name(picture_id)


def store_picture(library: Library, source: Source) -> Source:
    """Write a picture, upright and without metadata, under the hash of the written bytes.

    Args:
        library: The library.
        source: The picture, in memory or in a file.

    Returns:
        The source of the written file, or the reason why there is none.

    Raises:
        DiskFull, CannotWrite: The file can't be written.
    """
    try:
        data = stored_form(source.read(), source.name)
    except BadImage as error:
        return Source(source.name, error.message)
    picture_id, _ = identify(data)
    path = upload_path(library, picture_id)
    is_whole = path.exists() and path.stat().st_size == len(data)  # a crash can truncate it
    if not is_whole:
        library.sidecars.announce(picture_id, source.name, source.label, time.time())
        write_whole(path, data)
    stored = Source(str(path), title=source.name, folder=source.label, content=data)
    return replace(stored, is_labelled=source.is_labelled)


def _sources(
    uploads: Sequence[Upload], label: str, labelling: Labelling, omitted: LeftOut | None = None
) -> Iterator[Source]:
    """Yield the pictures, with their labels; an archive that does not open with the reason."""
    omitted = LeftOut() if omitted is None else omitted
    excluded: set[str] = set()
    for upload in uploads:
        path = str(PurePosixPath(upload.folder) / upload.name)
        if upload.folder and is_in_excluded_folder(path, excluded, omitted):
            continue
        try:
            for source, path in _members(upload, label, omitted):
                yield labelling.label(source, _spellings(path))
        except BadSource as error:
            yield Source(upload.name, error.message.with_params(name=printable(upload.name)))


def _members(upload: Upload, label: str, omitted: LeftOut | None) -> Iterator[tuple[Source, str]]:
    """Yield each picture with its path in its archive, or the upload's name."""
    if not is_archive(upload.path):
        parent = PurePosixPath(upload.folder)
        source = Source(str(upload.path), title=upload.name, folder=parent.name or label)
        yield source, str(parent / upload.name)
        return
    archive = upload.path.absolute()  # as are the paths of its members
    for source in find_sources([archive], omitted):
        path = Path(source.path)
        if path == archive and source.refusal:  # its end is missing
            refusal = source.refusal.with_params(name=printable(upload.name))
            yield Source(str(path), refusal, upload.name), upload.name
            continue
        folder = label if path.parent == archive else source.label
        member = path.relative_to(archive).as_posix()
        yield Source(source.path, source.refusal, source.name, folder), member


def _spellings(path: str) -> Iterator[str]:
    """Yield how a table may spell a path: as it is, or without an archive's outer folder."""
    yield path
    parts = PurePosixPath(path).parts
    if len(parts) > 1:
        yield "/".join(parts[1:])
