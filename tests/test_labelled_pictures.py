"""Pictures whose labels come from a file: in folders, and among uploads."""

import json
from pathlib import Path

import pytest

from searcher.datasets.label_table import Labelling, read_table
from searcher.errors import BadLabels
from searcher.images.sources import find_sources
from searcher.indexing.report import Report
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.uploads import Upload, add_uploads, count
from searcher.library.watch import Watch
from tests.pictures import encode, folder, paint, save
from tests.test_archives import archive


def index(library: Library, root: Path, labels: dict[str, str]) -> Report:
    """Index a folder with labels by the path in it."""
    path = root.parent / "labels.csv"
    path.write_text("".join(f"{name},{label}\n" for name, label in labels.items()))
    labelling = Labelling([read_table(path)])
    return library.index(labelling.label_files(find_sources([root]), [root]))


def labels(library: Library) -> dict[str, str]:
    return {record.name: record.label for record in library.records.all()}


def test_labels_of_a_file_replace_those_of_folders_and_of_earlier_runs(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 3})
    report = index(library, tmp_path / "in", {"a/a-0.jpg": "cat", "a/a-1.jpg": "dog"})
    assert (report.added, report.relabelled) == (3, 0)
    assert labels(library) == {"a-0.jpg": "cat", "a-1.jpg": "dog", "a-2.jpg": "a"}
    # A run without the file leaves them, one with other labels changes them.
    assert library.add([tmp_path / "in"]).relabelled == 0
    assert labels(library)["a-0.jpg"] == "cat"
    changed = {"a/a-0.jpg": "dog", "a/a-1.jpg": "dog", "a/a-2.jpg": "ox"}
    report = index(library, tmp_path / "in", changed)
    assert (report.added, report.unchanged, report.relabelled) == (0, 3, 2)
    assert report.embedded == {"colour": 0, "shape": 0}
    assert labels(library) == {"a-0.jpg": "dog", "a-1.jpg": "dog", "a-2.jpg": "ox"}
    assert library.records.index.labels() == {"dog": 2, "ox": 1}
    assert [record.name for record in library.browse("ox", 0)[0]] == ["a-2.jpg"]
    assert library.browse("cat", 0)[0] == []
    assert index(library, tmp_path / "in", changed).relabelled == 0
    for record in library.records.all():
        assert library.sidecars.read(record.id) == record
    assert examine(library).problems == []


def test_a_watched_folder_gets_the_labels_of_the_file(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 2})
    (tmp_path / "labels.csv").write_text("in/a/a-0.jpg,cat\n")
    watch = Watch(library, [tmp_path / "in"], Labelling([read_table(tmp_path / "labels.csv")]))
    step = watch.step()
    assert step is not None
    assert step.report.added == 2
    assert labels(library) == {"a-0.jpg": "cat", "a-1.jpg": "a"}


@pytest.mark.parametrize("prefix", ["", "set/"])
def test_uploads_get_the_labels_of_a_file_among_them(
    library: Library, tmp_path: Path, prefix: str
) -> None:
    document = {
        "images": [{"id": n, "file_name": f"val/{n}.jpg"} for n in range(2)],
        "annotations": [{"image_id": n, "category_id": n, "area": 1} for n in range(2)],
        "categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}],
    }
    members = {f"{prefix}val/{n}.jpg": encode(paint(n)) for n in range(3)}
    archive(tmp_path / "set.zip", members)
    (tmp_path / "coco").write_text(json.dumps(document))
    (tmp_path / "csv").write_text("photo.jpg,owl\n")
    uploads = [
        Upload(tmp_path / "set.zip", "set.zip"),
        Upload(tmp_path / "coco", "instances.json"),
        Upload(tmp_path / "csv", "labels.CSV"),
        Upload(save(tmp_path / "upload", 9), "photo.jpg"),
    ]
    assert count(uploads) == 4
    report = add_uploads(library, uploads, "mixed")
    assert (report.added, report.skipped) == (4, [])
    expected = {"0.jpg": "cat", "1.jpg": "dog", "2.jpg": "val", "photo.jpg": "owl"}
    assert labels(library) == expected
    # Once more with other labels, and once without: the former change them.
    (tmp_path / "csv").write_text("photo.jpg,bat\n")
    again = [uploads[3], Upload(tmp_path / "csv", "labels.csv")]
    assert add_uploads(library, again, "mixed").relabelled == 1
    assert add_uploads(library, uploads[3:], "other").relabelled == 0
    assert labels(library) == expected | {"photo.jpg": "bat"}
    assert examine(library).problems == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [("photo.jpg", "Line 1 of labels.csv is not a path"), ("a.jpg,b", "names none of these")],
)
def test_nothing_is_added_with_a_file_of_labels_that_does_not_fit(
    library: Library, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "csv").write_text(text)
    photo = Upload(save(tmp_path / "upload", 9), "photo.jpg")
    with pytest.raises(BadLabels, match=problem):
        add_uploads(library, [photo, Upload(tmp_path / "csv", "labels.csv")], "")
    assert library.records.count() == 0
    assert list(library.settings.uploads.rglob("*.jpg")) == []
