"""Removing pictures: by hand, or because their files no longer exist."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import Pruning, find, prune
from searcher.library.trash import Removal, remove
from searcher.search.query import UploadedQuery
from tests.library_acts import record_names
from tests.missing_folders import LOSSES, empty, leave_circular_link, leave_dangling_link
from tests.parameters import ON_EVERY_STORE
from tests.pictures import folder, save


@ON_EVERY_STORE
def test_removed_is_gone_everywhere_and_can_come_back(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", paths[0].read_bytes())
    first = library.search(query, "colour", 1).own_copies[0].record.id
    assert remove(library, [first, 4711]).count == 1
    for model in ("colour", "shape"):
        results = library.search(query, model, 8)
        assert (len(results.hits), results.own_copies) == (7, [])
        assert first not in results.ids
        assert results.unresolved == 0
    assert not library.thumbnail_path(first).exists()
    assert paths[0].exists()  # somebody else's file
    assert examine(library).problems == []
    assert library.add([paths[0]]).added == 1
    assert [copy.record.id for copy in library.search(query, "shape", 1).own_copies] == [first]
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
    assert record_names(library) == ["ab-0.jpg", "ab-1.jpg"]


@ON_EVERY_STORE
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


@pytest.mark.parametrize("go", LOSSES)
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
    assert (
        remove(library, find(library, [root])).count == 3
    )  # an explicit removal ignores the warning


@pytest.mark.parametrize("go", [empty, leave_dangling_link, leave_circular_link])
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
    assert record_names(library) == ["disk-0.jpg", "disk-1.jpg", "here-0.jpg", "here-1.jpg"]


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
