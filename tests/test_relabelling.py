"""Labels that people set: stored, found by filters, counted, undone."""

import json
from pathlib import Path

import pytest

from searcher.errors import InvalidRequest, NotFound
from searcher.library import filtering, relabelling
from searcher.library.core import Library
from searcher.library.relabelling import set_label, undo_label
from searcher.search.query import UploadedQuery
from tests.pictures import folder


def found(library: Library, path: Path, label: str) -> list[str]:
    """The names of the pictures that a filter by label finds."""
    query = UploadedQuery(path.name, path.read_bytes())
    ranking = library.search(query, "shape", 12, f'label == "{label}"')
    return sorted(hit.record.name for hit in [*ranking.own_copies, *ranking.hits])


def test_a_label_is_set_everywhere_and_undone(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 3, "b": 2})
    library.add([tmp_path / "in"])
    ids = {record.name: record.id for record in library.records.all()}
    some = [ids["a-0.jpg"], ids["b-0.jpg"], 12345]
    result = set_label(library, some, "  kept\tapart ")
    assert result.count == 2
    assert library.records.index.labels() == {"a": 2, "b": 1, "kept\ufffdapart": 2}
    record = library.sidecars.read(ids["a-0.jpg"])
    assert record is not None
    assert record.label == "kept\ufffdapart"
    assert found(library, paths[0], "kept\ufffdapart") == ["a-0.jpg", "b-0.jpg"]
    assert found(library, paths[0], "a") == ["a-1.jpg", "a-2.jpg"]
    assert library.records.check_index(repair=False) == 0
    # Indexing the folder again leaves it.
    library.add([tmp_path / "in"])
    assert library.records.index.labels()["kept\ufffdapart"] == 2
    # Undo gives each its own label back, but leaves one that was changed since.
    set_label(library, [ids["b-0.jpg"]], "c")
    assert undo_label(library, result.batch) == 1
    assert library.records.index.labels() == {"a": 3, "b": 1, "c": 1}
    assert undo_label(library) == 1
    assert library.records.index.labels() == {"a": 3, "b": 1, "kept\ufffdapart": 1}
    for batch in ("", result.batch, "labels-../../library"):
        with pytest.raises(NotFound, match="no change of labels"):
            undo_label(library, batch)
    assert set_label(library, some, "a").count == 1
    assert set_label(library, some, "a") == relabelling.Relabelling(0, "")
    with pytest.raises(InvalidRequest):
        set_label(library, some, "x" * 256)


def test_an_interrupted_change_can_be_undone(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder(tmp_path / "in", {"a": 3})
    library.add([tmp_path / "in"])
    ids = list(library.records.ids())

    def die(*arguments: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # The records are written, and Milvus is not.
        patch.setattr("searcher.indexing.field_updates.FieldUpdates.update", die)
        with pytest.raises(KeyboardInterrupt):
            set_label(library, ids[:2], "b")
    assert library.records.index.labels() == {"b": 2, "a": 1}
    filtering.finish_updates(library)  # as the app does in the background, and `doctor --repair`
    assert len(found(library, paths[0], "b")) == 2
    assert undo_label(library) == 2
    assert len(found(library, paths[0], "a")) == 3
    # A damaged file of former labels is not undone.
    batch = set_label(library, ids, "c").batch
    path = library.settings.data / "relabelled" / f"{batch}.json"
    path.write_text(json.dumps({"label": "c"}))
    with pytest.raises(NotFound):
        undo_label(library)


def test_only_the_latest_changes_are_kept(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", {"a": 1})
    library.add([tmp_path / "in"])
    monkeypatch.setattr(relabelling, "KEPT", 2)
    batches = [set_label(library, library.records.ids(), label).batch for label in "bcd"]
    names = {path.stem for path in (library.settings.data / "relabelled").iterdir()}
    assert names == set(batches[1:])
