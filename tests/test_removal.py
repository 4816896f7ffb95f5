"""Taking pictures out again: by hand, because their file is gone, or because a folder changed."""

import os
from pathlib import Path

import pytest

from searcher.doctor import examine
from searcher.errors import BadSource
from searcher.library import Library
from searcher.removal import find, prune
from searcher.search import Query
from searcher.trash import remove
from searcher.watch import Watch
from tests.conftest import ON_EVERY_STORE
from tests.pictures import folder, save

pytestmark = ON_EVERY_STORE


def names(library: Library) -> list[str]:
    return sorted(record.name for record in library.records.all())


def test_removed_is_gone_everywhere_and_can_come_back(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    query = Query("x", paths[0].read_bytes())
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
    found = library.search(Query("x", paths[0].read_bytes()), "colour", 1).hits[0]
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
    from searcher.sources import find_sources

    added = [
        library.ingest(find_sources([tmp_path / "in"]), shard=(number, 4)).added
        for number in (1, 2, 3, 4)
    ]
    assert sum(added) == 40
    assert all(added)
    assert library.coverage() == {"colour": 40, "shape": 40}


def test_a_run_can_be_stopped_and_gone_on_with(library: Library, tmp_path: Path) -> None:
    from searcher.sources import find_sources

    folder(tmp_path / "in", {"a": 120})
    done: list[int] = []
    first = library.ingest(find_sources([tmp_path / "in"]), done.append, lambda: bool(done))
    assert first.added == done[-1] == library.records.count() < 120
    assert library.coverage() == {"colour": first.added, "shape": first.added}
    rest = library.add([tmp_path / "in"])
    assert (rest.added, rest.known) == (120 - first.added, first.added)
