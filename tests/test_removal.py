"""Taking pictures out again: by hand, because their file is gone, or because a folder changed."""

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.errors import BadSource
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import Pruning, find, prune
from searcher.library.trash import Removal, remove
from searcher.library.watch import Watch
from searcher.search.query import UploadedQuery
from tests.conftest import ON_EVERY_STORE
from tests.pictures import folder, save

pytestmark = ON_EVERY_STORE


def names(library: Library) -> list[str]:
    return sorted(record.name for record in library.records.all())


def test_removed_is_gone_everywhere_and_can_come_back(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", paths[0].read_bytes())
    first = library.search(query, "colour", 1).hits[0].record.id
    assert remove(library, [first, 4711]).count == 1
    for model in ("colour", "shape"):
        found = library.search(query, model, 8)
        assert len(found.hits) == 7
        assert first not in found.ids
        assert found.unresolved == 0
    assert not library.thumbnail_path(first).exists()
    assert paths[0].exists()  # somebody else's file
    assert examine(library).problems == []
    assert library.add([paths[0]]).added == 1
    assert library.search(query, "shape", 1).ids == [first]
    assert examine(library).problems == []


def test_pictures_are_found_by_path_and_label(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3, "ab": 2})
    library.add([tmp_path / "in"])
    assert len(find(library, labels=["a"])) == 3
    assert len(find(library, paths=[str(tmp_path / "in" / "a")])) == 3
    assert len(find(library, paths=[str(paths[0]), str(paths[4])])) == 2
    assert len(find(library, paths=[str(tmp_path)], labels=["a"])) == 5
    assert find(library) == []
    remove(library, find(library, labels=["a"]))
    assert names(library) == ["ab-0.jpg", "ab-1.jpg"]


def test_pruning_forgets_what_is_gone(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5})
    library.add([tmp_path / "in"])
    assert prune(library, [tmp_path / "in"]).removal.count == 0
    for path in paths[:2]:
        path.unlink()
    assert prune(library, [tmp_path / "in"]).removal.count == 2
    assert library.coverage() == {"colour": 3, "shape": 3}
    assert examine(library).problems == []


def test_pruning_looks_below_its_roots_only(library: Library, tmp_path: Path) -> None:
    """A disk that isn't mounted stays known while another folder is indexed."""
    here, away = tmp_path / "other", tmp_path / "mnt"
    library.add(folder(here, {"a": 2}) + folder(away, {"b": 3}, 20))
    away.rename(tmp_path / "away")
    away.mkdir()
    (here / "a" / "a-0.jpg").unlink()
    pruning = prune(library, [here])
    assert (pruning.removal.count, pruning.warnings) == (1, [])
    assert library.records.count() == 4


def gone(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def emptied(path: Path) -> None:
    gone(path)
    path.mkdir()


def without_pictures(path: Path) -> None:
    emptied(path)
    (path / "NOT MOUNTED.txt").touch()


def dangling(path: Path) -> None:
    gone(path)
    path.symlink_to(path.with_name("nowhere"))


def in_a_circle(path: Path) -> None:
    """Not found for another reason than that it isn't there, as with a disk that fails."""
    gone(path)
    path.symlink_to(path.name)


AWAY = [gone, emptied, without_pictures, dangling, in_a_circle]


@pytest.mark.parametrize("go", AWAY)
def test_a_root_that_is_away_is_a_warning(
    library: Library, tmp_path: Path, go: Callable[[Path], None]
) -> None:
    root = tmp_path / "mnt"
    library.add(folder(root, {"a": 2, "b": 1}))
    go(root)
    pruning = prune(library, [root])
    assert pruning.removal.count == 0
    (warning,) = pruning.warnings
    assert str(warning).startswith(f"{root} is missing, empty or can't be read: 3 pictures stay")
    assert library.records.count() == 3
    assert remove(library, find(library, [root])).count == 3  # by a person's word


@pytest.mark.parametrize("go", [emptied, dangling, in_a_circle])
def test_a_disk_below_a_root_that_is_away_is_a_warning(
    library: Library, tmp_path: Path, go: Callable[[Path], None]
) -> None:
    root = tmp_path / "pictures"
    library.add(folder(root, {"disk": 2, "here": 2, "deleted": 1}))
    go(root / "disk")
    shutil.rmtree(root / "deleted")
    pruning = prune(library, [root])
    assert pruning.removal.count == 1  # the folder that was deleted, with what was in it
    (warning,) = pruning.warnings
    assert str(warning).startswith(f"{root}/disk is missing")
    assert names(library) == ["disk-0.jpg", "disk-1.jpg", "here-0.jpg", "here-1.jpg"]


def test_an_archive_that_is_away_is_a_warning(library: Library, tmp_path: Path) -> None:
    archive = tmp_path / "holiday.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/x.jpg", save(tmp_path / "x.jpg", 5).read_bytes())
    library.add([archive])
    assert prune(library, [archive]) == Pruning(Removal(0, ""), [])
    archive.unlink()
    assert len(prune(library, [archive]).warnings) == 1
    assert library.records.count() == 1
    assert prune(library, [tmp_path]).removal.count == 1  # its folder is there, with a picture


def test_roots_may_be_links(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    (tmp_path / "link").symlink_to(tmp_path / "in")
    library.add([tmp_path / "in"])
    paths[0].unlink()
    assert prune(library, [tmp_path / "link"]).removal.count == 1
    assert len(find(library, [tmp_path / "link" / "a"])) == 2


@pytest.mark.parametrize("go", AWAY)
def test_a_watched_folder_that_vanishes_is_a_warning_until_it_is_back(
    library: Library, tmp_path: Path, go: Callable[[Path], None]
) -> None:
    root, other = tmp_path / "mnt" / "disk", tmp_path / "other"
    folder(root, {"a": 3})
    folder(other, {"b": 2}, 20)
    watch = Watch(library, [root, other])
    watch.step()
    go(root)
    done = watch.step()
    assert done is not None
    assert (done.removed, len(done.warnings)) == (0, 1)
    assert watch.step() is None  # said once
    save(other / "b" / "new.jpg", 60)
    (other / "b" / "b-0.jpg").unlink()
    done = watch.step()
    assert done is not None
    assert done.removed == 1
    done = watch.step()
    assert done is not None
    assert done.report.added == 1
    assert names(library) == ["a-0.jpg", "a-1.jpg", "a-2.jpg", "b-1.jpg", "new.jpg"]

    if root.is_dir() and not root.is_symlink():
        shutil.rmtree(root)
    root.unlink(missing_ok=True)
    root.with_name("elsewhere").rename(root)
    done = watch.step()
    assert done is not None
    assert (done.report.added, done.removed, done.warnings) == (0, 0, [])
    (root / "a" / "a-0.jpg").unlink()
    done = watch.step()
    assert done is not None
    assert done.removed == 1


def test_a_known_folder_can_be_watched_before_it_is_back(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "mnt"
    folder(root, {"a": 2})
    library.add([root])
    gone(root)
    watch = Watch(library, [root])
    done = watch.step()
    assert done is not None
    assert len(done.warnings) == 1
    (tmp_path / "elsewhere").rename(root)
    assert watch.step() is not None
    assert library.records.count() == 2


def test_a_watched_folder_is_kept_in_step(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    elsewhere = save(tmp_path / "else" / "y.jpg", 90)
    library.add([elsewhere])
    watch = Watch(library, [tmp_path / "in"])
    done = watch.step()
    assert done is not None
    assert done[0].added == 3
    assert watch.step() is None

    added = save(tmp_path / "in" / "b" / "new.jpg", 91)
    assert watch.step() is None  # it may still be being written
    assert watch.step() is not None
    assert "new.jpg" in names(library)

    save(paths[0], 92)  # another picture under the same name
    paths[1].unlink()
    done = watch.step()
    assert done is not None
    assert done[1] == 1  # the one that is gone
    done = watch.step()
    assert done is not None
    assert (done[0].added, done[1]) == (1, 1)  # the new content, and the old one
    assert names(library) == ["a-0.jpg", "a-2.jpg", "new.jpg", "y.jpg"]
    found = library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 1).hits[0]
    assert found.distance < 0.01
    assert examine(library).problems == []

    # The content of one picture put over another's: one of them is left, at its old place.
    added.write_bytes(paths[2].read_bytes())
    watch.step()
    watch.step()
    assert names(library) == ["a-0.jpg", "a-2.jpg", "y.jpg"]
    assert watch.step() is None


def test_a_file_that_still_grows_is_left_alone(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 1})
    watch = Watch(library, [tmp_path / "in"])
    watch.step()
    whole = save(tmp_path / "other.jpg", 9).read_bytes()
    for length in (1000, 2000, len(whole)):
        (tmp_path / "in" / "grows.jpg").write_bytes(whole[:length])
        os.utime(tmp_path / "in" / "grows.jpg", ns=(length, length))
        assert watch.step() is None
    done = watch.step()
    assert done is not None
    assert (done[0].added, done[0].skipped) == (1, [])


def test_only_folders_can_be_watched(library: Library, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="not a folder"):
        Watch(library, [save(tmp_path / "x.jpg", 1)])


def test_shards_make_the_whole_and_do_not_overlap(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 40})
    from searcher.images.sources import find_sources

    added = [
        library.index(find_sources([tmp_path / "in"]), shard=(number, 4)).added
        for number in (1, 2, 3, 4)
    ]
    assert sum(added) == 40
    assert all(added)
    assert library.coverage() == {"colour": 40, "shape": 40}


def test_a_run_can_be_stopped_and_gone_on_with(library: Library, tmp_path: Path) -> None:
    from searcher.images.sources import find_sources

    folder(tmp_path / "in", {"a": 120})
    done: list[int] = []
    first = library.index(find_sources([tmp_path / "in"]), done.append, lambda: bool(done))
    assert first.added == done[-1] == library.records.count() < 120
    assert library.coverage() == {"colour": first.added, "shape": first.added}
    rest = library.add([tmp_path / "in"])
    assert (rest.added, rest.unchanged) == (120 - first.added, first.added)
