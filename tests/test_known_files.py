"""Files that are known completely do not go through the pipeline; all others do."""

from pathlib import Path

import pytest

from searcher.images.sources import find_sources
from searcher.indexing import known_files
from searcher.indexing.pipeline import IndexingPipeline
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.library_acts import all_records
from tests.pictures import folder, save

COUNT = 12


@pytest.fixture(params=["look-ups", "all ids"])
def files(
    request: pytest.FixtureRequest,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[Path]:
    """Pictures that were indexed, in parts smaller than a folder."""
    monkeypatch.setattr("searcher.images.stamps.RACY_NS", 0)  # else they could have changed since
    monkeypatch.setattr(known_files, "PART", 5)
    monkeypatch.setattr(known_files, "BULK", 100 if request.param == "look-ups" else 0)
    paths = folder(tmp_path / "in", {"a": COUNT})
    assert library.add([tmp_path / "in"]).added == COUNT
    return paths


def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that get to the pipeline from now on."""
    names: list[str] = []
    plan = IndexingPipeline._plan

    def noted(self, pool, chunk):  # type: ignore[no-untyped-def]
        names.extend(Path(raw.source.path).name for raw in chunk if raw)
        return plan(self, pool, chunk)

    monkeypatch.setattr(IndexingPipeline, "_plan", noted)
    return names


def test_a_second_run_has_nothing_to_plan(
    library: Library, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, progress = planned(monkeypatch), list[int]()
    report = library.add([tmp_path / "in"], progress.append)
    assert (report.added, report.unchanged, names) == (0, COUNT, [])
    assert progress == [5, 10, COUNT]
    # Naming a file twice counts it twice, as always.
    assert library.add([files[0], files[0]]).unchanged == 2


def test_what_lacks_anything_is_completed(
    library: Library, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = {record.name: record for record in all_records(library)}
    ids = [records[path.name].id for path in files]
    models = library.registry.ready()
    library.vectors.delete(models[0].collection, ids[:1])
    library.thumbnail_path(ids[1]).unlink()
    library.records.remove([ids[2]])
    save(files[3], 100)
    save(files[4].with_name("new.jpg"), 200)
    files[5].with_name("copy.jpg").write_bytes(files[5].read_bytes())
    names = planned(monkeypatch)
    report = library.add([tmp_path / "in"])
    expected = [path.name for path in files[:4]]
    assert sorted(names) == sorted([*expected, "new.jpg", "copy.jpg"])
    assert report.added == 3  # its record was lost, another content, new
    assert report.replaced == 1
    assert examine(library).problems == []
    # A picture with several files is always examined: one may have gone. The stamp of a file that
    # had two pictures for a while is stored by the next run.
    library.add([tmp_path / "in"])
    names.clear()
    assert library.add([tmp_path / "in"]).unchanged == COUNT + 2
    assert sorted(names) == sorted([files[5].name, "copy.jpg"])


def test_shards_take_their_share_of_what_is_known(
    library: Library, files: list[Path], tmp_path: Path
) -> None:
    shares = [library.index(find_sources([tmp_path / "in"]), shard=(n, 2)) for n in (1, 2)]
    assert sum(report.unchanged for report in shares) == COUNT
    assert all(0 < report.unchanged < COUNT for report in shares)
