"""Changes of a library that several test files make, and lists of its records and files."""

from pathlib import Path

from searcher.library.core import Library
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.stores.records import Record
from tests.pictures import save


def add_painted_uploads(library: Library, folder: Path, count: int) -> None:
    """Add pictures as visitors do."""
    for number in range(count):
        path = save(folder / "sent" / f"{number}.jpg", 500 + number)
        add_uploads(library, [Upload(path, f"my {number}.jpg")], "mine")


def all_files(library: Library) -> set[Path]:
    """Every picture, thumbnail and sidecar of the library."""
    folders = library.settings.uploads, library.settings.thumbnails, library.settings.sidecars
    return {path for folder in folders for path in folder.rglob("*.*")}


def record_names(library: Library) -> list[str]:
    return sorted(record.name for record in library.records.all())


def add_numbered_uploads(library: Library, tmp_path: Path, count: int = 3) -> list[Record]:
    paths = [save(tmp_path / "sent" / f"{n}.jpg", 300 + n) for n in range(count)]
    uploads = [Upload(path, f"my {path.stem}.jpg") for path in paths]
    add_uploads(library, uploads, "mine")
    return all_records(library)


def all_records(library: Library) -> list[Record]:
    return sorted(library.records.all(), key=lambda record: record.id)


def stored_files(library: Library) -> list[Path]:
    """The pictures, thumbnails and sidecars of the library, without those in the trash."""
    folders = library.settings.uploads, library.settings.thumbnails, library.settings.sidecars
    return sorted(path for folder in folders for path in folder.glob("*/*.*"))


def restart(library: Library) -> None:
    """Run the maintenance that every start of the app runs."""
    library.has_leftovers = True
    library.next_expiry = 0
    put_in_order(library)
