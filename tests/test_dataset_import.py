"""Data sets of the Hub in the library: stored, labelled, interrupted and read again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searcher.datasets.dataset_address import Selection, parse_reference
from searcher.datasets.hub_dataset import HubDataset
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.library.dataset_import import add_dataset, stored_sources
from searcher.library.doctor import examine
from searcher.library.removal import find
from searcher.library.trash import remove, undo
from searcher.library.upkeep import put_in_order
from tests import hub_server
from tests.datasets import image_row, labelled_rows, write_parquet
from tests.hub_repository import Repository
from tests.pictures import png_bomb


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the data set `zoo/animals`, on a server of its own."""
    with hub_server.serving() as hub:
        hub.repositories["datasets/zoo/animals"] = Repository(tmp_path / "zoo")
        hub_server.use(hub, tmp_path, monkeypatch)
        (tmp_path / "zoo").mkdir()
        (tmp_path / "zoo" / "README.md").write_text("# animals")
        yield tmp_path / "zoo"


def dataset(**selection: Any) -> HubDataset:
    return HubDataset(parse_reference("hf:datasets/zoo/animals"), Selection(**selection))


def add(library: Library, **selection: Any) -> Report:
    return add_dataset(library, dataset(**selection))


def labels(library: Library) -> dict[str, str]:
    return {record.name: record.label for record in library.records.all()}


def test_pictures_are_stored_in_the_data_folder(library: Library, data: Path) -> None:
    write_parquet(data / "train.parquet", labelled_rows(0, 6))
    report = add(library)
    assert (report.added, report.skipped, report.embedded["colour"]) == (6, [], 6)
    assert library.records.index.labels() == {"bear": 2, "cat": 2, "zebra": 2}
    for record in library.records.all():
        assert Path(record.path).is_relative_to(library.settings.uploads)
    again = add(library)
    assert (again.added, again.unchanged, again.relabelled) == (0, 6, 0)
    assert examine(library).problems == []
    # As any picture that was added, they can be removed and brought back.
    removal = remove(library, find(library, labels=["cat"]))
    assert len(list(library.settings.uploads.rglob("*.jpg"))) == 4
    assert undo(library, removal.batch) == 2
    library.index(library.incomplete())
    assert examine(library).problems == []


def test_another_column_changes_the_labels(library: Library, data: Path) -> None:
    rows = [image_row(n, label=n, place="sea" if n else None) for n in range(3)]
    write_parquet(data / "train.parquet", rows)
    add(library)
    report = add(library, label="place")
    assert (report.added, report.relabelled) == (0, 2)
    expected = {"picture-0.jpg": "bear", "picture-1.jpg": "sea", "picture-2.jpg": "sea"}
    assert labels(library) == expected
    assert examine(library).problems == []


def test_bad_rows_are_skipped_with_a_sentence(library: Library, data: Path) -> None:
    bad = [b"no picture", png_bomb(30_000), None]
    rows = [{"image": {"bytes": b, "path": f"bad-{n}.jpg"}, "label": 0} for n, b in enumerate(bad)]
    write_parquet(data / "train.parquet", [*labelled_rows(0, 2), *rows, *labelled_rows(5, 1)])
    report = add(library)
    assert report.added == 3
    reasons = [str(reason) for _, reason in report.skipped]
    assert [name for name, _ in report.skipped] == ["bad-0.jpg", "bad-1.jpg", "bad-2.jpg"]
    assert reasons[0].startswith("bad-0.jpg is not a picture in a known format")
    assert reasons[1:] == [
        "bad-1.jpg has more than 500 megapixels.",
        "bad-2.jpg is not in the data set, which has only its address.",
    ]
    assert examine(library).problems == []


def test_a_run_that_was_cut_off_is_continued(library: Library, data: Path) -> None:
    write_parquet(data / "train.parquet", labelled_rows(0, 40))
    library.identity.require()
    # Stored, but never indexed: as if killed in between.
    interrupted = stored_sources(library, dataset())
    for _ in range(3):
        next(interrupted)
    assert library.records.count() == 0
    report = add(library)
    assert (report.added, report.embedded["shape"]) == (40, 40)
    assert examine(library).problems == []


def test_what_was_stored_only_is_registered_with_its_label(library: Library, data: Path) -> None:
    write_parquet(data / "train.parquet", labelled_rows(0, 2))
    library.identity.require()
    list(stored_sources(library, dataset()))
    assert examine(library, repair=True).problems == []
    assert labels(library) == {"picture-0.jpg": "bear", "picture-1.jpg": "cat"}


def test_a_stopped_run_keeps_what_it_reported(library: Library, data: Path) -> None:
    write_parquet(data / "train.parquet", labelled_rows(0, 200), row_group_size=10)
    counts: list[int] = []
    report = add_dataset(library, dataset(), counts.append, lambda: bool(counts))
    assert report.stopped
    assert 0 < report.added == library.records.count() < 200
    # Those that were stored already are added by the next round of the worker.
    put_in_order(library)
    library.index(library.incomplete())
    assert report.added < library.records.count() < 200
    assert examine(library).problems == []


def test_shards_divide_a_data_set(library: Library, data: Path) -> None:
    write_parquet(data / "train.parquet", labelled_rows(0, 12))
    for n in (1, 2):
        sources = stored_sources(library, dataset(), (n, 2))
        assert 0 < library.index(sources, shard=(n, 2)).added < 12
        stored = {int(path.stem) for path in library.settings.uploads.rglob("*.jpg")}
        assert stored == set(library.records.ids())
    assert library.records.count() == 12
