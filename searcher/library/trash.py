"""The trash: what was taken out of the library rests there for a week and can be brought back.

A batch is a folder with the files of its pictures, and a manifest with their records. The name of
the manifest says how far it is, so that what a kill cut off is done to its end at the next start.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from searcher.errors import NotFound
from searcher.file_locks import acquire
from searcher.files import disk_errors, move, write_whole
from searcher.images.pictures import thumbnail_name
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.stores.paths import DataPaths
from searcher.stores.records import Record
from searcher.stores.sidecars import Sidecars

REMOVING, REMOVED, RESTORING = "removing.json", "manifest.json", "restoring.json"
KEPT_S = 7 * 24 * 3600
PART = 500  # pictures that are removed at once
BATCH = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")  # such as 20260131T235959.000000Z-0123abcd
STAMP = "%Y%m%dT%H%M%S.%fZ"
EXPIRED = ".expired-"


@dataclass(frozen=True)
class Removal:
    """How many pictures were removed, and the batch that brings them back.

    `batch` is empty where nothing was removed.
    """

    count: int
    batch: str


def remove(library: Library, ids: Iterable[int]) -> Removal:
    """Move pictures to the trash, by id; ids that are not in the library are passed over.

    The files that a picture was indexed from stay where they are. What is cut off is done to its
    end by `finish`. Raises StrangeStores, StoreUnavailable, DiskFull and CannotWrite.
    """
    library.identity.require()
    with changing(library):
        parts = chunks(sorted(set(ids)), PART)
        records = [record for part in parts for record in _known(library, part)]
        if not records:
            return Removal(0, "")
        folder = library.settings.trash / _new_name()
        kept = [{"id": record.id, **library.records.pack(record)} for record in records]
        write_whole(folder / REMOVING, json.dumps({"records": kept}).encode())
        with _finished_later(library):
            _take_out(library, records, folder, REMOVING)
    return Removal(len(records), folder.name)


def undo(library: Library, batch: str = "") -> int:
    """Bring a batch back, the latest by default; return how many pictures are back.

    Vectors are made again by whoever indexes next. Raises NotFound for a batch that is not there
    (any more), StrangeStores, StoreUnavailable, DiskFull and CannotWrite.
    """
    library.identity.require()
    with changing(library):
        # The name may come from a visitor: only one that is in the listing is ever made a path.
        names = [folder.name for folder in _batches(library, REMOVED)]
        batch = batch or max(names, default="")
        if batch not in names:
            raise NotFound("trash.nothing")
        folder = library.settings.trash / batch
        with disk_errors():
            os.replace(folder / REMOVED, folder / RESTORING)
        with _finished_later(library):
            return _bring_back(library, folder)


def finish(library: Library) -> None:
    """Do to the end what was cut off, and remove once more what came back without being added.

    A store that lost its last changes has records again that are in the trash.
    """
    with changing(library):
        for folder in _batches(library, REMOVING):
            records = [r for r in _records(library, folder, REMOVING) if _is_same(library, r)]
            _take_out(library, records, folder, REMOVING)
        for folder in _batches(library, RESTORING):
            _bring_back(library, folder)
        for folder in _batches(library, REMOVED):
            kept = _records(library, folder)
            now = library.records.get([record.id for record in kept])
            both = zip(now, kept, strict=True)
            back = [record for other, record in both if other and other.added == record.added]
            if back:
                _take_out(library, back, folder, REMOVED)


def expire(library: Library, kept_s: float = KEPT_S) -> int:
    """Delete the batches that have been there for a week; return how many."""
    trash = library.settings.trash
    expired = 0
    with changing(library), disk_errors():
        for folder in _batches(library, REMOVED):
            removed = datetime.strptime(folder.name.split("-")[0], STAMP).replace(tzinfo=UTC)
            if time.time() - removed.timestamp() > kept_s:
                os.replace(folder, trash / f"{EXPIRED}{folder.name}")
                expired += 1
        for folder in trash.glob(f"{EXPIRED}*"):  # also what was cut off before
            shutil.rmtree(folder)
    return expired


def count(library: Library) -> int:
    """How many pictures are in the trash."""
    return sum(len(_records(library, folder)) for folder in _batches(library, REMOVED))


@contextmanager
def changing(library: Library) -> Iterator[None]:
    """Be the only process and thread that moves this data folder's files to or from the trash.

    What is registered again meanwhile would be half in the library and half in the trash.
    """
    with disk_errors():
        library.settings.data.mkdir(parents=True, exist_ok=True)
        lock = acquire(library.settings.data / "trash.lock")
    with lock:
        yield


@contextmanager
def _finished_later(library: Library) -> Iterator[None]:
    """What fails half-way is to be finished as soon as that is possible."""
    try:
        yield
    except BaseException:
        library.has_leftovers = True
        raise


def _known(library: Library, ids: list[int]) -> list[Record]:
    """The records of some pictures; from the sidecar where Redis has none that is whole."""
    found = zip(ids, library.records.get(ids), strict=True)
    both = [record or library.sidecars.read(picture_id) for picture_id, record in found]
    return [record for record in both if record is not None]


def _is_same(library: Library, record: Record) -> bool:
    """Whether a picture was not added again since: then it would have another time."""
    return all(now.added == record.added for now in _known(library, [record.id]))


def _take_out(library: Library, records: list[Record], folder: Path, manifest: str) -> None:
    """Vectors, records, files: cut off anywhere, what is left can still be found by the next."""
    for part in chunks(records, PART):
        ids = [record.id for record in part]
        for model in library.registry.ready():
            library.vectors.delete(model.collection, ids)
        library.records.remove(ids)
        for picture_id in ids:
            for name in _files(picture_id):
                _move(library.settings.data / name, folder / name)
    with disk_errors():
        os.replace(folder / manifest, folder / REMOVED)


def _bring_back(library: Library, folder: Path) -> int:
    back = 0
    for record in _records(library, folder, RESTORING):
        for name in _files(record.id):
            if not (library.settings.data / name).exists():  # it was not added again meanwhile
                _move(folder / name, library.settings.data / name)
        back += library.records.add(record)
    with disk_errors():
        emptied = library.settings.trash / f"{EXPIRED}{folder.name}"
        os.replace(folder, emptied)
        shutil.rmtree(emptied)
    return back


def _move(source: Path, target: Path) -> None:
    try:
        move(source, target)
    except FileNotFoundError:
        pass  # there was none, or it was moved before the kill


def _files(picture_id: int) -> list[str]:
    """The files that a picture may have in the data folder, relative to it; the sidecar last."""
    name = thumbnail_name(picture_id)
    return [f"uploads/{name}", f"thumbs/{name}", f"records/{Path(name).with_suffix('.json')}"]


def _batches(library: Library, manifest: str) -> list[Path]:
    """The batches whose manifest has this name, the oldest first."""
    found = library.settings.trash.glob(f"*/{manifest}")
    return sorted(path.parent for path in found if BATCH.fullmatch(path.parent.name))


def _records(library: Library, folder: Path, manifest: str = REMOVED) -> list[Record]:
    """The records of a batch; of one whose manifest is damaged those whose sidecars it has."""
    try:
        kept = json.loads((folder / manifest).read_bytes())["records"]
        stored = [{name: str(value) for name, value in values.items()} for values in kept]
        records = [library.records.unpack(int(values["id"]), values) for values in stored]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sidecars = Sidecars(folder / "records", DataPaths(library.settings.data))
        records = [sidecars.read(picture_id) for picture_id in sidecars.ids()]
    return [record for record in records if record is not None]


def _new_name() -> str:
    return f"{datetime.now(UTC).strftime(STAMP)}-{secrets.token_hex(4)}"
