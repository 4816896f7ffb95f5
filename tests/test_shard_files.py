"""A part of a run takes files by their size and ends, and reads no others."""

import zipfile
from pathlib import Path

import pytest

from searcher.images.sources import Source, find_sources
from searcher.indexing.prepare import Raw, ReadAhead
from searcher.indexing.shard_files import END, ShardFiles
from searcher.library.core import Library
from tests.pictures import encode, folder, paint

COUNT = 24


def part_of(source: Source, count: int = 7) -> int:
    """The only part that takes a file."""
    (number,) = (n for n in range(1, count + 1) if ShardFiles((n, count)).takes(source))
    return number


def test_the_same_content_gets_to_the_same_part_wherever_it_lies(tmp_path: Path) -> None:
    parts: list[int] = []
    for number in range(40):
        data = bytes([number]) * (2 * END + number % 3)
        paths = [tmp_path / host / f"{number}" for host in ("a", "b")]
        for path in paths:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        found = {part_of(Source(str(path))) for path in paths}
        assert found == {part_of(Source("in memory", content=data))}
        parts += found
    assert set(parts) == set(range(1, 8))


@pytest.mark.parametrize(
    ("place", "is_same"), [(0, False), (END, True), (2 * END - 1, True), (2 * END, False)]
)
def test_the_ends_of_a_file_decide(tmp_path: Path, place: int, is_same: bool) -> None:
    first, second = bytearray(3 * END), bytearray(3 * END)
    second[place] = 1
    paths = tmp_path / "1", tmp_path / "2"
    for path, data in zip(paths, (first, second), strict=True):
        path.write_bytes(data)
    parts = [part_of(Source(str(path)), 1009) for path in paths]
    assert (parts[0] == parts[1]) is is_same


def test_every_part_takes_what_cannot_be_read(tmp_path: Path) -> None:
    missing, small = Source(str(tmp_path / "gone.jpg")), tmp_path / "small"
    small.write_bytes(b"x")
    assert all(ShardFiles((n, 3)).takes(missing) for n in (1, 2, 3))
    assert part_of(Source(str(small)), 3) in (1, 2, 3)
    decided = Source(str(small), is_own=True), Source(str(small), is_own=False)
    assert [[ShardFiles((n, 2)).takes(s) for n in (1, 2)] for s in decided] == [
        [True] * 2,
        [False] * 2,
    ]


def test_a_part_reads_no_file_of_the_others(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ReadAhead.read
    names: list[str] = []

    def noted(self: ReadAhead, source: Source, *rest: object) -> Raw:
        names.append(source.path)
        return read(self, source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadAhead, "read", noted)
    paths = folder(tmp_path / "in", {"a": COUNT})
    archives = [tmp_path / f"{number}.zip" for number in range(4)]
    for number, path in enumerate(archives):
        with zipfile.ZipFile(path, "w") as archive:
            for member in range(3):
                archive.writestr(f"{member}.jpg", encode(paint(100 + 3 * number + member)))

    shares = []
    for part in (1, 2):
        report = library.index(find_sources([tmp_path / "in", *archives]), shard=(part, 2))
        assert report.added == len(names) > 0
        shares.append(set(names))
        names.clear()
    assert not shares[0] & shares[1]
    assert len(shares[0] | shares[1]) == COUNT + 4 * 3
    opened = [{path.rpartition("/")[0] for path in share if ".zip/" in path} for share in shares]
    assert not opened[0] & opened[1], "an archive is not divided"
    assert {str(path) for path in paths} <= shares[0] | shares[1]


def test_an_interrupted_part_is_finished_by_the_same_part(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": COUNT})
    added = [
        library.index(find_sources([tmp_path / "in"]), shard=(part, 2)).added for part in (1, 2)
    ]
    # As after kill -9 between records and vectors, which the second part does not see to.
    models = library.registry.ready()
    first = list(library.records.ids())[: added[0]]
    for model in models:
        library.vectors.delete(model.collection, first)
    again = [library.index(find_sources([tmp_path / "in"]), shard=(part, 2)) for part in (2, 1)]
    assert [report.embedded[models[0].name] for report in again] == [0, added[0]]
    assert library.coverage() == {"colour": COUNT, "shape": COUNT}
