"""Back up a library to a .zip, without what can be computed again, and restore it."""

import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from searcher import __version__
from searcher.config.constants import MODEL_FILES
from searcher.errors import BadBackup, CannotWrite, NotFound
from searcher.files import PART, cannot_write, disk_errors, part_of, write_whole
from searcher.images.sources import printable
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.upkeep import put_in_order
from searcher.models.model_files import main_file
from searcher.models.text_format import is_text_file
from searcher.stores import state
from searcher.stores.sidecars import SUFFIX

ABOUT, STATE, LIBRARY = "backup.json", "state.json", "library.json"
FORMAT = 1
TRASH = "trash"
RECORDS, UPLOADS = "records", "uploads"
PICTURES = (RECORDS, UPLOADS, "thumbs")
FOLDERS = (*PICTURES, TRASH)  # in the data folder
MODELS = "models"
NAME = re.compile(r"\w[\w .+()-]*")  # of a file or folder that a backup may contain
MARK = ".restoring"  # a file in the data folder until it is restored completely
CHUNK = 2**20  # bytes

Progress = Callable[[int, int], None]  # called with the numbers of files copied so far, and of all


@dataclass(frozen=True)
class Summary:
    """The numbers of files in a backup, by kind."""

    pictures: int
    uploads: int
    models: int
    skipped: tuple[str, ...] = ()  # models that exist here with another content

    def document(self) -> dict[str, object]:
        """Return the `--json` document of `backup` and `restore`."""
        return {**self.__dict__, "skipped": list(self.skipped)}


def backup(
    library: Library,
    target: Path,
    models: bool = True,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Write a library to a .zip, also while it is in use.

    Files in the data folder are written atomically, so each is copied whole; one that is added or
    deleted meanwhile may be in the archive or not. Vectors and pictures outside of the data folder
    are left out. No file of a picture comes without its record. The archive appears under its name
    when it is complete.

    Args:
        library: The library.
        target: The path of the archive; a file that exists there is replaced.
        models: Whether to include the model files.
        progress: Called after each file.

    Raises:
        DiskFull, CannotWrite: The archive can't be written.
        StoreUnavailable: Redis does not answer.
    """
    if target.exists() and not target.is_file():  # a device would be replaced by a file
        raise CannotWrite("file.not_regular", name=printable(target.name))
    values = state.dump(library.records.connection)
    models_dir = library.settings.models_dir
    paths = sorted(p for pattern in MODEL_FILES for p in models_dir.glob(pattern) if models)
    total = sum(1 for folder in FOLDERS for _ in _below(library.settings.data / folder))
    total += len(paths)
    counts = dict.fromkeys((*FOLDERS, MODELS), 0)
    with disk_errors(), part_of(target) as part, zipfile.ZipFile(part, "w") as archive:
        for done, (path, name) in enumerate(_files(library, paths, archive.NameToInfo), 1):
            if _copy_in(archive, path, name) and not is_text_file(path):
                counts[name.split("/")[0]] += 1
            progress(done, max(done, total))  # there may be more of them meanwhile
        _write_json(archive, STATE, values)
        _copy_in(archive, library.settings.data / LIBRARY, LIBRARY)
        about = {"format": FORMAT, "version": __version__, "time": round(time.time())}
        _write_json(archive, ABOUT, about | counts)
    return Summary(counts[RECORDS], counts[UPLOADS], counts[MODELS])


def restore(
    library: Library, source: Path, progress: Progress = lambda done, total: None
) -> Summary:
    """Write a backup into an empty data folder; after an interruption it can be run again.

    Models that exist already stay as they are. Records are made from the files; vectors are
    computed by the next indexing run.

    Args:
        library: The library that the data folder belongs to.
        source: The path of the archive.
        progress: Called before each file, and at the end.

    Raises:
        NotFound: There is no such file.
        BadBackup: The file is not a backup or is damaged, or the data folder has pictures.
        ForeignStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written to the data folder.
    """
    data, models = library.settings.data, library.settings.models_dir
    mark = data / MARK
    if source.exists() and not source.is_file():
        raise BadBackup("file.not_regular", name=printable(source.name))
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
            members = list(_members(archive))
            for done, member in enumerate(members):
                progress(done, len(members))
                folder, _, rest = member.filename.partition("/")
                path = models / rest if folder == MODELS else data / member.filename
                if folder == MODELS and path.exists():
                    if path.stat().st_size != member.file_size:
                        skipped.append(path.name)
                    continue
                if folder == MODELS and main_file(path).name in skipped:
                    continue  # a text file belongs to the image file of the backup only
                _copy_out(archive, member, path)
            progress(len(members), len(members))
            counts = about["records"], about["uploads"], about[MODELS]
            values = json.loads(archive.read(STATE))
            # An app that runs on the empty folder has given it and the stores an id.
            if LIBRARY in archive.namelist() and not library.identity.is_marked():
                write_whole(data / LIBRARY, archive.read(LIBRARY))
    except FileNotFoundError as error:
        raise NotFound("file.missing", name=source.name) from error
    except OSError as error:
        raise cannot_write(error) from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, NotImplementedError) as error:
        raise BadBackup("backup.not_whole", name=source.name) from error
    library.identity.claim()
    state.load(library.records.connection, values)
    library.has_leftovers = True
    put_in_order(library)
    trash.finish(library)  # pictures that were removed after their records had been copied
    mark.unlink()
    return Summary(*counts, tuple(skipped))


def _files(
    library: Library, models: Iterable[Path], copied: Container[str]
) -> Iterator[tuple[Path, str]]:
    """Yield the path and the name in the archive of each file, but for names `copied` by then."""
    data = library.settings.data
    for folder in PICTURES:
        for path in _below(data / folder):
            rest = path.relative_to(data / folder)
            sidecar = Path(RECORDS, rest).with_suffix(SUFFIX)
            names = [Path(folder, rest)]
            if folder != RECORDS and sidecar.as_posix() not in copied:
                # The picture was added since the records were copied.
                names = [sidecar, Path(UPLOADS, rest), *names]
            for name in map(Path.as_posix, names):
                if name not in copied:
                    yield data / name, name
    for batch in sorted((data / TRASH).glob("*")):
        with trash.changing(library):  # a removal that ends would rename the manifest of its batch
            for path in _below(batch):
                yield path, path.relative_to(data).as_posix()
    for path in models:
        yield path, f"{MODELS}/{path.name}"


def _below(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, without a list of them: there may be millions."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names) if not name.endswith(PART))


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of a backup, image files before text files.

    Raises:
        BadBackup: One may not be written.
    """
    for member in sorted(archive.infolist(), key=lambda m: is_text_file(Path(m.filename))):
        parts = PurePosixPath(member.filename).parts
        is_expected = len(parts) > 1 and parts[0] in (*FOLDERS, MODELS)
        if is_expected and all(NAME.fullmatch(part) for part in parts):
            yield member
        elif member.filename not in (ABOUT, STATE, LIBRARY):
            raise BadBackup("backup.stray_file", name=ascii(member.filename)[:80])


def _copy_in(archive: zipfile.ZipFile, path: Path, name: str) -> bool:
    """Copy a file into the archive; return False where it was deleted since it was listed."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source, archive.open(zipfile.ZipInfo(name, _local_time()), "w", force_zip64=True) as copy:
        while block := source.read(CHUNK):
            copy.write(block)
    return True


def _copy_out(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    with part_of(path) as part, archive.open(member) as source, part.open("wb") as copy:
        while block := source.read(CHUNK):
            copy.write(block)


def _write_json(archive: zipfile.ZipFile, name: str, value: Any) -> None:
    archive.writestr(zipfile.ZipInfo(name, _local_time()), json.dumps(value, ensure_ascii=False))


def _local_time() -> tuple[int, int, int, int, int, int]:
    t = time.localtime()
    return t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec
