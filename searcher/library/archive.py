"""One .zip with all of a library that can't be made again, and the way back."""

import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from searcher import __version__
from searcher.errors import BadBackup, NotFound
from searcher.files import PART, cannot_write, disk_errors, part_of, write_whole
from searcher.library.core import Library
from searcher.library.upkeep import put_in_order
from searcher.stores import state

ABOUT, STATE, LIBRARY = "backup.json", "state.json", "library.json"
FORMAT = 1
FOLDERS = ("records", "uploads", "thumbs", "trash")  # of the data folder
MODELS = "models"
NAME = re.compile(r"\w[\w .+()-]*")  # a part of a path that a backup may have
MARK = ".restoring"  # there while a restored folder is not whole yet
CHUNK = 2**20  # bytes that are copied at once

Progress = Callable[[int], None]  # called with the number of files done so far


@dataclass(frozen=True)
class Summary:
    """What a backup has: numbers of files by kind."""

    pictures: int
    uploads: int
    models: int
    skipped: tuple[str, ...] = ()  # models that were there already with another content

    def document(self) -> dict[str, object]:
        """The `--json` document of `backup` and `restore`."""
        return {**self.__dict__, "skipped": list(self.skipped)}


def backup(
    library: Library, target: Path, models: bool = True, progress: Progress = lambda done: None
) -> Summary:
    """Write a library to a .zip, also while it is used.

    Every file in the data folder appears whole or not at all, so each is copied whole; what comes
    or goes meanwhile is in the archive or is not. Vectors and pictures that lie elsewhere are left
    out. The archive appears under its name when it is complete.

    Raises:
        DiskFull, CannotWrite: The archive can't be written.
        StoreUnavailable: Redis does not answer.
    """
    kept = state.dump(library.records.connection)
    counts = dict.fromkeys((*FOLDERS, MODELS), 0)
    with disk_errors(), part_of(target) as part, zipfile.ZipFile(part, "w") as archive:
        for done, (path, name) in enumerate(_files(library, models)):
            if _copy_in(archive, path, name):
                counts[name.split("/")[0]] += 1
            progress(done)
        _write_json(archive, STATE, kept)
        _copy_in(archive, library.settings.data / LIBRARY, LIBRARY)
        about = {"format": FORMAT, "version": __version__, "time": round(time.time())}
        _write_json(archive, ABOUT, about | counts)
    return Summary(counts["records"], counts["uploads"], counts[MODELS])


def restore(library: Library, source: Path, progress: Progress = lambda done: None) -> Summary:
    """Write a backup into an empty data folder; cut off, it can be run again.

    Models that are there already stay as they are. Records are made from the files; vectors are
    left to whoever indexes next.

    Raises:
        NotFound: There is no such file.
        BadBackup: The archive is none or damaged, or the data folder has pictures already.
        ForeignStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: The data folder can't take it.
    """
    data, models = library.settings.data, library.settings.models_dir
    mark = data / MARK
    if not mark.exists() and any(True for folder in FOLDERS for _ in _below(data / folder)):
        raise BadBackup("backup.not_empty")
    try:
        with zipfile.ZipFile(source) as archive:
            about = json.loads(archive.read(ABOUT))
            if about["format"] != FORMAT:
                raise BadBackup("backup.newer", name=source.name)
            data.mkdir(parents=True, exist_ok=True)
            mark.touch()
            skipped = []
            for done, member in enumerate(_members(archive)):
                folder, _, rest = member.filename.partition("/")
                path = models / rest if folder == MODELS else data / member.filename
                if folder == MODELS and path.exists():
                    if path.stat().st_size != member.file_size:
                        skipped.append(path.name)
                    continue
                _copy_out(archive, member, path)
                progress(done)
            kept = json.loads(archive.read(STATE))
            if LIBRARY in archive.namelist():
                write_whole(data / LIBRARY, archive.read(LIBRARY))
    except FileNotFoundError as error:
        raise NotFound("file.missing", name=source.name) from error
    except OSError as error:
        raise cannot_write(error) from error
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise BadBackup("backup.not_whole", name=source.name) from error
    library.identity.claim()
    state.load(library.records.connection, kept)
    library.has_leftovers = True
    put_in_order(library)
    mark.unlink()
    return Summary(about["records"], about["uploads"], about[MODELS], tuple(skipped))


def _files(library: Library, models: bool) -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in _below(library.settings.data / folder):
            yield path, path.relative_to(library.settings.data).as_posix()
    for path in sorted(library.settings.models_dir.glob("*.onnx")) if models else ():
        yield path, f"{MODELS}/{path.name}"


def _below(folder: Path) -> Iterator[Path]:
    """All files below a folder, one at a time: there may be millions."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names) if not name.endswith(PART))


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The files of a backup that may be written; the archive may come from anywhere."""
    for member in archive.infolist():
        parts = PurePosixPath(member.filename).parts
        known = len(parts) > 1 and parts[0] in (*FOLDERS, MODELS)
        if known and all(NAME.fullmatch(part) for part in parts):
            yield member
        elif member.filename not in (ABOUT, STATE, LIBRARY):
            raise BadBackup("backup.stray_file", name=ascii(member.filename)[:80])


def _copy_in(archive: zipfile.ZipFile, path: Path, name: str) -> bool:
    """Copy a file into the archive; False where it has been removed since it was listed."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source, archive.open(zipfile.ZipInfo(name, _now()), "w", force_zip64=True) as copy:
        while block := source.read(CHUNK):
            copy.write(block)
    return True


def _copy_out(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    with part_of(path) as part, archive.open(member) as source, part.open("wb") as copy:
        while block := source.read(CHUNK):
            copy.write(block)


def _write_json(archive: zipfile.ZipFile, name: str, value: Any) -> None:
    archive.writestr(zipfile.ZipInfo(name, _now()), json.dumps(value, ensure_ascii=False))


def _now() -> tuple[int, int, int, int, int, int]:
    now = time.localtime()
    return now.tm_year, now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec
