"""The trash: removed pictures stay there for a week and can be restored.

A batch is a folder with the files of its pictures, and a manifest with their records. The name of
the manifest tells the stage of the removal, so that an interrupted one is finished at the next
start.
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
from typing import TYPE_CHECKING

from searcher.errors import NotFound
from searcher.file_locks import acquire
from searcher.files import disk_errors, move, write_whole
from searcher.images.pictures import thumbnail_name
from searcher.indexing.prefetch import chunks
from searcher.stores.paths import DataPaths
from searcher.stores.records import Record
from searcher.stores.sidecars import Sidecars

if TYPE_CHECKING:
    from searcher.library.core import Library

REMOVING, REMOVED, RESTORING = "removing.json", "manifest.json", "restoring.json"
RETENTION_S = 7 * 24 * 3600
PART = 500  # pictures that are removed at a time
BATCH = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")  # such as 20260131T235959.000000Z-0123abcd
STAMP = "%Y%m%dT%H%M%S.%fZ"
EXPIRED = ".expired-"


@dataclass(frozen=True)
class Removal:
    """The number of removed pictures, and the batch that restores them; "" without any."""

    count: int
    batch: str


def remove(library: "Library", ids: Iterable[int]) -> Removal:
    """Move pictures to the trash; ids that are not in the library are ignored.

    The original files stay where they are. An interrupted removal is completed by `finish`.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be moved.
    """
    library.identity.require()
    with changing(library):
        parts = chunks(sorted(set(ids)), PART)
        records = [record for part in parts for record in _stored_records(library, part)]
        if not records:
            return Removal(0, "")
        folder = library.settings.trash / _new_name()
        entries = [{"id": record.id, **library.records.pack(record)} for record in records]
        write_whole(folder / REMOVING, json.dumps({"records": entries}).encode())
        with _finish_later(library):
            _withdraw(library, records, folder, REMOVING)
    return Removal(len(records), folder.name)


def undo(library: "Library", batch: str = "") -> int:
    """Restore a batch; vectors are computed by the next indexing run.

    Args:
        library: The library.
        batch: The batch; the latest if empty.

    Returns:
        The number of restored pictures.

    Raises:
        NotFound: There is no such batch.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be moved.
    """
    library.identity.require()
    with changing(library):
        # The name may come from a visitor: only a name in the listing becomes a path.
        names = [folder.name for folder in _batches(library, REMOVED)]
        batch = batch or max(names, default="")
        if batch not in names:
            raise NotFound("trash.nothing")
        folder = library.settings.trash / batch
        with disk_errors():
            os.replace(folder / REMOVED, folder / RESTORING)
        with _finish_later(library):
            return _restore(library, folder)


def finish(library: "Library") -> None:
    """Finish interrupted removals and restorations, and remove records that reappeared.

    A store that lost its latest changes has records again of pictures that are in the trash.
    """
    with changing(library):
        for folder in _batches(library, REMOVING):
            records = [r for r in _records(library, folder, REMOVING) if _is_same(library, r)]
            _withdraw(library, records, folder, REMOVING)
        for folder in _batches(library, RESTORING):
            _restore(library, folder)
        for folder in _batches(library, REMOVED):
            removed = _records(library, folder)
            stored = library.records.get([record.id for record in removed])
            pairs = zip(stored, removed, strict=True)
            reappeared = [record for s, record in pairs if s and s.added == record.added]
            if reappeared:
                _withdraw(library, reappeared, folder, REMOVED)


def expire(library: "Library", retention_s: float = RETENTION_S) -> int:
    """Delete old batches.

    Args:
        library: The library.
        retention_s: Seconds that batches stay in the trash.

    Returns:
        The number of deleted batches.

    Raises:
        DiskFull, CannotWrite: A batch can't be deleted.
    """
    trash = library.settings.trash
    expired = 0
    with changing(library), disk_errors():
        for folder in _batches(library, REMOVED):
            removed = datetime.strptime(folder.name.split("-")[0], STAMP).replace(tzinfo=UTC)
            if time.time() - removed.timestamp() > retention_s:
                os.replace(folder, trash / f"{EXPIRED}{folder.name}")
                expired += 1
        for folder in trash.glob(f"{EXPIRED}*"):  # and those of an interrupted call
            shutil.rmtree(folder)
    return expired


def count(library: "Library") -> int:
    """Return the number of pictures in the trash."""
    return sum(len(_records(library, folder)) for folder in _batches(library, REMOVED))


@contextmanager
def changing(library: "Library") -> Iterator[None]:
    """Hold the lock for moving files to or from the trash, and for registering pictures.

    A picture that is registered while it is removed would be half in the library and half in the
    trash.
    """
    with disk_errors():
        library.settings.data.mkdir(parents=True, exist_ok=True)
        lock = acquire(library.settings.data / "trash.lock")
    with lock:
        yield


@contextmanager
def _finish_later(library: "Library") -> Iterator[None]:
    """Have an operation that fails half-way finished at the next opportunity."""
    try:
        yield
    except BaseException:
        library.has_leftovers = True
        raise


def _stored_records(library: "Library", ids: list[int]) -> list[Record]:
    """Return the records of pictures; from the sidecar where Redis has no complete record."""
    pairs = zip(ids, library.records.get(ids), strict=True)
    records = [record or library.sidecars.read(picture_id) for picture_id, record in pairs]
    return [record for record in records if record is not None]


def _is_same(library: "Library", record: Record) -> bool:
    """Whether a picture was not added again since, which changes the time in its record."""
    return all(stored.added == record.added for stored in _stored_records(library, [record.id]))


def _withdraw(library: "Library", records: list[Record], folder: Path, manifest: str) -> None:
    """Remove vectors, then records, then files: in this order an interruption can be repaired."""
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


def _restore(library: "Library", folder: Path) -> int:
    restored = 0
    for record in _records(library, folder, RESTORING):
        for name in _files(record.id):
            if not (library.settings.data / name).exists():  # else the picture was added again
                _move(folder / name, library.settings.data / name)
        restored += library.records.add(library.records.unclaimed(record))
    with disk_errors():
        expired = library.settings.trash / f"{EXPIRED}{folder.name}"
        os.replace(folder, expired)
        shutil.rmtree(expired)
    return restored


def _move(source: Path, target: Path) -> None:
    try:
        move(source, target)
    except FileNotFoundError:
        pass  # the picture has no such file, or it was moved before an interruption


def _files(picture_id: int) -> list[str]:
    """Return the paths of a picture's files relative to the data folder, the sidecar last."""
    name = thumbnail_name(picture_id)
    return [f"uploads/{name}", f"thumbs/{name}", f"records/{Path(name).with_suffix('.json')}"]


def _batches(library: "Library", manifest: str) -> list[Path]:
    """Return the folders of batches whose manifest has this name, the oldest first."""
    paths = library.settings.trash.glob(f"*/{manifest}")
    return sorted(path.parent for path in paths if BATCH.fullmatch(path.parent.name))


def _records(library: "Library", folder: Path, manifest: str = REMOVED) -> list[Record]:
    """Return the records of a batch; where the manifest is damaged, those of its sidecars."""
    try:
        entries = json.loads((folder / manifest).read_bytes())["records"]
        stored = [{name: str(value) for name, value in entry.items()} for entry in entries]
        records = [library.records.unpack(int(values["id"]), values) for values in stored]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sidecars = Sidecars(folder / "records", DataPaths(library.settings.data))
        records = [sidecars.read(picture_id) for picture_id in sidecars.ids()]
    return [record for record in records if record is not None]


def _new_name() -> str:
    return f"{datetime.now(UTC).strftime(STAMP)}-{secrets.token_hex(4)}"
