"""Disks of pictures that a state machine changes, and what must hold of a library beside them."""

import os
import shutil
import zipfile
from pathlib import Path

from searcher.images.pictures import identify
from searcher.images.sources import Source, find_sources
from searcher.library.core import Library
from tests.pictures import encode, paint

ROOTS = ("a", "b")
FILES = ("x/1.jpg", "x/2.jpg", "y/1.jpg", "y/3.jpg")
MEMBERS = ("m/1.jpg", "m/2.jpg")
# All of one size, by bytes after the picture's end.
CONTENTS = [encode(paint(600 + seed, (40, 30))).ljust(4000, b"\0") for seed in range(5)]
IDS = [identify(data)[0] for data in CONTENTS]
JUNK = b"no picture"


class Disks:
    """Two disks with folders that are never empty, and an archive."""

    def __init__(self, base: Path) -> None:
        shutil.rmtree(base, ignore_errors=True)
        self.base = base
        self.away: set[str] = set()
        for root in ROOTS:
            for folder in ("x", "y"):
                (base / root / folder).mkdir(parents=True)
                (base / root / folder / "notes.txt").touch()
        self.archive = base / "z.zip"
        self.write_archive([0])

    def path(self, root: str, file: str) -> Path:
        """The path of a file while its disk is there."""
        return self.base / root / file

    def present(self) -> list[Path]:
        """The files on the disks that are there."""
        return [
            p
            for r in ROOTS
            if r not in self.away
            for f in FILES
            if (p := self.path(r, f)).is_file()
        ]

    def write_archive(self, contents: list[int]) -> None:
        """Write the archive anew, as most programs do: beside it, and over it."""
        part = self.base / "part"
        with zipfile.ZipFile(part, "w") as file:
            for member, content in zip(MEMBERS, contents, strict=False):
                file.writestr(member, CONTENTS[content])
        part.replace(self.archive)

    def unmount(self, root: str, leaves_folder: bool) -> None:
        """Take a disk away; its mount point may be left, empty."""
        (self.base / root).rename(self.base / f"{root}-away")
        self.away.add(root)
        if leaves_folder:
            (self.base / root).mkdir()

    def mount(self, root: str) -> None:
        """Bring a disk back."""
        if (self.base / root).is_dir():
            (self.base / root).rmdir()
        (self.base / f"{root}-away").rename(self.base / root)
        self.away.discard(root)

    def roots(self) -> list[Path]:
        """What can be indexed now."""
        return [*(self.base / r for r in ROOTS if r not in self.away), self.archive]

    def contents(self, root: Path) -> dict[str, int]:
        """The ids by path of the pictures at or below a path."""
        read = {s.path: s.read() for s in find_sources([root])}
        return {path: identify(data)[0] for path, data in read.items() if data in CONTENTS}

    def hidden(self) -> dict[str, int]:
        """The ids by usual path of the pictures on disks that are away."""
        found = {}
        for root in self.away:
            away = self.base / f"{root}-away"
            for path, picture_id in self.contents(away).items():
                found[str(self.base / root / os.path.relpath(path, away))] = picture_id
        return found


def claims(library: Library) -> dict[str, int]:
    """The ids by path, as the records have them; no path is in two of them."""
    pairs = [(path, record.id) for record in library.records.all() for path in record.paths]
    assert len(pairs) == len(dict(pairs)), pairs
    entries = library.records.at_paths([path for path, _ in pairs])
    assert [entry.ids for entry in entries] == [(picture_id,) for _, picture_id in pairs]
    return dict(pairs)


def require_names_of_files(library: Library) -> None:
    """Name, label and first path are those of a file that exists, where there is any."""
    for record in library.records.all():
        assert library.sidecars.read(record.id) == record
        if record.path.startswith(str(library.settings.data)):
            continue
        existing = [path for path in record.paths if os.path.exists(path) or ".zip" in path]
        if any(map(os.path.exists, record.paths)):
            assert record.path in existing, record
        assert record.name == Source(record.path).name
        assert record.label in (Source(record.path).label, "mine")
