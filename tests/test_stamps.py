"""Stamps tell whether a file can have changed since it was read."""

import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.images.presence import presence_of
from searcher.images.stamps import RACY_NS, is_moved, is_unchanged, stamp_of
from tests.missing_folders import empty, leave_circular_link, leave_dangling_link, move_away


def replace_beside(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"other")
    other.replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "written over": lambda path: path.write_bytes(b"other"),
    "replaced": replace_beside,
    "rights": lambda path: path.chmod(0o600),
    "time": lambda path: os.utime(path, (5, 5)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_is_missed_even_with_the_same_size_and_time(tmp_path: Path, change: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"first")
    before = stamp_of(str(path))
    assert before is not None
    later = time.time_ns() + 2 * RACY_NS
    assert is_unchanged(before.text(later), stamp_of(str(path)))
    assert not is_unchanged(before.text(before.changed + RACY_NS // 2), stamp_of(str(path)))
    assert not is_unchanged(before.text(before.changed - 10**12), before)  # a clock was set back
    while time.time_ns() - before.changed < 20_000_000:
        pass  # until the times of files have gone on
    CHANGES[change](path)
    if change != "time":
        os.utime(path, ns=(before.modified, before.modified))
    assert not is_unchanged(before.text(later), stamp_of(str(path)))
    assert not is_unchanged("", stamp_of(str(path)))
    assert not is_unchanged(before.text(later), None)


def test_a_member_has_the_stamp_of_its_archive_and_a_moved_file_its_own(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x/1.jpg", b"one")
    assert stamp_of(f"{archive}/x/1.jpg") == stamp_of(str(archive)) is not None
    assert stamp_of(f"{tmp_path}/nothing/1.jpg") is None
    before = stamp_of(str(archive))
    assert before is not None
    archive.rename(tmp_path / "b.zip")
    assert is_moved(before.text(), stamp_of(f"{tmp_path}/b.zip/x/1.jpg"))
    (tmp_path / "b.zip").write_bytes(b"other")
    assert not is_moved(before.text(), stamp_of(f"{tmp_path}/b.zip"))


@pytest.mark.parametrize("go", [move_away, empty, leave_dangling_link, leave_circular_link])
def test_only_a_missing_file_in_a_folder_with_others_is_surely_deleted(
    tmp_path: Path, go: Callable[[Path], None]
) -> None:
    folder = tmp_path / "disk" / "folder"
    folder.mkdir(parents=True)
    (folder / "1.jpg").touch()
    (folder / "2.jpg").mkdir()
    assert presence_of(f"{folder}/1.jpg").exists
    for name in ("2.jpg", "3.jpg", "1.jpg/member.jpg"):
        presence = presence_of(f"{folder}/{name}")
        assert (presence.exists, presence.is_surely_deleted) == (False, True)
    go(tmp_path / "disk")
    presence = presence_of(f"{folder}/1.jpg")
    assert (presence.exists, presence.is_surely_deleted) == (False, False)
