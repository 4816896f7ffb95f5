"""Records again from the data folder: no picture is forgotten because a store lost its record.

What there is of a picture decides what its record says: all of it from its sidecar; from an upload
size, digest and the name that was announced; from a thumbnail only what the picture looks like.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from searcher.errors import BadImage
from searcher.files import picture_ids, write_whole
from searcher.images.pictures import identify, open_picture, thumbnail
from searcher.images.sources import Source
from searcher.indexing.prefetch import chunks
from searcher.indexing.prepare import Raw, describe
from searcher.library.core import Library
from searcher.library.identity import FORMAT
from searcher.library.trash import changing
from searcher.library.uploads import LABEL, upload_path
from searcher.messages.message import Message, message
from searcher.stores.records import Record

PART = 100  # pictures that are registered at a time; meanwhile none can be removed


@dataclass
class Registration:
    """How many pictures have a record again, and the files that are too damaged for one."""

    count: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def problem(self) -> Message | None:
        """The problem of the damaged files; None where there are none."""
        n = len(self.damaged)
        return message("work.damaged_files", n=n) if n else None


def unregistered(library: Library, known: Iterable[int]) -> list[int]:
    """The ids of pictures with files in the data folder that are not among the `known`."""
    settings, sidecars = library.settings, library.sidecars
    known = set(known)
    found = {i for f in (settings.uploads, settings.thumbnails) for i in picture_ids(f, ".jpg")}
    # One that only announces an upload which never came belongs to no picture.
    kept = {i for i in set(sidecars.ids()) - known - found if sidecars.read(i) is not None}
    return sorted((found - known) | kept)


def register(library: Library, ids: Iterable[int]) -> Registration:
    """Write the records of pictures that have none, and make their thumbnails where they lack.

    Raises StoreUnavailable, DiskFull and CannotWrite; what was cut off can be done again.
    """
    done = Registration()
    for part in chunks(ids, PART):
        with changing(library):
            for picture_id in part:
                record = library.sidecars.read(picture_id) or _from_files(library, picture_id, done)
                if record is not None:
                    _make_thumbnail(library, record)
                    done.count += library.records.add(record)
    return done


def upgrade(library: Library) -> None:
    """Bring a data folder of an earlier version up to date: sidecars, and paths relative to it.

    Costs nothing when it has been done. Records of pictures that have no file here, as they are
    where several machines share the stores, are left to others.
    """
    if library.identity.format >= FORMAT:
        return
    for part in chunks(library.records.ids(), PART):
        with changing(library):
            records = [record for record in library.records.get(part) if record is not None]
            library.records.put(record for record in records if _has_files(library, record.id))
    library.identity.upgraded()


def _has_files(library: Library, picture_id: int) -> bool:
    return library.thumbnail_path(picture_id).exists() or upload_path(library, picture_id).exists()


def _from_files(library: Library, picture_id: int, done: Registration) -> Record | None:
    """The record of an upload or a thumbnail without a sidecar."""
    paths = upload_path(library, picture_id), library.thumbnail_path(picture_id)
    for path in paths:
        try:
            data = path.read_bytes()
            return _describe(library, picture_id, path, data)
        except FileNotFoundError:
            pass
        except (OSError, BadImage):
            done.damaged.append(str(path.relative_to(library.settings.data)))
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
    when = added if isinstance(added, float) else path.stat().st_mtime
    return replace(describe(raw, data, picture), added=when)


def _make_thumbnail(library: Library, record: Record) -> None:
    path = library.thumbnail_path(record.id)
    if record.path and not path.exists():
        with contextlib.suppress(BadImage):  # it is gone, or was replaced by another
            data = Source(record.path).read()
            if identify(data)[0] == record.id:
                write_whole(path, thumbnail(open_picture(data, record.name)))
