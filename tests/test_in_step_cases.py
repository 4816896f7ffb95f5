"""Replaced, growing, moved and removed files, in cases that the state machine does not reach."""

import os
from functools import partial
from pathlib import Path

import pytest
import redis

from searcher.images import stamps
from searcher.images.sources import Source
from searcher.indexing import reading
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.relabelling import set_label
from searcher.library.removal import detach, find, prune
from searcher.library.trash import remove, undo
from searcher.library.upkeep import put_in_order
from searcher.library.watch import Watch
from searcher.stores.path_index import COMPLETE, PATHS
from searcher.stores.records import Record
from tests.disks import claims
from tests.library_acts import record_names
from tests.pictures import encode, folder, paint, save


def only(library: Library) -> Record:
    (record,) = library.records.all()
    return record


def contents_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are read from now on."""
    paths: list[str] = []
    method = Source.read

    def read(source: Source) -> bytes:
        paths.append(source.path)
        return method(source)

    monkeypatch.setattr(Source, "read", read)
    return paths


def test_a_picture_that_comes_back_leaves_its_path_to_the_new_one(
    library: Library, tmp_path: Path
) -> None:
    path = save(tmp_path / "in" / "a.jpg", 1)
    library.add([path])
    old = only(library)
    save(path, 2)
    assert str(examine(library).problems[0]).startswith("1 file has another content")
    report = library.add([path])
    assert (report.added, report.replaced, only(library).path) == (1, 1, str(path))
    assert examine(library).problems == []
    new = only(library)
    assert undo(library, report.trash) == 1
    for _ in range(2):  # its return is a person's word, too
        assert library.add([path]).replaced == 0
        assert claims(library) == {str(path): new.id}
        assert library.records.count() == 2
    (restored,) = (r for r in library.records.all() if r.id == old.id)
    assert (restored.path, restored.name) == ("", "a.jpg")
    # Its file is put back, and so the new one goes.
    save(path, 1)
    assert library.add([path]).replaced == 1
    assert claims(library) == {str(path): old.id}
    # Something that is no picture is a reason to go for --prune only.
    path.write_bytes(b"no picture")
    save(path.with_name("b.jpg"), 3)
    report = library.add([tmp_path / "in"])
    assert (report.replaced, len(report.skipped)) == (0, 1)
    assert len(examine(library, repair=True).problems) == 1
    assert prune(library, [tmp_path / "in"]).removal.count == 1
    assert record_names(library) == ["b.jpg"]


def test_libraries_of_earlier_versions_get_in_step(library: Library, tmp_path: Path) -> None:
    """These have two records with one path, no index of paths and no stamps."""
    path, other = save(tmp_path / "in" / "a.jpg", 1), save(tmp_path / "in" / "b.jpg", 2)
    library.add([path, other])
    first, second = sorted(library.records.all(), key=lambda record: record.path)
    library.records.put([first.at([str(other)])])
    path.unlink()
    library.records.connection.call(lambda client: client.delete(PATHS, COMPLETE))
    put_in_order(library)
    entries = library.records.at_paths([str(other)])
    assert [set(entry.ids) for entry in entries] == [{first.id, second.id}]
    assert len(examine(library).problems) == 1
    assert examine(library, repair=True).problems == []
    assert claims(library) == {str(other): second.id}
    # An index that has lost entries, or has wrong ones, is repaired.
    library.records.connection.call(partial(_spoil, path=str(other)))
    assert len(examine(library).problems) == 1
    assert examine(library, repair=True).problems == []
    assert claims(library) == {str(other): second.id}


def _spoil(client: redis.Redis, path: str) -> None:
    client.hdel(PATHS, path)
    client.hset(PATHS, "/nowhere.jpg", "4711;")


def test_files_that_change_while_they_are_read_are_read_later(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SETTLE_S", 0.0)
    root = tmp_path / "in"
    whole = encode(paint(5))
    endless, growing = save(root / "endless.jpg", 6), root / "growing.jpg"
    growing.write_bytes(whole[:-500])
    save(root / "still.jpg", 7)
    method = Source.read

    def read(source: Source) -> bytes:
        data = method(source)
        if source.path == str(growing):
            growing.write_bytes(whole)  # all is there after the first time
            if data == whole:
                os.utime(growing, ns=times)
        elif source.path == str(endless):
            endless.write_bytes(endless.read_bytes() + b"more")
        return data

    growing.write_bytes(whole)
    times = growing.stat().st_mtime_ns, growing.stat().st_mtime_ns
    growing.write_bytes(whole[:-500])
    monkeypatch.setattr(Source, "read", read)
    report = library.add([root])
    names = [(os.path.basename(path), reason.code) for path, reason in report.skipped]
    assert ("endless.jpg", "picture.changed") in names
    assert "endless.jpg" not in record_names(library)
    monkeypatch.setattr(Source, "read", method)
    assert library.add([root]).skipped == []
    assert record_names(library) == ["endless.jpg", "growing.jpg", "still.jpg"]
    assert library.records.count() == 3
    assert examine(library).problems == []


def test_unchanged_files_are_not_read_again(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    library.add([tmp_path / "in"])
    paths_read = contents_read(monkeypatch)
    assert library.add([tmp_path / "in"]).unchanged == 3
    assert len(paths_read) == 3  # they were written a moment before they were read
    monkeypatch.setattr(stamps, "RACY_NS", 0)
    paths_read.clear()
    assert library.add([tmp_path / "in"]).unchanged == 3
    assert prune(library, [tmp_path / "in"]).removal.count == 0
    assert examine(library).problems == []
    assert paths_read == []
    os.utime(paths[0], (1, 1))  # as after a clock was set back
    library.thumbnail_path(find(library, [paths[1]])[0]).unlink()
    report = library.add([tmp_path / "in"])
    assert (report.unchanged, report.added, report.replaced) == (3, 0, 0)
    assert sorted(paths_read) == sorted(map(str, paths[:2]))
    assert examine(library).problems == []


def test_a_picture_keeps_what_a_person_gave_it_on_all_its_ways(
    library: Library, tmp_path: Path
) -> None:
    root = tmp_path / "in"
    path = save(root / "a" / "1.jpg", 1)
    save(root / "a" / "2.jpg", 2)
    watch = Watch(library, [root])
    watch.step()
    (picture_id,) = find(library, [path])
    set_label(library, [picture_id], "mine")
    (before,) = library.records.get([picture_id])
    assert before is not None
    path.rename(root / "a" / "renamed.jpg")
    step = watch.step()
    assert step is not None
    assert (step.report.added, step.removed) == (0, 0)
    (after,) = library.records.get([picture_id])
    assert after is not None
    assert (after.name, after.label, after.added) == ("renamed.jpg", "mine", before.added)
    # A copy in another folder: both are removed by their own word only.
    copy = save(root / "b" / "copy.jpg", 1)
    library.add([root])
    (tmp_path / "link").symlink_to(root / "b")
    assert detach(library, [tmp_path / "link"]) == ([], 1)
    assert find(library, [copy]) == []
    library.add([root])
    (root / "a" / "renamed.jpg").unlink()
    assert prune(library, [root / "b"]).removal.count == 0  # only the other folder
    assert len(find(library, [root / "a" / "renamed.jpg"])) == 1
    assert examine(library).problems != []
    library.add([root / "b"])
    assert examine(library).problems == []
    (record,) = library.records.get([picture_id])
    assert record is not None
    assert (record.paths, record.name, record.label) == ((str(copy),), "copy.jpg", "mine")
    ids, remaining = detach(library, [root / "b"])
    assert (remove(library, ids).count, remaining) == (1, 0)


def test_of_very_many_copies_some_are_known(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searcher.indexing.path_claims.MAX_COPIES", 5)
    root = tmp_path / "in"
    root.mkdir()
    data = encode(paint(1))
    for number in range(40):
        (root / f"{number:02}.jpg").write_bytes(data)
    library.add([root])
    assert 5 <= len(only(library).paths) <= 7
    for known in only(library).paths:
        os.unlink(known)
    library.add([root])
    assert prune(library, [root]).removal.count == 0
    assert os.path.exists(only(library).path)
