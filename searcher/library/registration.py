"""Register pictures again from the data folder, where a store lost their records.

A sidecar gives the whole record; an upload gives size, digest and the name that was announced; a
thumbnail gives only the fingerprint.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from searcher.errors import BadImage
from searcher.files import picture_ids, write_whole
from searcher.images.pictures import identify, open_picture, thumbnail
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks
from searcher.indexing.prepare import Raw, describe
from searcher.library.core import Library
from searcher.library.coverage import original
from searcher.library.identity import FORMAT
from searcher.library.trash import changing
from searcher.library.uploads import LABEL, upload_path
from searcher.messages.message import Message, message
from searcher.stores.records import Record

PART = 100  # pictures that are registered under one lock


@dataclass
class Registration:
    """The number of pictures that got a record, and paths of files too damaged for one."""

    count: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def problem(self) -> Message | None:
        """The message about damaged files; None where there are none."""
        n = len(self.damaged)
        return message("work.damaged_files", n=n) if n else None


def unregistered(library: Library, registered: Iterable[int]) -> list[int]:
    """Return the ids of pictures that have files in the data folder and no record.

    Args:
        library: The library.
        registered: The ids of pictures with a record.
    """
    settings, sidecars = library.settings, library.sidecars
    # 8 bytes each: there may be millions.
    excluded = np.fromiter(registered, np.int64)
    folders = settings.uploads, settings.thumbnails
    files = (i for folder in folders for i in picture_ids(folder, ".jpg"))
    ids = np.setdiff1d(np.fromiter(files, np.int64), excluded)
    # Sidecars without a record in them announced an upload that was not written: no picture.
    others = np.setdiff1d(np.setdiff1d(np.fromiter(sidecars.ids(), np.int64), excluded), ids)
    described = (i for i in others.tolist() if sidecars.read(i) is not None)
    return sorted([*ids.tolist(), *described])


def register(library: Library, ids: Iterable[int]) -> Registration:
    """Write records of pictures, and missing thumbnails; after an interruption it can be run again.

    Args:
        library: The library.
        ids: The ids of pictures without a record.

    Raises:
        StoreUnavailable: Redis does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    result = Registration()
    for part in chunks(ids, PART):
        with changing(library):
            for picture_id in part:
                record = library.sidecars.read(picture_id) or _from_files(
                    library, picture_id, result
                )
                if record is not None:
                    _make_thumbnail(library, record)
                    result.count += library.records.add(record)
    return result


def upgrade(library: Library) -> None:
    """Upgrade a data folder of an earlier version: add sidecars, make paths relative to it.

    Returns at once where the folder is up to date. Where several machines share the stores, only
    records of pictures that have a file in this folder are upgraded.
    """
    if library.identity.format >= FORMAT:
        return
    for part in chunks(library.records.ids(), PART):
        with changing(library):
            records = [record for record in library.records.get(part) if record is not None]
            library.records.put(record for record in records if _has_files(library, record.id))
    library.identity.store_format()


def _has_files(library: Library, picture_id: int) -> bool:
    return library.thumbnail_path(picture_id).exists() or upload_path(library, picture_id).exists()


def _from_files(library: Library, picture_id: int, result: Registration) -> Record | None:
    """Return the record of an upload or a thumbnail without a sidecar; None without either."""
    paths = upload_path(library, picture_id), library.thumbnail_path(picture_id)
    for path in paths:
        try:
            data = path.read_bytes()
            return _describe(library, picture_id, path, data)
        except FileNotFoundError:
            pass
        except (OSError, BadImage):
            result.damaged.append(str(path.relative_to(library.settings.data)))
    return None


def _describe(library: Library, picture_id: int, path: Path, data: bytes) -> Record:
    values = library.sidecars.values(picture_id)
    picture = open_picture(data, path.name)
    name = str(values.get("name") or path.name)
    if path == library.thumbnail_path(picture_id):
        raw, data = Raw(Source("", title=name), picture_id, ""), b""
    else:
        label = str(values.get("label") or LABEL)
        raw = Raw(Source(str(path), title=name, folder=label), *identify(data))
        if raw.id != picture_id:
            raise BadImage("picture.wrong_name", name=path.name)
    added = values.get("added")
    time = added if isinstance(added, float) else path.stat().st_mtime
    return replace(describe(raw, data, picture), added=time)


def _make_thumbnail(library: Library, record: Record) -> None:
    path = library.thumbnail_path(record.id)
    if record.path and not path.exists():
        with contextlib.suppress(BadImage):  # the original is missing or damaged
            data = original(record).read()
            if identify(data)[0] == record.id:
                write_whole(path, thumbnail(open_picture(data, record.name)))
