"""Indexing in parts: in shards, and in runs that are stopped and continued."""

from pathlib import Path

from searcher.library.core import Library
from tests.parameters import ON_EVERY_STORE
from tests.pictures import folder

pytestmark = ON_EVERY_STORE


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
    counts: list[int] = []
    first = library.index(find_sources([tmp_path / "in"]), counts.append, lambda: bool(counts))
    assert first.added == counts[-1] == library.records.count() < 120
    assert library.coverage() == {"colour": first.added, "shape": first.added}
    rest = library.add([tmp_path / "in"])
    assert (rest.added, rest.unchanged) == (120 - first.added, first.added)
