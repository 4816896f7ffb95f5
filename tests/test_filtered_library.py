"""Filters of a library: fields that follow the records, and libraries of earlier versions."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import DiskFull, InvalidRequest, ModelNotReady
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.filtering import add_fields
from searcher.library.trash import remove, undo
from searcher.library.uploads import Upload, add_uploads
from searcher.library.worker import Worker
from searcher.stores.fields import Fields, orientation
from searcher.stores.paths import DataPaths
from tests.full_disk import FILLER, fill, mounted
from tests.parameters import MakeSettings
from tests.pictures import folder, save
from tests.servers import wait_for
from tests.test_chaos import EARLIER
from tests.test_labelled_pictures import index


def found(library: Library, where: str, model: str = "colour") -> set[str]:
    query = library.stored_query(next(iter(library.records.ids())))
    ranking = library.search(query, model, 50, where)
    assert [hit.rank for hit in ranking.hits] == list(range(1, len(ranking.hits) + 1))
    return {hit.record.name for hit in [*ranking.own_copies, *ranking.hits]}


def test_fields_follow_the_records(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    save(tmp_path / "in" / "b" / "tall.jpg", 9, (200, 400))
    library.add([tmp_path / "in"])
    assert found(library, 'label == "a" and source == "folder"') == {f"a-{n}.jpg" for n in range(3)}
    assert found(library, 'orientation == "portrait" or width > 1000') == {"tall.jpg"}
    assert found(library, 'added < "2020-01-01"') == set()
    query = library.stored_query(next(library.records.ids()))
    comparison = library.compare(query, ["colour", "shape"], 9, 'not label == "b"')
    assert [len(ranking.hits) for ranking in comparison.rankings] == [2, 2]  # beside the query
    assert library.records.pending_fields.oldest(9, np.inf) == {}

    index(library, tmp_path / "in", {"a/a-0.jpg": "cat"})
    assert found(library, 'label == "cat"', "shape") == {"a-0.jpg"}
    (tmp_path / "in" / "b").rename(tmp_path / "in" / "moved")
    library.add([tmp_path / "in"])
    assert found(library, 'label == "moved"') == {"tall.jpg"}
    add_uploads(library, [Upload(save(tmp_path / "sent.jpg", 60), "mine.jpg")], "")
    assert found(library, 'source == "upload"') == {"mine.jpg"}

    batch = remove(library, [r.id for r in library.records.all() if r.label == "uploads"]).batch
    assert found(library, 'label like "up%"') == set()
    undo(library, batch)
    library.index(library.incomplete())
    assert found(library, 'label like "up%"') == {"mine.jpg"}

    listed = serializers.listing(library, "", 0)["facets"]
    assert listed["label"] == {"a": 2, "cat": 1, "moved": 1, "uploads": 1}
    assert listed["source"] == {"folder": 4, "upload": 1}
    with pytest.raises(InvalidRequest, match="colour at character 1"):
        found(library, "colour == 'red'")
    assert examine(library, deep=True).problems == []


def test_changes_that_a_process_left_half_done_are_finished(
    library: Library, tmp_path: Path
) -> None:
    library.add(folder(tmp_path / "in", {"a": 3}))
    first, second, third = library.records.all()
    # Killed before the vectors were written: the next indexing run goes on.
    library.records.put([replace(first, label="x")])
    assert found(library, 'label == "x"') == set()
    library.index([])
    assert found(library, 'label == "x"') == {first.name}
    # Or the doctor.
    library.records.put([replace(second, label="y")])
    repaired = [str(repair) for repair in examine(library, repair=True).repaired]
    assert [line for line in repaired if "ended before" in line] == [
        "1 picture was changed by a process that ended before the fields of its vectors were "
        "written: written."
    ]
    assert found(library, 'label == "y"') == {second.name}
    # Without a mark only a comparison of all fields finds it.
    library.vectors.set_fields(
        library.registry.get("shape").collection, {third.id: Fields("wrong")}
    )
    assert examine(library).problems == []
    finding = "shape: 1 vector has fields that differ from its record"
    assert f"{finding}." in [str(p) for p in examine(library, deep=True).problems]
    repairs = examine(library, repair=True, deep=True).repaired
    assert f"{finding}: written." in [str(repair) for repair in repairs]
    assert found(library, 'label == "a"', "shape") == {third.name}


@pytest.mark.parametrize("remedy", ["doctor", "worker"])
def test_a_library_of_an_earlier_version_gets_fields_without_embedding(
    make_settings: MakeSettings, tmp_path: Path, remedy: str
) -> None:
    with zipfile.ZipFile(EARLIER) as archive:
        archive.extractall(tmp_path)
    library = Library(make_settings(MODELS_DIR=str(tmp_path / "models")))
    try:
        ids = list(library.records.ids())
        models = library.registry.ready()
        before = [library.vectors.fetch(m.collection, ids) for m in models]
        assert len(found(library, "")) == 9
        with pytest.raises(ModelNotReady, match=r"Colour.*earlier version.*doctor --repair"):
            found(library, 'label == "cats"')
        problems = [str(problem) for problem in examine(library).problems]
        assert sum("without fields, so that searches" in problem for problem in problems) == 2
        # Another label, while there are no fields to write it to.
        record = next(r for r in library.records.all() if r.label == "cats")
        library.records.put([replace(record, label="lions")])
        library.index([])
        # Vectors that no embedding computes: they must still be there afterwards.
        marked = np.eye(1, before[0].shape[1], dtype=np.float32)
        library.vectors.upsert(models[0].collection, ids[:1], marked)
        if remedy == "doctor":
            repaired = [str(repair) for repair in examine(library, repair=True).repaired]
            assert sum("copied into a collection with fields" in line for line in repaired) == 2
        else:
            worker = Worker(library)
            worker.start()
            is_done = [library.vectors.has_fields, lambda c: not library.vectors.lacks_fields(c)]
            wait_for(lambda: all(d(m.collection) for d in is_done for m in models), what="fields")
            worker.stop(30)
        for model, vectors in zip(models, before, strict=True):
            stored = library.vectors.fetch(model.collection, ids)
            assert stored[1:] == pytest.approx(vectors[1:])
            assert library.vectors.count(model.collection) == 9
        assert library.vectors.get(models[0].collection, ids[0]) == pytest.approx(marked[0])
        assert found(library, 'label == "lions"') == {record.name}
        assert len(found(library, 'source == "upload"', "shape")) == 3
        problems = [str(problem) for problem in examine(library, repair=True, deep=True).problems]
        assert all("the original file is gone" in problem for problem in problems), problems
    finally:
        library.close()


def test_vectors_are_copied_only_where_there_is_room(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    with mounted(tmp_path / "data", 16) as data:
        with zipfile.ZipFile(EARLIER) as archive:
            archive.extractall(tmp_path)
        library = Library(make_settings(MODELS_DIR=str(tmp_path / "models")))
        try:
            model = library.registry.get("colour")
            assert not library.vectors.has_fields(model.collection)
            library.identity.require()
            fill(data, remaining=100_000)  # a copy takes 264,384 bytes
            with pytest.raises(DiskFull, match="no room to copy the vectors of Colour"):
                add_fields(library, model)
            (data / FILLER).unlink()
            assert add_fields(library, model)
            assert len(found(library, "width > 1")) == 9
        finally:
            library.close()
            wait_for(lambda: not (data / "stores/addresses.json").exists(), what="the end")


def test_sources_and_orientations(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path / "data", tmp_path / "samples")
    for path, source in {
        "": "unknown",
        tmp_path / "data/uploads/07/7.jpg": "upload",
        tmp_path / "samples/cats/1.jpg": "sample",
        tmp_path / "trip.ZIP/day/1.jpg": "archive",
        tmp_path / "data2/uploads/1.zip.jpg": "folder",
    }.items():
        assert paths.source(str(path)) == source
    sizes = {(100, 99): "square", (100, 98): "landscape", (640, 641): "square", (0, 0): "square"}
    for size, shape in {**sizes, (3, 4): "portrait", (4, 3): "landscape"}.items():
        assert orientation(*size) == shape
