"""Runs that take a part, libraries without pictures, and rankings that are cut."""

from pathlib import Path

from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from tests.parameters import ON_EVERY_STORE
from tests.pictures import encode, folder, paint


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


@ON_EVERY_STORE
def test_a_run_can_be_stopped_and_gone_on_with(library: Library, tmp_path: Path) -> None:
    from searcher.images.sources import find_sources

    folder(tmp_path / "in", {"a": 120})
    counts: list[int] = []
    first = library.index(find_sources([tmp_path / "in"]), counts.append, lambda: bool(counts))
    assert first.added == counts[-1] == library.records.count() < 120
    assert library.coverage() == {"colour": first.added, "shape": first.added}
    rest = library.add([tmp_path / "in"])
    assert (rest.added, rest.unchanged) == (120 - first.added, first.added)


@ON_EVERY_STORE
def test_an_empty_library_finds_nothing(library: Library) -> None:
    assert library.search(UploadedQuery("x.jpg", encode(paint(1))), "colour", 5).hits == []


def test_the_number_of_results_is_bounded(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 60})
    library.add([tmp_path / "in"])
    query = UploadedQuery("a-0.jpg", paths[0].read_bytes())
    assert len(library.search(query, "colour", 0).hits) == 1
    assert len(library.search(query, "colour", 10_000).hits) == 50
