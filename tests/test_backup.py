"""A backup has all data that can't be recomputed, even if made during changes."""

import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from searcher.config.settings import Settings
from searcher.errors import BadBackup, CannotWrite
from searcher.library import archive, trash
from searcher.library.archive import MARK, backup, restore
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.trash import remove
from searcher.library.uploads import Upload, add_uploads
from searcher.stores.ballots import BallotStore
from searcher.stores.pairing import Pairing
from tests.parameters import MakeSettings
from tests.pictures import encode, folder, paint

Open = Callable[[str], Library]


@pytest.fixture
def open_library(tmp_path: Path, baselines: Path, request: pytest.FixtureRequest) -> Open:
    """A function that opens the library of a folder, which is closed at the end."""

    def open_named(name: str) -> Library:
        models = tmp_path / name / "models"
        if not models.exists():
            shutil.copytree(baselines, models)
        variables = {"TWINLENS_DATA": str(tmp_path / name / "data"), "MODELS_DIR": str(models)}
        none = {"SAMPLES_DIR": str(tmp_path / "none"), "INSTALL_MODELS": ""}
        library = Library(Settings.from_env(variables | none))
        request.addfinalizer(library.close)
        return library

    return open_named


def add(library: Library, folder: Path, seeds: range, label: str) -> list[int]:
    """Upload pictures; returns their ids."""
    folder.mkdir(exist_ok=True)
    uploads = []
    for seed in seeds:
        path = folder / f"{seed}.png"
        path.write_bytes(encode(paint(seed, (64, 48)), "PNG"))
        uploads.append(Upload(path, f"Straße {seed}.png"))
    report = add_uploads(library, uploads, label)
    assert report.added == len(seeds)
    names = {f"Straße {seed}.png" for seed in seeds}
    return [record.id for record in library.records.all() if record.name in names]


@pytest.mark.parametrize("step", ["uploads", "thumbs"])
def test_pictures_added_during_a_backup_are_whole_in_it(
    step: str, open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_library("here")
    add(here, tmp_path / "sent", range(3), "holiday")
    copy_in, below = archive._copy_in, archive._below
    listed: list[str] = []  # first to count the files

    def list_later(folder: Path) -> Iterator[Path]:
        listed.append(folder.name)
        if folder.name == step and listed.count(step) == 2:
            add(here, tmp_path / "sent", range(3, 6), "later")
        return below(folder)

    def copy(target: zipfile.ZipFile, path: Path, name: str) -> bool:
        assert name not in target.namelist()
        return copy_in(target, path, name)

    with monkeypatch.context() as patch:
        patch.setattr(archive, "_below", list_later)
        patch.setattr(archive, "_copy_in", copy)
        assert backup(here, tmp_path / "all.zip").pictures == 6
    there = open_library("there")
    restore(there, tmp_path / "all.zip")
    assert {r.id: r.label for r in there.records.all()} == {
        r.id: r.label for r in here.records.all()
    }
    there.index(there.incomplete())
    assert examine(there).problems == []


def test_a_removal_that_ends_during_a_backup_is_whole_in_it(
    open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_library("here")
    first, *others = add(here, tmp_path / "sent", range(3), "holiday")
    copy_in, replace = archive._copy_in, os.replace
    threads: list[threading.Thread] = []

    def refuse(source: Path, target: Path) -> None:
        if Path(target).name == trash.REMOVED:
            raise OSError
        replace(source, target)

    def copy_later(target: zipfile.ZipFile, path: Path, name: str) -> bool:
        if name.startswith("uploads/") and not threads:  # the records are copied
            with monkeypatch.context() as patch, pytest.raises(CannotWrite):
                patch.setattr("searcher.library.trash.os.replace", refuse)
                remove(here, [first])
            threads.append(threading.Thread(target=trash.finish, args=[here]))
        elif path.name == trash.REMOVING:
            threads[0].start()
            threads[0].join(0.5)  # waits for the backup, or would rename the file
        return copy_in(target, path, name)

    monkeypatch.setattr(archive, "_copy_in", copy_later)
    backup(here, tmp_path / "all.zip")
    threads[0].join()
    there = open_library("there")
    restore(there, tmp_path / "all.zip")
    assert {record.id for record in there.records.all()} == set(others)
    assert trash.count(there) == 1


def test_a_round_trip_under_load(open_library: Open, tmp_path: Path) -> None:
    here = open_library("here")
    folder(tmp_path / "in", {"cats": 5})
    here.add([tmp_path / "in"])
    stay = add(here, tmp_path / "sent", range(40), "holiday")
    go = add(here, tmp_path / "sent", range(100, 140), "away")
    ballots = BallotStore(here.records.connection)
    duel = Pairing(stay[0], "colour", "shape")
    ballots.open("key", duel)
    assert ballots.count("key", "somebody", duel, "colour")
    here.installs.decline("vgg16")
    before = {record.id: record for record in here.records.all()}

    stop, failures = threading.Event(), list[Exception]()

    def change() -> None:
        try:
            for number, picture_id in enumerate(go):
                add(here, tmp_path / "later", range(1000 + number, 1001 + number), "later")
                remove(here, [picture_id])
                if stop.is_set():
                    return
        except Exception as error:
            failures.append(error)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        summaries = [backup(here, tmp_path / f"{n}.zip") for n in range(3)]
    finally:
        stop.set()
        changing.join()
    assert not failures
    assert summaries[0].models == 2

    for number, summary in enumerate(summaries):
        there = open_library(f"there {number}")
        assert restore(there, tmp_path / f"{number}.zip").pictures == summary.pictures
        after = {record.id: record for record in there.records.all()}
        for picture_id in stay:
            old, new = before[picture_id], after[picture_id]
            assert (new.name, new.label, new.added) == (old.name, old.label, old.added)
            copy, original = Path(new.path), Path(old.path)
            assert copy.is_relative_to(there.settings.uploads)
            assert copy.read_bytes() == original.read_bytes()
        assert sum(record.label == "cats" for record in after.values()) == 5
        assert [vote.winner for vote in BallotStore(there.records.connection).votes()] == ["colour"]
        assert "vgg16" not in there.installs.pending()
        there.index(there.incomplete())
        assert set(there.coverage().values()) == {len(after)}
        assert examine(there).problems == []


def test_a_picture_removed_during_a_backup_is_in_its_trash_only(
    open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_library("here")
    first, *others = add(here, tmp_path / "sent", range(3), "holiday")
    copy_in = archive._copy_in

    def copy_later(target: zipfile.ZipFile, path: Path, name: str) -> bool:
        if name.startswith("uploads/"):  # the records are copied
            remove(here, [first])
        return copy_in(target, path, name)

    monkeypatch.setattr(archive, "_copy_in", copy_later)
    backup(here, tmp_path / "all.zip")
    there = open_library("there")
    restore(there, tmp_path / "all.zip")
    assert {record.id for record in there.records.all()} == set(others)
    there.index(there.incomplete())
    assert examine(there).problems == []
    assert trash.undo(there) == 1
    there.index(there.incomplete())
    assert examine(there).problems == []


def test_restoring_does_not_mix_libraries(open_library: Open, tmp_path: Path) -> None:
    here, there = open_library("here"), open_library("there")
    add(here, tmp_path / "sent", range(2), "a")
    (remaining_id,) = add(there, tmp_path / "sent", range(9, 10), "b")
    backup(here, tmp_path / "b.zip")
    with pytest.raises(BadBackup, match="empty"):
        restore(there, tmp_path / "b.zip")
    assert [record.id for record in there.records.all()] == [remaining_id]


def test_what_was_cut_off_can_be_run_again(open_library: Open, tmp_path: Path) -> None:
    here, there = open_library("here"), open_library("there")
    add(here, tmp_path / "sent", range(4), "a")
    archive = tmp_path / "b.zip"
    backup(here, archive)
    cut = tmp_path / "cut.zip"
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(cut, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if not member.filename.startswith(("state", "thumbs")):
                target.writestr(member, data)
    with pytest.raises(BadBackup, match="not a whole backup"):
        restore(there, cut)
    assert (there.settings.data / MARK).exists()
    assert restore(there, archive).pictures == 4
    assert there.records.count() == 4
    assert not list(there.settings.data.rglob("*.part"))


@pytest.mark.parametrize(
    "name",
    ["../evil", "uploads/../../evil", "/etc/evil", "other/evil", "uploads/a\\..\\b", "uploads/.x"],
)
def test_an_archive_cant_write_elsewhere(open_library: Open, tmp_path: Path, name: str) -> None:
    there = open_library("there")
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("backup.json", json.dumps({"format": 1}))
        archive.writestr("state.json", "{}")
        archive.writestr(name, "evil")
    with pytest.raises(BadBackup, match="has no file"):
        restore(there, bad)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name == "evil"]


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_refused(open_library: Open, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(BadBackup):
        restore(open_library("there"), tmp_path / "x.zip")


def test_a_models_file_that_is_there_stays(open_library: Open, tmp_path: Path) -> None:
    here, there = open_library("here"), open_library("there")
    (here.settings.models_dir / "mine.onnx").write_bytes(b"one")
    (here.settings.models_dir / "mine.text.onnx").write_bytes(b"words of the one")
    (there.settings.models_dir / "mine.onnx").write_bytes(b"another")
    (here.settings.models_dir / "both.text.onnx").write_bytes(b"words")
    (here.settings.models_dir / "both.onnx").write_bytes(b"two")
    backup(here, tmp_path / "b.zip")
    assert restore(there, tmp_path / "b.zip").skipped == ("mine.onnx",)
    assert (there.settings.models_dir / "mine.onnx").read_bytes() == b"another"
    assert not (there.settings.models_dir / "mine.text.onnx").exists()
    assert (there.settings.models_dir / "both.text.onnx").read_bytes() == b"words"


def test_only_files_are_replaced_or_read(make_settings: MakeSettings, tmp_path: Path) -> None:
    library = Library(make_settings())
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(CannotWrite, match="is not a regular file"):
        backup(library, tmp_path / "pipe.zip")
    assert (tmp_path / "pipe.zip").is_fifo()
    for name in ("pipe.zip", ""):
        with pytest.raises(BadBackup, match="is not a regular file"):
            restore(library, tmp_path / name)
    library.close()


def test_where_nothing_can_be_written_there_is_no_backup(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    with pytest.raises(CannotWrite):
        backup(library, Path("/proc/none.zip"))
    library.close()
