"""The trash keeps removed pictures for a week, from which they can be restored."""

import os
import time
from pathlib import Path

import pytest

from searcher.errors import NotFound
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.trash import remove, undo
from searcher.library.uploads import Upload, add_uploads
from searcher.search.query import UploadedQuery
from tests.library_acts import add_numbered_uploads, all_records, restart, stored_files
from tests.parameters import ON_EVERY_STORE
from tests.pictures import folder

DAY_S = 24 * 3600


@ON_EVERY_STORE
def test_a_batch_comes_back_as_it_was(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 2})
    library.add(paths)
    before = add_numbered_uploads(library, tmp_path)
    files = stored_files(library)
    removal = remove(library, [record.id for record in before] + [4711])
    assert (removal.count, removal.batch == "") == (5, False)
    assert (all_records(library), stored_files(library)) == ([], [])
    assert all(path.exists() for path in paths)
    assert (examine(library).problems, examine(library).trash) == ([], 5)
    restart(library)
    assert all_records(library) == []
    assert undo(library, removal.batch) == 5
    assert (all_records(library), stored_files(library)) == (before, files)
    library.index(library.incomplete())
    assert (examine(library).problems, examine(library).trash) == ([], 0)
    assert library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 5).unresolved == 0
    assert list(library.settings.trash.iterdir()) == []


def test_batches_come_back_by_name_or_the_latest_first(library: Library, tmp_path: Path) -> None:
    before = add_numbered_uploads(library, tmp_path)
    batches = [remove(library, [record.id]).batch for record in before]
    assert batches == sorted(set(batches))
    assert remove(library, [before[0].id]) == trash.Removal(0, "")
    assert undo(library, batches[1]) == 1
    assert undo(library) == 1
    assert all_records(library) == before[1:]
    assert undo(library) == 1
    with pytest.raises(NotFound, match="nothing in the trash"):
        undo(library)


@pytest.mark.parametrize(
    "name", ["../records", "..", ".", "/etc", "a/b", "\0", "x" * 5000, "20260101T000000.000000Z-"]
)
def test_names_of_batches_are_no_paths(library: Library, tmp_path: Path, name: str) -> None:
    (record, *_) = add_numbered_uploads(library, tmp_path, 1)
    remove(library, [record.id])
    (library.settings.data / "records" / "manifest.json").write_text('{"records": []}')
    with pytest.raises(NotFound):
        undo(library, name)


def test_what_was_added_again_stays_as_it_is(library: Library, tmp_path: Path) -> None:
    before = add_numbered_uploads(library, tmp_path, 2)
    removal = remove(library, [record.id for record in before])
    path = tmp_path / "sent" / "0.jpg"
    add_uploads(library, [Upload(path, "again.jpg")], "anew")
    (again,) = all_records(library)
    restart(library)
    assert all_records(library) == [again]
    assert undo(library, removal.batch) == 1
    (other,) = (record for record in before if record.id != again.id)
    assert {record.id: record for record in all_records(library)} == {
        again.id: again,
        other.id: other,
    }
    library.index(library.incomplete())
    assert examine(library).problems == []


def test_after_a_week_a_batch_is_deleted(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = add_numbered_uploads(library, tmp_path, 3)
    old, new = remove(library, [before[0].id]).batch, remove(library, [before[1].id]).batch
    restart(library)
    assert examine(library).trash == 2
    now = time.time()
    aged = time.gmtime(now - 7 * DAY_S - 60)
    name = time.strftime("%Y%m%dT%H%M%S.000000Z-", aged) + old.split("-")[1]
    os.rename(library.settings.trash / old, library.settings.trash / name)
    half = library.settings.trash / f"{trash.EXPIRED}{name}-cut-off"
    half.mkdir()
    foreign = library.settings.trash / "my own"
    foreign.mkdir()
    restart(library)
    assert sorted(path.name for path in library.settings.trash.iterdir()) == [new, foreign.name]
    assert all_records(library) == before[2:]
    with pytest.raises(NotFound):
        undo(library, name)


def test_records_that_a_store_brings_back_are_removed_again(
    library: Library, tmp_path: Path
) -> None:
    """Redis lost its last changes, among them the removal."""
    before = add_numbered_uploads(library, tmp_path, 2)
    remove(library, [before[0].id])
    library.records.connection.call(
        lambda client: [
            client.hset(f"twinlens:image:{before[0].id}", mapping=before[0].to_hash()),  # type: ignore[arg-type]
            client.zadd("twinlens:images", {str(before[0].id): before[0].added}),
        ]
    )
    assert library.records.count() == 2
    restart(library)
    assert all_records(library) == before[1:]
    assert undo(library) == 1


def test_a_batch_with_a_damaged_manifest_comes_back(library: Library, tmp_path: Path) -> None:
    before = add_numbered_uploads(library, tmp_path, 3)
    removal = remove(library, [record.id for record in before])
    (library.settings.trash / removal.batch / "manifest.json").write_bytes(b"\0" * 4096)
    restart(library)
    assert undo(library) == 3
    assert all_records(library) == before


def test_a_record_without_a_sidecar_or_thumbnail_comes_back(
    library: Library, tmp_path: Path
) -> None:
    (record,) = add_numbered_uploads(library, tmp_path, 1)
    library.sidecars.path(record.id).unlink()
    library.thumbnail_path(record.id).unlink()
    remove(library, [record.id])
    assert undo(library) == 1
    assert examine(library, repair=True).problems == []
    assert all_records(library) == [record]
