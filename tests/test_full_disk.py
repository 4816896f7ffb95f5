"""A disk that is full or read-only: one error message, no half-written files, and recovery."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from searcher.errors import CannotWrite, DiskFull, StoreUnavailable
from searcher.files import move, write_whole
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from tests.full_disk import fill, make_room, mounted
from tests.parameters import MakeSettings
from tests.pictures import folder, save
from tests.servers import call, running, wait_for

FOLDERS = ["thumbs", "uploads", "records", "trash", "stores", "."]
SMALL_SPACE_B = 30_000  # bytes: room for one thumbnail or the like


@pytest.fixture(params=FOLDERS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A small disk at the data folder or at one of its folders."""
    with mounted(tmp_path / "data" / request.param) as folder:
        yield folder


def numbered_uploads(tmp_path: Path, first: int, count: int) -> list[Upload]:
    paths = [save(tmp_path / "sent" / f"{n}.jpg", n) for n in range(first, first + count)]
    return [Upload(path, path.name) for path in paths]


def is_whole(library: Library) -> bool:
    """Whether every record has its files, and there is no unfinished file."""
    records = list(library.records.all())
    pictures = all(Path(r.path).exists() and library.thumbnail_path(r.id).exists() for r in records)
    sidecars = all(library.sidecars.read(record.id) == record for record in records)
    return pictures and sidecars and not list(library.settings.data.rglob("*.part"))


@pytest.mark.parametrize("remaining", [0, SMALL_SPACE_B])
def test_adding_and_removing_on_a_full_disk(
    library: Library, tmp_path: Path, disk: Path, remaining: int
) -> None:
    add_uploads(library, numbered_uploads(tmp_path, 0, 3), "")
    library.add(folder(tmp_path / "in", {"a": 3}, 50))
    fill(disk, remaining)
    refusals = 0
    acts = [
        lambda: add_uploads(library, numbered_uploads(tmp_path, 10, 5), ""),
        lambda: library.add(folder(tmp_path / "more", {"b": 40}, 100)),
        lambda: trash.remove(library, list(library.records.ids())[:2]),
    ]
    for act in acts:
        try:
            act()
        except (DiskFull, StoreUnavailable) as error:
            refusals += 1
            assert "is full. Free some space; work then goes on by itself." in str(error)
        assert is_whole(library)
    assert refusals
    before = {record.id for record in library.records.all()}

    make_room(disk)
    put_in_order(library)
    assert {record.id for record in library.records.all()} >= before - set(in_trash(library))
    add_uploads(library, numbered_uploads(tmp_path, 10, 5), "")
    library.add([tmp_path / "more", tmp_path / "in"])
    trash.remove(library, list(library.records.ids())[:2])
    library.index(library.incomplete())
    assert is_whole(library)
    assert examine(library).problems == []


def in_trash(library: Library) -> list[int]:
    """The ids of the pictures in the trash."""
    sidecars = library.settings.trash.glob("*/records/*/*.json")
    return [int(path.stem) for path in sidecars]


def test_the_command_line_says_one_sentence(tmp_path: Path, baselines: Path) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    first, more = folder(tmp_path / "in", {"a": 1}), folder(tmp_path / "more", {"b": 60}, 100)
    with mounted(tmp_path / "data") as disk:
        assert call(tmp_path, "index", *first).returncode == 0
        fill(disk, SMALL_SPACE_B)
        process = call(tmp_path, "index", *more)
        assert (process.returncode, process.stdout) == (2, "")
        assert "Traceback" not in process.stderr
        sentence = "The disk is full. Free some space; work then goes on by itself."
        assert process.stderr.splitlines()[-1] == sentence
        make_room(disk)
        assert "added" in call(tmp_path, "index", *more).stdout
        process = call(tmp_path, "doctor")
        assert (process.returncode, process.stdout) == (0, "Everything agrees.\n")
        assert '"pictures": 61' in call(tmp_path, "doctor", "--json").stdout


def add_error(url: str, files: list[Path]) -> str:
    """What a visitor who adds pictures is told: a sentence, or nothing where it worked."""
    uploads = [handle_file(str(file)) for file in files]
    try:
        Client(url, verbose=False).predict(uploads, "", api_name="/add")
    except Exception as error:
        return str(error)
    return ""


@pytest.mark.parametrize("location", ["data", "data/incoming"])
def test_the_app_says_so_and_goes_on(tmp_path: Path, baselines: Path, location: str) -> None:
    """`incoming` is the folder where Gradio puts what visitors send."""
    shutil.copytree(baselines, tmp_path / "models")
    files = folder(tmp_path / "sent", {"a": 6})
    with mounted(tmp_path / location) as disk:
        with running(tmp_path) as app:
            assert add_error(app.url, files[:1]) == ""
            fill(disk, SMALL_SPACE_B if location == "data" else 0)
            refusal = add_error(app.url, files[1:])
            # gradio_client says no more of an upload that is refused than its status.
            assert "The disk is full." in refusal or "507 Insufficient Storage" in refusal
            if location == "data/incoming":
                file = {"files": ("x.jpg", files[2].read_bytes())}
                spanish = {"Accept-Language": "es"}
                upload = f"{app.url}/gradio_api/upload"
                replies = [httpx.post(upload, files=file, headers=h).text for h in ({}, spanish)]
                assert replies[0].startswith("The disk is full. Free some space")
                assert replies[1].startswith("El disco está lleno.")
            make_room(disk)
            wait_for(lambda: add_error(app.url, files[1:]) == "", what="room")
            assert "Traceback" not in app.log.read_text()
        # Inside, since the library goes with its disk.
        report = json.loads(call(tmp_path, "doctor", "--json").stdout)
    assert (report["pictures"], report["problems"]) == (6, [])


def test_a_disk_that_can_only_be_read(make_settings: MakeSettings, tmp_path: Path) -> None:
    library = Library(make_settings())
    with mounted(tmp_path / "data" / "thumbs") as disk:
        add_uploads(library, numbered_uploads(tmp_path, 0, 1), "")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for act in (
            lambda: add_uploads(library, numbered_uploads(tmp_path, 1, 2), ""),
            lambda: trash.remove(library, list(library.records.ids())),
        ):
            with pytest.raises(CannotWrite, match="Read-only file system"):
                act()
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        put_in_order(library)
        library.index(library.incomplete())
        assert is_whole(library)
        assert examine(library).problems == []
        library.close()


def test_files_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 1) as disk:
        write_whole(disk / "a" / "x", b"before")
        fill(disk, 4096)
        with pytest.raises(DiskFull):
            write_whole(disk / "a" / "x", bytes(2**20))
        assert (disk / "a" / "x").read_bytes() == b"before"
        # From another file system, too: a copy that does not fit leaves both as they were.
        large = tmp_path / "large"
        large.write_bytes(bytes(2**20))
        with pytest.raises(DiskFull):
            move(large, disk / "b" / "large")
        assert large.stat().st_size == 2**20
        assert [path.name for path in disk.rglob("*") if path.is_file()] == ["filler", "x"]
        make_room(disk)
        os.truncate(large, 1000)
        move(large, disk / "b" / "large")
        assert (large.exists(), (disk / "b" / "large").stat().st_size) == (False, 1000)
    with pytest.raises(CannotWrite, match="File exists"):
        write_whole(save(tmp_path / "x.jpg", 1) / "y", b"")
