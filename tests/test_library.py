"""The library: adding, searching, comparing, and models that come and go."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from searcher.errors import BadImage, BadSource, ModelNotReady
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.search.query import UploadedQuery
from tests import onnx_files
from tests.parameters import ON_EVERY_STORE
from tests.pictures import encode, folder, paint, save


def hit_paths(library: Library, path: Path, k: int = 5, model: str = "colour") -> list[str]:
    """The paths of the k nearest, the query's own copy among them."""
    ranking = library.search(UploadedQuery(path.name, path.read_bytes()), model, k)
    return [hit.record.path for hit in [*ranking.own_copies, *ranking.hits][:k]]


@ON_EVERY_STORE
def test_a_picture_finds_itself_first(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 6, "b": 6})
    report = library.add([tmp_path / "in"])
    assert (report.added, report.unchanged, report.skipped) == (12, 0, [])
    assert report.embedded == {"colour": 12, "shape": 12}
    for model in ("colour", "shape"):
        for path in paths:
            ranking = library.search(UploadedQuery(path.name, path.read_bytes()), model, 3)
            (copy,) = ranking.own_copies
            assert copy.record.path == str(path)
            assert copy.distance < 0.01
            assert copy.rank == 0
            assert len(ranking.hits) == 3


@ON_EVERY_STORE
def test_hits_are_ordered_and_similarity_follows_distance(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 20})
    library.add([tmp_path / "in"])
    for model in ("colour", "shape"):  # the top 5 are the start of the top 15
        assert hit_paths(library, paths[3], 5, model) == hit_paths(library, paths[3], 15, model)[:5]
    ranking = library.search(UploadedQuery("x.jpg", paths[0].read_bytes()), "shape", 20)
    distances = [hit.distance for hit in ranking.hits]
    assert distances == sorted(distances)
    assert [hit.rank for hit in ranking.hits] == list(range(1, 20))
    for hit in ranking.hits:
        assert hit.similarity == pytest.approx(1 - hit.distance**2 / 2)
    assert set(ranking.timings_ms) == {"decode", "embed", "milvus", "redis", "total"}
    parts = [ms for stage, ms in ranking.timings_ms.items() if stage != "total"]
    assert ranking.timings_ms["total"] == pytest.approx(sum(parts), abs=0.1)


def test_the_same_name_in_two_folders_is_two_pictures(library: Library, tmp_path: Path) -> None:
    a, b = save(tmp_path / "a" / "same.jpg", 1), save(tmp_path / "b" / "same.jpg", 2)
    library.add([tmp_path / "a", tmp_path / "b"])
    assert library.records.count() == 2
    assert hit_paths(library, a, 2)[0] == str(a)
    assert hit_paths(library, b, 2)[0] == str(b)


def test_equal_files_are_one_picture(library: Library, tmp_path: Path) -> None:
    path = save(tmp_path / "a" / "one.jpg", 1)
    (tmp_path / "b").mkdir()
    shutil.copy(path, tmp_path / "b" / "two.jpg")
    report = library.add([tmp_path / "a", tmp_path / "b"])
    assert (report.added, report.unchanged) == (1, 1)
    assert library.coverage() == {"colour": 1, "shape": 1}


def test_equal_files_far_apart_are_one_picture_too(library: Library, tmp_path: Path) -> None:
    """Further apart than a chunk, and in neighbouring chunks, which overlap in time."""
    paths = folder(tmp_path / "in", {"a": 40})
    for number in (0, 33, 39):
        shutil.copy(paths[number], tmp_path / "in" / "a" / f"z-copy-{number}.jpg")
    report = library.add([tmp_path / "in"])
    assert (report.added, report.unchanged) == (40, 3)
    assert library.records.count() == 40
    assert library.coverage() == {"colour": 40, "shape": 40}


def test_indexing_again_does_nothing(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 10})
    library.add([tmp_path / "in"])
    again = library.add([tmp_path / "in"])
    assert (again.added, again.unchanged) == (0, 10)
    assert again.embedded == {"colour": 0, "shape": 0}


def test_bad_files_are_skipped_and_named_once(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    (tmp_path / "in" / "a" / "text.jpg").write_text("no picture")
    (tmp_path / "in" / "a" / "cut.jpg").write_bytes(encode(paint(9))[:900])
    (tmp_path / "in" / "a" / "empty.png").write_bytes(b"")
    report = library.add([tmp_path / "in"])
    assert report.added == 3
    assert sorted(Path(path).name for path, _ in report.skipped) == [
        "cut.jpg",
        "empty.png",
        "text.jpg",
    ]
    for path, reason in report.skipped:
        assert str(reason).startswith(Path(path).name)
        assert str(tmp_path) not in str(reason)


def test_every_format_is_indexed(library: Library, tmp_path: Path) -> None:
    formats = ["jpg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic"]
    for number, suffix in enumerate(formats):
        kind = {"jpg": "JPEG", "heic": "HEIF"}.get(suffix, suffix.upper())
        (tmp_path / f"x.{suffix}").write_bytes(encode(paint(number), kind))
    report = library.add([tmp_path])
    assert (report.added, report.skipped) == (8, [])
    records = library.records.get(list(library.records.ids()))
    assert {(r.width, r.height) for r in records if r} == {(320, 240)}


def test_records_and_thumbnails_are_complete(library: Library, tmp_path: Path) -> None:
    path = save(tmp_path / "dogs" / "big.jpg", 1, (2000, 1500))
    library.add([path])
    (record,) = library.records.get(list(library.records.ids()))
    assert record is not None
    assert (record.label, record.name, record.path) == ("dogs", "big.jpg", str(path))
    assert (record.width, record.height) == (2000, 1500)
    assert record.bytes == path.stat().st_size
    with Image.open(io.BytesIO(library.thumbnail_path(record.id).read_bytes())) as small:
        assert small.size == (640, 480)


@ON_EVERY_STORE
def test_a_new_model_is_caught_up_with(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    assert library.incomplete() == []
    onnx_files.write(library.settings.models_dir, "mean")
    assert library.coverage()["mean"] == 0
    assert len(library.incomplete()) == 12
    report = library.index(library.incomplete())
    assert report.embedded == {"colour": 0, "shape": 0, "mean": 12}
    assert library.incomplete() == []
    assert hit_paths(library, paths[0], 1, "mean") == [str(paths[0])]


@ON_EVERY_STORE
def test_a_changed_model_is_never_searched_with_old_vectors(
    library: Library, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 4})
    onnx_files.write(library.settings.models_dir, "mean", side=8)
    library.add([tmp_path / "in"])
    onnx_files.write(library.settings.models_dir, "mean", side=16)
    assert hit_paths(library, paths[0], 4, "mean") == []
    library.index(library.incomplete())
    assert len(hit_paths(library, paths[0], 4, "mean")) == 4
    problems = examine(library).problems
    if library.settings.milvus_uri:
        assert problems == []  # on a server it may be another application's
        return
    assert len(problems) == 1
    assert "belongs to no model file" in str(problems[0])
    assert examine(library, repair=True).problems == []


def test_a_hit_without_a_record_is_left_out_and_counted(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x", paths[0].read_bytes())
    removed_id = library.search(query, "colour", 1).own_copies[0].record.id
    library.records.remove([removed_id])
    ranking = library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 5)
    assert ranking.unresolved == 1
    assert [hit.rank for hit in ranking.hits] == [1, 2, 3, 4]
    assert removed_id not in ranking.ids


def test_each_side_of_a_comparison_shows_its_own_models_hits(
    library: Library, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 30})
    library.add([tmp_path / "in"])
    data = paths[0].read_bytes()
    comparison = library.compare(UploadedQuery("x.jpg", data), ["colour", "shape"], 10)
    for side, model in ((comparison.rankings[0], "colour"), (comparison.rankings[1], "shape")):
        assert side.model == model
        assert side.ids == library.search(UploadedQuery("x.jpg", data), model, 10).ids
    assert comparison.rankings[0].ids != comparison.rankings[1].ids
    shared = set(comparison.rankings[0].ids) & set(comparison.rankings[1].ids)
    assert comparison.overlap == len(shared) / 10
    fused = [hit.record.id for hit in comparison.fused]
    assert (
        comparison.rankings[0].own_copies[0].record == comparison.rankings[1].own_copies[0].record
    )
    assert len(fused) == len(set(fused)) == 10
    assert set(fused) <= set(comparison.rankings[0].ids) | set(comparison.rankings[1].ids)


def test_a_moved_archive_or_folder_is_noticed(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    library.add([tmp_path / "in"])
    assert examine(library).problems == []
    (tmp_path / "in").rename(tmp_path / "moved")
    assert len(examine(library).problems) == 3
    report = library.add([tmp_path / "moved"])
    assert (report.added, report.unchanged) == (0, 3)
    assert examine(library).problems == []


@ON_EVERY_STORE
def test_doctor_sees_and_mends(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 6})
    library.add([tmp_path / "in"])
    ids = list(library.records.ids())
    colour = library.registry.get("colour").collection
    library.vectors.delete(colour, ids[:2])
    library.thumbnail_path(ids[5]).unlink()
    library.records.remove([ids[3]])
    diagnosis = examine(library)
    assert diagnosis.models["colour"] == {"vectors": 4, "missing": 2, "orphans": 1}
    assert diagnosis.models["shape"] == {"vectors": 6, "missing": 0, "orphans": 1}
    assert len(diagnosis.problems) == 5
    mended = examine(library, repair=True)
    assert mended.problems == []
    assert mended.repaired
    assert examine(library).problems == []
    assert library.coverage() == {"colour": 6, "shape": 6}


def test_what_can_not_be_done_gets_a_sentence(library: Library, tmp_path: Path) -> None:
    path = save(tmp_path / "x.jpg", 1)
    with pytest.raises(ModelNotReady, match="colour, shape"):
        library.search(UploadedQuery("x.jpg", path.read_bytes()), "nothing", 5)
    with pytest.raises(BadImage, match=r"x\.jpg is not a picture"):
        library.search(UploadedQuery("x.jpg", b"text"), "colour", 5)
    with pytest.raises(BadSource, match="no file or folder"):
        library.add([tmp_path / "nowhere"])
