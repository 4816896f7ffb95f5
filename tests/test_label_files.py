"""Labels from COCO and CSV files: what they say, and what is wrong with malformed ones."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from searcher.datasets import json_stream
from searcher.datasets.coco import read_coco
from searcher.datasets.csv_labels import read_csv
from searcher.datasets.json_stream import BadJson, JsonStream
from searcher.datasets.label_table import Labelling, read_table
from searcher.errors import BadLabels
from searcher.images.sources import Source

CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 18, "name": "dog"}]


def thing(picture: int, category: int, **values: Any) -> dict[str, Any]:
    return {"image_id": picture, "category_id": category, **values}


def coco(annotations: Sequence[Any], **values: Any) -> dict[str, Any]:
    """COCO's document about the pictures 1.jpg to 4.jpg in a/."""
    images = [{"id": n, "file_name": f"a/{n}.jpg", "width": 9} for n in range(1, 5)]
    document = {"info": {"year": 2014}, "images": images, "annotations": list(annotations)}
    return {**document, "categories": CATEGORIES, **values}


def write(tmp_path: Path, document: object, name: str = "labels.json") -> Path:
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_the_largest_object_gives_the_label(tmp_path: Path) -> None:
    annotations = [
        thing(1, 1, area=10.5, iscrowd=0),
        thing(1, 18, area=99, iscrowd=1),
        thing(1, 1, area=12),
        thing(2, 1, bbox=[0, 0, 9, 9]),
        thing(2, 18, area=80),
        thing(3, 18, area=None, bbox=[0, 0, 3, 3]),
        thing(3, 1, area=8),
        thing(77, 1, area=1),  # of a picture that is not listed
    ]
    expected = {"a/1.jpg": "dog", "a/2.jpg": "cat", "a/3.jpg": "dog"}
    assert read_coco(write(tmp_path, coco(annotations)), "x") == expected


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "x.json is not JSON: line 1 can't be read."),
        ("[]", "x.json is not JSON: line 1 can't be read."),
        (
            '{"images": [\n{"id": 1, "file_name": "a"},\n}',
            "x.json is not JSON: line 3 can't be read.",
        ),
        ('{"images": [], "info":\n\n"x"', "x.json is not JSON: line 3 can't be read."),
        ({"images": []}, "x.json is not in COCO's format: it has no categories."),
        (coco([]), "x.json is not in COCO's format: it has no annotations."),
        (coco([thing(1, 1), {"image_id": 1}]), "entry 2 of its annotations lacks something"),
        (coco([7]), "entry 1 of its annotations lacks something"),
        (coco([thing(1, 1)], images=[{"id": 1, "file_name": 5}]), "entry 1 of its images lacks"),
        (coco([thing(1, 1)], images=[{"id": [], "file_name": "a"}]), "entry 1 of its images lacks"),
        (coco([thing(1, 4)]), "x.json has an object of the category 4, which it does not name."),
        ('{"images": ' + "[" * 100_000, "x.json is not JSON: line 1 can't be read."),
    ],
)
def test_what_is_not_coco_is_named(tmp_path: Path, document: object, problem: str) -> None:
    with pytest.raises(BadLabels) as caught:
        read_coco(write(tmp_path, document), "x.json")
    assert problem in str(caught.value)


def test_a_large_file_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As every entry is, wherever the parts are cut."""
    values = [1234, -5.5, "a\n\\u00e9", {"deep": [1, {"b": None}]}, [], True]
    text = json.dumps({"first": values, "none": [], "other": 12, "last": values}, indent=1)
    for size in (1, 2, 7, 64):
        monkeypatch.setattr(json_stream, "CHUNK", size)
        entries = list(JsonStream(io.StringIO(text)).entries())
        assert entries == [(name, value) for name in ("first", "last") for value in values]


def test_an_entry_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", 10)
    monkeypatch.setattr(json_stream, "MAX_ENTRY", 100)
    file = io.StringIO('{"a": [\n"' + "x" * 10_000)
    with pytest.raises(BadJson) as caught:
        list(JsonStream(file).entries())
    assert (caught.value.line, file.tell() < 1000) == (2, True)


@pytest.mark.parametrize(
    "text",
    [
        "a/1.jpg,cat\nb.jpg,dog\n",
        "path,label\r\na/1.jpg,cat\r\n\r\nb.jpg,dog",
        "\ufeffFile_Name;Class\na/1.jpg;cat\nb.jpg;dog\n",
        "label\tnumber\tpath\ncat\t1\ta/1.jpg\ndog\t2\tb.jpg\n,3,\n".replace(",", "\t"),
        '"a/1.jpg","cat"\n"b.jpg"," dog "\nc.jpg,\nb.jpg,dog\n',
    ],
)
def test_csv_in_its_usual_forms(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_csv(path, "x") == {"a/1.jpg": "cat", "b.jpg": "dog"}


def test_csv_quotes_commas_and_line_breaks(tmp_path: Path) -> None:
    rows = [["a, b.jpg", 'the "big" one'], ["c.jpg", "two\nlines"]]
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    assert read_csv(tmp_path / "labels.csv", "x") == dict(rows)


def test_lines_without_a_label_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("a.jpg,cat\na.jpg,\nb.jpg,\nb.jpg,dog\n")
    assert read_csv(tmp_path / "labels.csv", "x") == {"a.jpg": "cat", "b.jpg": "dog"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a.jpg\n", "Line 1 of x.csv is not a path and a label, separated by a comma."),
        ("a.jpg,b,c\n", "Line 1 of x.csv is not a path and a label, separated by a comma."),
        ("a.jpg,b\n\nc.jpg\n", "Line 3 of x.csv is not a path and a label, separated by a comma."),
        ('a.jpg,b\nc.jpg,"d" e\n', "Line 2 of x.csv is not a path and a label"),
        ('a.jpg,b\nc.jpg,"d\n', "Line 2 of x.csv is not a path and a label"),
        ("a.jpg,b\na.jpg,c\n", "Line 2 of x.csv gives a picture a second label."),
        ("path,label\n,b\n", "Line 2 of x.csv is not a path and a label"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path, text, "x.csv")
    with pytest.raises(BadLabels) as caught:
        read_csv(path, "x.csv")
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("name", ["x.csv", "x.json"])
def test_bytes_that_are_no_text_are_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b'{"images": ["\xff\xfe"')
    with pytest.raises(BadLabels) as caught:
        read_table(tmp_path / name)
    assert str(caught.value) == f"{name} is not UTF-8 text."


def labels_of(tmp_path: Path, text: str, roots: Sequence[str], *paths: str) -> list[str]:
    """The labels of files in the test's folder by `meta/labels.csv`."""
    (tmp_path / "meta").mkdir(exist_ok=True)
    table = read_table(write(tmp_path / "meta", text, "labels.csv"))
    sources = [Source(str(tmp_path / path)) for path in paths]
    labelling = Labelling([table])
    labelled = list(labelling.label_files(sources, [tmp_path / root for root in roots]))
    labelling.require_matches()
    assert labelling.count == sum(source.is_labelled for source in labelled)
    return [source.label for source in labelled]


def test_paths_are_relative_to_the_file_or_to_what_is_indexed(tmp_path: Path) -> None:
    text = "1.jpg,root\n../in/2.jpg,file\nsub/3.jpg,sub\n./4.jpg,dot\nsub\\5.jpg,slash\n"
    text += f"{tmp_path}/in/6.jpg,absolute\n"
    paths = ["in/1.jpg", "in/2.jpg", "in/sub/3.jpg", "in/4.jpg", "in/sub/5.jpg", "in/6.jpg"]
    found = labels_of(tmp_path, text, ["in"], *paths, "in/sub/1.jpg")
    assert found == ["root", "file", "sub", "dot", "slash", "absolute", "sub"]


def test_names_match_in_both_forms_of_unicode(tmp_path: Path) -> None:
    assert labels_of(tmp_path, "cafe\u0301.jpg,cup\n", ["in"], "in/caf\u00e9.jpg") == ["cup"]


def test_members_of_an_archive_and_single_files(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").touch()
    (tmp_path / "some.zip").touch()
    text = "one.jpg,single\nsub/2.jpg,member\n"
    found = labels_of(tmp_path, text, ["one.jpg", "some.zip"], "one.jpg", "some.zip/sub/2.jpg")
    assert found == ["single", "member"]


def test_a_file_that_names_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLabels) as caught:
        labels_of(tmp_path, "other.jpg,cat\n", ["in"], "in/1.jpg")
    assert str(caught.value).startswith("labels.csv names none of these pictures")


def test_a_later_table_has_precedence(tmp_path: Path) -> None:
    tables = [read_table(write(tmp_path, f"1.jpg,{n}\n", f"{n}.csv")) for n in "ab"]
    labelling = Labelling(tables)
    (source,) = labelling.label_files([Source(str(tmp_path / "1.jpg"))], [tmp_path])
    labelling.require_matches()
    assert source.label == "b"
