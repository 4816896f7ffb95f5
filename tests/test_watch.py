"""Watched folders: the library follows their changes, and keeps what is only out of reach."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.errors import BadSource
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.watch import Watch
from searcher.search.query import UploadedQuery
from tests.library_acts import record_names
from tests.missing_folders import LOSSES, move_away
from tests.parameters import ON_EVERY_STORE
from tests.pictures import folder, save


@pytest.mark.parametrize("go", LOSSES)
def test_a_watched_folder_that_vanishes_is_a_warning_until_it_is_back(
    library: Library, tmp_path: Path, go: Callable[[Path], None]
) -> None:
    root, other = tmp_path / "mnt" / "disk", tmp_path / "other"
    folder(root, {"a": 3})
    folder(other, {"b": 2}, 20)
    watch = Watch(library, [root, other])
    watch.step()
    go(root)
    changes = watch.step()
    assert changes is not None
    assert (changes.removed, len(changes.warnings)) == (0, 1)
    assert watch.step() is None  # the warning comes once
    save(other / "b" / "new.jpg", 60)
    (other / "b" / "b-0.jpg").unlink()
    changes = watch.step()
    assert changes is not None
    assert changes.removed == 1
    changes = watch.step()
    assert changes is not None
    assert changes.report.added == 1
    assert record_names(library) == ["a-0.jpg", "a-1.jpg", "a-2.jpg", "b-1.jpg", "new.jpg"]

    if root.is_dir() and not root.is_symlink():
        shutil.rmtree(root)
    root.unlink(missing_ok=True)
    root.with_name("elsewhere").rename(root)
    changes = watch.step()
    assert changes is not None
    assert (changes.report.added, changes.removed, changes.warnings) == (0, 0, [])
    (root / "a" / "a-0.jpg").unlink()
    changes = watch.step()
    assert changes is not None
    assert changes.removed == 1


def test_a_known_folder_can_be_watched_before_it_is_back(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "mnt"
    folder(root, {"a": 2})
    library.add([root])
    move_away(root)
    watch = Watch(library, [root])
    changes = watch.step()
    assert changes is not None
    assert len(changes.warnings) == 1
    (tmp_path / "elsewhere").rename(root)
    assert watch.step() is not None
    assert library.records.count() == 2


@ON_EVERY_STORE
def test_a_watched_folder_is_kept_in_step(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    elsewhere = save(tmp_path / "else" / "y.jpg", 90)
    library.add([elsewhere])
    (tmp_path / "in" / "film.mov").write_bytes(b"no picture")
    watch = Watch(library, [tmp_path / "in"])
    changes = watch.step()
    assert changes is not None
    assert changes[0].added == 3
    assert [entry["names"] for entry in changes[0].left_out.document()] == [[".mov"]]
    assert watch.step() is None

    added = save(tmp_path / "in" / "b" / "new.jpg", 91)
    assert watch.step() is None  # it may still be being written
    changes = watch.step()
    assert changes is not None
    assert not changes[0].left_out  # it was said before
    assert "new.jpg" in record_names(library)

    save(paths[0], 92)  # another picture under the same name
    paths[1].unlink()
    changes = watch.step()
    assert changes is not None
    assert changes[1] == 1  # the deleted file
    changes = watch.step()
    assert changes is not None
    assert (changes[0].added, changes[1]) == (1, 1)  # the new content, and the old one
    assert record_names(library) == ["a-0.jpg", "a-2.jpg", "new.jpg", "y.jpg"]
    hit = library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 1).own_copies[0]
    assert hit.distance < 0.01
    assert examine(library).problems == []

    # The content of one picture put over another's: one of them is left, at its old place.
    added.write_bytes(paths[2].read_bytes())
    watch.step()
    watch.step()
    assert record_names(library) == ["a-0.jpg", "a-2.jpg", "y.jpg"]
    assert watch.step() is None


def test_a_file_that_still_grows_is_left_alone(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 1})
    watch = Watch(library, [tmp_path / "in"])
    watch.step()
    full_content = save(tmp_path / "other.jpg", 9).read_bytes()
    for length in (1000, 2000, len(full_content)):
        (tmp_path / "in" / "grows.jpg").write_bytes(full_content[:length])
        os.utime(tmp_path / "in" / "grows.jpg", ns=(length, length))
        assert watch.step() is None
    changes = watch.step()
    assert changes is not None
    assert (changes[0].added, changes[0].skipped) == (1, [])


def test_only_folders_can_be_watched(library: Library, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="not a folder"):
        Watch(library, [save(tmp_path / "x.jpg", 1)])
