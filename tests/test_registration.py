"""Records are rebuilt from a picture's files in the data folder."""

import os
from pathlib import Path

import numpy as np
import pytest

from searcher.files import PART_S
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.search.query import UploadedQuery
from searcher.stores.records import Record
from tests.pictures import encode, folder, paint, save


def add_numbered_uploads(library: Library, tmp_path: Path, count: int = 3) -> list[Record]:
    """Uploads of visitors, under names that their files don't tell."""
    paths = [save(tmp_path / "sent" / f"{n}.jpg", 300 + n) for n in range(count)]
    uploads = [Upload(path, f"my {path.stem}.jpg") for path in paths]
    assert add_uploads(library, uploads, "mine").added == count
    return sorted(library.records.all(), key=lambda record: record.id)


def in_order(library: Library) -> list[Record]:
    """All records after what the app does when it starts."""
    library.has_leftovers = True
    put_in_order(library)
    return sorted(library.records.all(), key=lambda record: record.id)


def lose_records(library: Library) -> None:
    library.records.remove(list(library.records.ids()))
    assert library.records.count() == 0


@pytest.mark.parametrize("repair", ["the start of the app", "doctor --repair"])
def test_a_sidecar_tells_the_whole_record(library: Library, tmp_path: Path, repair: str) -> None:
    library.add(folder(tmp_path / "in", {"a": 2}))
    before = add_numbered_uploads(library, tmp_path)
    lose_records(library)
    problems = [str(problem) for problem in examine(library).problems]
    assert "5 pictures have files but no record." in problems
    if repair == "doctor --repair":
        repaired = [str(repair) for repair in examine(library, True).repaired]
        assert "5 pictures had no record: registered again." in repaired
    assert in_order(library) == before
    assert examine(library).problems == []


@pytest.mark.parametrize("damage", ["", "{", '{"id": 7}', "[]", "null", '{"id": 1e999}', "\0" * 99])
def test_an_upload_without_a_whole_sidecar_is_registered_by_its_file(
    library: Library, tmp_path: Path, damage: str
) -> None:
    before = add_numbered_uploads(library, tmp_path, 1)
    library.sidecars.path(before[0].id).write_text(damage)
    os.utime(before[0].path, (1e9, 1e9))
    lose_records(library)
    (record,) = in_order(library)
    expected = {"name": f"{record.id}.jpg", "label": "uploads", "added": 1e9}
    assert record.to_hash() == before[0].to_hash() | expected
    assert examine(library).problems == []
    assert in_order(library) == [record]


def test_an_upload_that_was_cut_off_keeps_its_name(library: Library, tmp_path: Path) -> None:
    """Killed after the file was kept, before its record and sidecar were whole."""
    (before,) = add_numbered_uploads(library, tmp_path, 1)
    library.thumbnail_path(before.id).unlink()
    library.sidecars.path(before.id).unlink()
    library.sidecars.announce(before.id, before.name, before.label, before.added)
    lose_records(library)
    assert library.sidecars.read(before.id) is None
    assert in_order(library) == [before]
    assert library.thumbnail_path(before.id).exists()


def test_what_was_only_announced_is_no_picture(library: Library) -> None:
    library.identity.require()
    library.sidecars.announce(4711, "never.jpg", "came", 1.0)
    assert in_order(library) == []
    assert examine(library).problems == []


def test_a_thumbnail_is_a_picture_until_its_folder_is_indexed_again(
    library: Library, tmp_path: Path
) -> None:
    (path,) = folder(tmp_path / "in", {"a": 1})
    library.add([path])
    (before,) = library.records.all()
    library.sidecars.path(before.id).unlink()
    lose_records(library)
    (record,) = in_order(library)
    assert (record.path, record.name) == ("", f"{record.id}.jpg")
    (copy,) = library.search(UploadedQuery("x", path.read_bytes()), "colour", 1).own_copies
    assert copy.record.id == before.id
    assert [str(problem) for problem in examine(library).problems] == [
        "1 picture is known by its thumbnail only; where it lies is not known: "
        "index its folder again."
    ]
    report = library.add([path])
    assert (report.added, report.unchanged) == (0, 1)
    (restored,) = library.records.all()
    assert restored.to_hash() == before.to_hash() | {"added": record.added}
    assert examine(library).problems == []


def test_a_damaged_file_is_named_and_stays(library: Library, tmp_path: Path) -> None:
    before = add_numbered_uploads(library, tmp_path, 2)
    damaged, intact = before
    for file_path in (library.sidecars.path(damaged.id), library.thumbnail_path(damaged.id)):
        file_path.unlink()
    Path(damaged.path).write_bytes(encode(paint(77)))  # a picture, but another
    lose_records(library)
    assert in_order(library) == [intact]
    diagnosis = examine(library, repair=True)
    name = f"uploads/{damaged.id % 256:02x}/{damaged.id}.jpg"
    sentences = [str(problem) for problem in diagnosis.problems]
    assert f"{name} is damaged and has no record." in sentences
    assert Path(damaged.path).read_bytes() == encode(paint(77))
    # The same upload again mends it.
    path = tmp_path / "sent" / f"{damaged.name[3]}.jpg"
    assert add_uploads(library, [Upload(path, damaged.name)], "mine").added == 1
    assert examine(library).problems == []


def test_an_incomplete_record_is_written_anew(library: Library, tmp_path: Path) -> None:
    before = add_numbered_uploads(library, tmp_path, 3)
    wide, placeless, deleted = (f"twinlens:image:{record.id}" for record in before)
    call = library.records.connection.call
    call(lambda client: client.hset(wide, "width", "x"))
    call(lambda client: client.hdel(placeless, "path"))
    call(lambda client: client.delete(deleted))
    assert library.records.get([before[0].id]) == [None]
    assert examine(library, repair=True).problems == []
    assert sorted(library.records.all(), key=lambda record: record.id) == before


def test_sidecars_follow_their_records(library: Library, tmp_path: Path) -> None:
    (path,) = folder(tmp_path / "in", {"a": 1})
    library.add([path])
    path.rename(tmp_path / "in" / "moved.jpg")
    library.add([tmp_path / "in"])
    (record,) = library.records.all()
    assert record.name == "moved.jpg"
    assert library.sidecars.read(record.id) == record
    # One that Redis alone knows otherwise is written by `doctor --repair`.
    key = f"twinlens:image:{record.id}"
    library.records.connection.call(lambda client: client.hset(key, "label", "new"))
    assert "no sidecar, or one that is out of date" in str(examine(library).problems[0])
    assert examine(library, repair=True).problems == []
    written = library.sidecars.read(record.id)
    assert written is not None
    assert written.label == "new"


def test_what_others_write_meanwhile_is_never_replaced(library: Library, tmp_path: Path) -> None:
    (record,) = add_numbered_uploads(library, tmp_path, 1)
    other = Record(**{**record.__dict__, "name": "other"})
    assert not library.records.add(other)
    assert list(library.records.all()) == [record]


def test_unfinished_files_of_killed_processes_go_when_they_are_old(library: Library) -> None:
    library.identity.require()
    for directory in (
        library.settings.uploads,
        library.settings.thumbnails,
        library.settings.sidecars,
    ):
        (directory / "0a").mkdir(parents=True)
        for name, age in ((".10.jpg.0123.part", 2 * PART_S), (".11.jpg.0123.part", 0)):
            path = directory / "0a" / name
            path.touch()
            os.utime(path, (path.stat().st_atime - age, path.stat().st_mtime - age))
    assert in_order(library) == []
    remaining = {path.name for path in library.settings.data.rglob("*.part")}
    assert remaining == {".11.jpg.0123.part"}


def test_a_picture_whose_original_is_gone_is_embedded_from_its_thumbnail(
    library: Library, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 4})
    library.add([tmp_path / "in"])
    before = {record.id: record for record in library.records.all()}
    collection = library.registry.get("colour").collection
    vectors = library.vectors.fetch(collection, sorted(before))
    for path in paths[:2]:
        path.unlink()
    library.vectors.drop(collection.name)
    report = library.index(library.incomplete())
    assert (report.added, report.skipped, report.embedded["colour"]) == (0, [], 4)
    assert {record.id: record for record in library.records.all()} == before
    again = library.vectors.fetch(collection, sorted(before))
    assert np.linalg.norm(again - vectors, axis=1).max() < 0.1  # JPEG again, so not quite the same
